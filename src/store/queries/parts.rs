//! Parts of a transaction that can be undone by themselves: one record of many that a call sends.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::Conn;

/// Opens a part.
pub fn begin_record(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("SAVEPOINT record")
}

/// Keeps what the part did.
pub fn keep_record(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("RELEASE record")
}

/// Undoes what the part did.
pub fn undo_record(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("ROLLBACK TO record; RELEASE record")
}
