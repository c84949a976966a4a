//! A member of a JSON text column, as this database spells it.

use crate::model::ids::FieldId;

/// The text of a field's value in a subscriber's `fields`, as an SQL expression; NULL when it has none.
pub fn member(column: &str, field: FieldId) -> String {
    format!("(({column})::json ->> '{field}')")
}
