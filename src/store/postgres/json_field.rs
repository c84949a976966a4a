//! A member of a JSON text column, as this database spells it.

use crate::model::ids::FieldId;

/// The text of a field's value in a subscriber's `fields`, as an SQL expression; NULL when it has none.
pub fn member(column: &str, field: FieldId) -> String {
    format!("(({column})::json ->> '{field}')")
}

/// An SQL text in lower case, of all letters, compared by its bytes as on SQLite. The function is made by the migration `0010_projects`.
pub fn folded(expression: &str) -> String {
    format!("(fold_case({expression}) COLLATE \"C\")")
}

/// An SQL text as a number; NULL when it is none.
pub fn number(expression: &str) -> String {
    format!("(CASE WHEN {expression} ~ '^[+-]?[0-9]+([.][0-9]+)?$' THEN CAST({expression} AS NUMERIC) END)")
}
