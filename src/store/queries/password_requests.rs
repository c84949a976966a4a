//! Mailed password-reset links that were not used yet.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, OperatorId};
use crate::model::time::UtcTime;
use crate::store::rows::accounts::PasswordRequestRow;
use crate::store::schema::password_requests;

/// Stores a request.
pub fn insert_password_request(conn: &mut Conn, request: &PasswordRequestRow) -> QueryResult<()> {
    diesel::insert_into(password_requests::table).values(request).execute(conn).map(drop)
}

/// The request with this token, if it has not expired at `now`.
pub fn find_password_request(
    conn: &mut Conn,
    token_hash: &str,
    now: UtcTime,
) -> QueryResult<Option<PasswordRequestRow>> {
    password_requests::table
        .filter(password_requests::token_hash.eq(token_hash))
        .filter(password_requests::expires_at.gt(now))
        .select(PasswordRequestRow::as_select())
        .get_result(conn)
        .optional()
}

/// The requests, not expired at `now`, of accounts and operators whose id has this MD5, newest first.
pub fn list_password_requests_by_md5(
    conn: &mut Conn,
    md5_of_id: &str,
    now: UtcTime,
) -> QueryResult<Vec<PasswordRequestRow>> {
    password_requests::table
        .filter(password_requests::md5_of_id.eq(md5_of_id))
        .filter(password_requests::expires_at.gt(now))
        .order(password_requests::created_at.desc())
        .select(PasswordRequestRow::as_select())
        .load(conn)
}

/// Removes every request of an account.
pub fn delete_password_requests_of_account(conn: &mut Conn, account: AccountId) -> QueryResult<()> {
    diesel::delete(password_requests::table.filter(password_requests::account_id.eq(account))).execute(conn).map(drop)
}

/// Removes every request of an operator.
pub fn delete_password_requests_of_operator(conn: &mut Conn, operator: OperatorId) -> QueryResult<()> {
    diesel::delete(password_requests::table.filter(password_requests::operator_id.eq(operator)))
        .execute(conn)
        .map(drop)
}
