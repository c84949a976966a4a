//! Operators, accounts and their keys.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, CredentialId, OperatorId};
use crate::model::time::UtcTime;
use crate::store::rows::accounts::{
    AccountProfile, AccountRow, CredentialRow, NewAccount, NewCredential, NewOperator, OperatorRow,
};
use crate::store::schema::projects::{key_calls, key_terms};
use crate::store::schema::{account_profiles, accounts, credentials, operators};

/// The account whose user name or address, in lower case, is `key`; a user name wins over another account's address.
pub fn find_account_by_login(conn: &mut Conn, key: &str) -> QueryResult<Option<AccountRow>> {
    match find_account_by_username(conn, key)? {
        Some(account) => Ok(Some(account)),
        None => find_account_by_email(conn, key),
    }
}

/// The account with this user name in lower case.
pub fn find_account_by_username(conn: &mut Conn, key: &str) -> QueryResult<Option<AccountRow>> {
    accounts::table
        .filter(accounts::username_key.eq(key))
        .filter(accounts::deleted_at.is_null())
        .select(AccountRow::as_select())
        .get_result(conn)
        .optional()
}

/// The account with this address in lower case.
pub fn find_account_by_email(conn: &mut Conn, key: &str) -> QueryResult<Option<AccountRow>> {
    accounts::table
        .filter(accounts::email_key.eq(key))
        .filter(accounts::deleted_at.is_null())
        .select(AccountRow::as_select())
        .get_result(conn)
        .optional()
}

/// The account with this id.
pub fn find_account(conn: &mut Conn, id: AccountId) -> QueryResult<Option<AccountRow>> {
    accounts::table
        .filter(accounts::id.eq(id))
        .filter(accounts::deleted_at.is_null())
        .select(AccountRow::as_select())
        .get_result(conn)
        .optional()
}

/// Makes an account with its profile; a taken user name or address is a unique violation.
pub fn insert_account(conn: &mut Conn, account: &NewAccount, profile: &AccountProfile) -> QueryResult<AccountId> {
    let id: AccountId =
        diesel::insert_into(accounts::table).values(account).returning(accounts::id).get_result(conn)?;
    diesel::insert_into(account_profiles::table)
        .values((account_profiles::account_id.eq(id), profile))
        .execute(conn)?;
    Ok(id)
}

/// Replaces a password hash.
pub fn set_account_password(conn: &mut Conn, id: AccountId, hash: &str) -> QueryResult<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(id)))
        .set(accounts::password_hash.eq(hash))
        .execute(conn)
        .map(drop)
}

/// What is only shown of an account.
pub fn find_account_profile(conn: &mut Conn, id: AccountId) -> QueryResult<Option<AccountProfile>> {
    account_profiles::table
        .filter(account_profiles::account_id.eq(id))
        .select(AccountProfile::as_select())
        .get_result(conn)
        .optional()
}

/// Replaces an account's columns and its profile; a taken user name or address is a unique violation.
pub fn update_account(
    conn: &mut Conn,
    id: AccountId,
    account: &NewAccount,
    profile: &AccountProfile,
) -> QueryResult<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(id))).set(account).execute(conn)?;
    diesel::update(account_profiles::table.filter(account_profiles::account_id.eq(id)))
        .set(profile)
        .execute(conn)
        .map(drop)
}

/// Makes an account invisible and unable to log in, and frees its user name and address; the purge job removes what it holds.
/// The keys it gets instead hold a line break, which no user name or address does.
pub fn mark_account_deleted(conn: &mut Conn, id: AccountId, at: UtcTime) -> QueryResult<bool> {
    let freed = format!("deleted\n{id}");
    diesel::update(accounts::table.filter(accounts::id.eq(id)).filter(accounts::deleted_at.is_null()))
        .set((
            accounts::username_key.eq(&freed),
            accounts::email_key.eq(&freed),
            accounts::is_enabled.eq(false),
            accounts::deleted_at.eq(at),
        ))
        .execute(conn)
        .map(|n| n == 1)
}

