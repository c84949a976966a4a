//! A member of a JSON text column, as this database spells it.

use crate::model::ids::FieldId;

/// The text of a field's value in a subscriber's `fields`, as an SQL expression; NULL when it has none.
pub fn member(column: &str, field: FieldId) -> String {
    // A member of an object is text already; the cast is for values that older rows may hold as numbers.
    format!("CAST(json_extract({column}, '$.\"{field}\"') AS TEXT)")
}
