//! Secrets the server made for itself.

use diesel::prelude::*;

use super::Conn;
use crate::store::schema::server_secrets;

/// The secret of this name.
pub fn find_server_secret(conn: &mut Conn, name: &str) -> QueryResult<Option<String>> {
    server_secrets::table
        .filter(server_secrets::name.eq(name))
        .select(server_secrets::value)
        .get_result(conn)
        .optional()
}

/// Keeps `value` unless the name is taken, and answers what is kept: of two nodes that start at once, both get the first one's.
pub fn keep_server_secret(conn: &mut Conn, name: &str, value: &str) -> QueryResult<String> {
    diesel::insert_into(server_secrets::table)
        .values((server_secrets::name.eq(name), server_secrets::value.eq(value)))
        .on_conflict_do_nothing()
        .execute(conn)?;
    server_secrets::table.filter(server_secrets::name.eq(name)).select(server_secrets::value).get_result(conn)
}
