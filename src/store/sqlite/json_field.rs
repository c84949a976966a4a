//! A member of a JSON text column, as this database spells it.

use crate::model::ids::FieldId;

/// The text of a field's value in a subscriber's `fields`, as an SQL expression; NULL when it has none.
pub fn member(column: &str, field: FieldId) -> String {
    // A member of an object is text already; the cast is for values that older rows may hold as numbers.
    format!("CAST(json_extract({column}, '$.\"{field}\"') AS TEXT)")
}

/// An SQL text in lower case, of all letters: SQLite's own `lower` knows only ASCII's. See [`register`].
pub fn folded(expression: &str) -> String {
    format!("fold_case({expression})")
}

/// An SQL text as a number; NULL when it is none.
pub fn number(expression: &str) -> String {
    format!(
        "(CASE WHEN {expression} GLOB '*[0-9]*' AND NOT {expression} GLOB '*[^0-9.+-]*' \
         THEN CAST({expression} AS NUMERIC) END)"
    )
}

diesel::define_sql_function! {
    /// Lower case, as the program's own comparisons have it.
    fn fold_case(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// Makes [`folded`] known to a connection.
pub fn register(conn: &mut super::Conn) -> diesel::QueryResult<()> {
    fold_case_utils::register_impl(conn, |text: String| text.to_lowercase())
}
