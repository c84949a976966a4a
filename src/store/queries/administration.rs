//! What the command line asks of accounts, operators and their keys.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, CredentialId, OperatorId};
use crate::model::time::UtcTime;
use crate::store::rows::accounts::{AccountRow, CredentialRow, OperatorRow};
use crate::store::schema::{accounts, credentials, operators};

/// The `n` accounts that follow the id `after`, in the order of their ids.
pub fn list_accounts_after(conn: &mut Conn, after: AccountId, n: i64) -> QueryResult<Vec<AccountRow>> {
    accounts::table
        .filter(accounts::id.gt(after))
        .filter(accounts::deleted_at.is_null())
        .order(accounts::id)
        .limit(n)
        .select(AccountRow::as_select())
        .load(conn)
}

/// Lets an account work, or not.
pub fn set_account_enabled(conn: &mut Conn, id: AccountId, is_enabled: bool) -> QueryResult<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(id)))
        .set(accounts::is_enabled.eq(is_enabled))
        .execute(conn)
        .map(drop)
}

/// Replaces an account's own wire choices, `name=value` lines.
pub fn set_account_wire_options(conn: &mut Conn, id: AccountId, lines: &str) -> QueryResult<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(id)))
        .set(accounts::wire_options.eq(lines))
        .execute(conn)
        .map(drop)
}

/// Every operator, in the order of their ids; they are few.
pub fn list_operators(conn: &mut Conn) -> QueryResult<Vec<OperatorRow>> {
    operators::table.order(operators::id).select(OperatorRow::as_select()).load(conn)
}

/// Lets an operator work, or not.
pub fn set_operator_enabled(conn: &mut Conn, id: OperatorId, is_enabled: bool) -> QueryResult<()> {
    diesel::update(operators::table.filter(operators::id.eq(id)))
        .set(operators::is_enabled.eq(is_enabled))
        .execute(conn)
        .map(drop)
}

/// The key with this id, whatever its state.
pub fn find_credential_by_id(conn: &mut Conn, id: CredentialId) -> QueryResult<Option<CredentialRow>> {
    credentials::table.filter(credentials::id.eq(id)).select(CredentialRow::as_select()).get_result(conn).optional()
}

/// Every key of an account, oldest first.
pub fn list_credentials_of_account(conn: &mut Conn, account: AccountId) -> QueryResult<Vec<CredentialRow>> {
    credentials::table
        .filter(credentials::account_id.eq(account))
        .order(credentials::id)
        .select(CredentialRow::as_select())
        .load(conn)
}

/// Every key of an operator, oldest first.
pub fn list_credentials_of_operator(conn: &mut Conn, operator: OperatorId) -> QueryResult<Vec<CredentialRow>> {
    credentials::table
        .filter(credentials::operator_id.eq(operator))
        .order(credentials::id)
        .select(CredentialRow::as_select())
        .load(conn)
}

/// Ends a key at `at`; one that ended earlier keeps its moment.
pub fn disable_credential(conn: &mut Conn, id: CredentialId, at: UtcTime) -> QueryResult<()> {
    diesel::update(credentials::table.filter(credentials::id.eq(id)).filter(credentials::disabled_at.is_null()))
        .set(credentials::disabled_at.eq(at))
        .execute(conn)
        .map(drop)
}