/// Notes that the account was used.
pub fn set_account_activity(conn: &mut Conn, id: AccountId, at: UtcTime) -> QueryResult<()> {
    diesel::update(accounts::table.filter(accounts::id.eq(id)))
        .set(accounts::last_activity_at.eq(at))
        .execute(conn)
        .map(drop)
}

/// How many accounts there are.
pub fn count_accounts(conn: &mut Conn) -> QueryResult<i64> {
    accounts::table.filter(accounts::deleted_at.is_null()).count().get_result(conn)
}

/// The operator whose user name or address, in lower case, is `key`.
pub fn find_operator_by_login(conn: &mut Conn, key: &str) -> QueryResult<Option<OperatorRow>> {
    operators::table
        .filter(operators::username_key.eq(key).or(operators::email_key.eq(key)))
        .select(OperatorRow::as_select())
        .order(operators::id)
        .load(conn)
        .map(|rows| rows.into_iter().next())
}

/// The operator with this address in lower case.
pub fn find_operator_by_email(conn: &mut Conn, key: &str) -> QueryResult<Option<OperatorRow>> {
    operators::table.filter(operators::email_key.eq(key)).select(OperatorRow::as_select()).get_result(conn).optional()
}

/// The operator with this id.
pub fn find_operator(conn: &mut Conn, id: OperatorId) -> QueryResult<Option<OperatorRow>> {
    operators::table.filter(operators::id.eq(id)).select(OperatorRow::as_select()).get_result(conn).optional()
}

/// Makes an operator; a taken user name or address is a unique violation.
pub fn insert_operator(conn: &mut Conn, operator: &NewOperator) -> QueryResult<OperatorId> {
    diesel::insert_into(operators::table).values(operator).returning(operators::id).get_result(conn)
}

/// Replaces an operator's columns.
pub fn update_operator(conn: &mut Conn, id: OperatorId, operator: &NewOperator) -> QueryResult<()> {
    diesel::update(operators::table.filter(operators::id.eq(id))).set(operator).execute(conn).map(drop)
}

/// Replaces an operator's password hash.
pub fn set_operator_password(conn: &mut Conn, id: OperatorId, hash: &str) -> QueryResult<()> {
    diesel::update(operators::table.filter(operators::id.eq(id)))
        .set(operators::password_hash.eq(hash))
        .execute(conn)
        .map(drop)
}

/// How many operators there are.
pub fn count_operators(conn: &mut Conn) -> QueryResult<i64> {
    operators::table.count().get_result(conn)
}

/// The key with this SHA-256, whatever its state.
pub fn find_credential(conn: &mut Conn, key_hash: &str) -> QueryResult<Option<CredentialRow>> {
    credentials::table
        .filter(credentials::key_hash.eq(key_hash))
        .select(CredentialRow::as_select())
        .get_result(conn)
        .optional()
}

/// Stores a key.
pub fn insert_credential(conn: &mut Conn, credential: &NewCredential) -> QueryResult<CredentialId> {
    diesel::insert_into(credentials::table).values(credential).returning(credentials::id).get_result(conn)
}

/// Removes every key of an account.
pub fn delete_credentials_of_account(conn: &mut Conn, account: AccountId) -> QueryResult<()> {
    let keys: Vec<CredentialId> =
        credentials::table.filter(credentials::account_id.eq(account)).select(credentials::id).load(conn)?;
    diesel::delete(key_terms::table.filter(key_terms::credential_id.eq_any(&keys))).execute(conn)?;
    diesel::delete(key_calls::table.filter(key_calls::credential_id.eq_any(&keys))).execute(conn)?;
    diesel::delete(credentials::table.filter(credentials::id.eq_any(&keys))).execute(conn).map(drop)
}

/// Removes the keys of an account with this note.
pub fn delete_noted_credentials(conn: &mut Conn, account: AccountId, note: &str) -> QueryResult<()> {
    diesel::delete(credentials::table.filter(credentials::account_id.eq(account)).filter(credentials::note.eq(note)))
        .execute(conn)
        .map(drop)
}
