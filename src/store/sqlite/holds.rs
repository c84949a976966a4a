//! Taking hold of lists. SQLite has one writer at a time, who holds everything from the start.

use diesel::QueryResult;

use super::Conn;
use crate::model::ids::{AccountId, ListId};

/// Does nothing: nobody else writes meanwhile.
pub fn hold_lists(_: &mut Conn, _: &[ListId], _: &str, _: bool) -> QueryResult<()> {
    Ok(())
}

/// Does nothing: nobody else writes meanwhile.
pub fn hold_account(_: &mut Conn, _: AccountId) -> QueryResult<()> {
    Ok(())
}
