//! Logins: opened, looked up by every call, swept when over.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, OperatorId};
use crate::model::states::SessionKind;
use crate::model::time::UtcTime;
use crate::store::rows::sessions::{AccountRights, SessionRow};
use crate::store::schema::{accounts, sessions, user_groups};

/// The session with this token hash, if it has not expired at `now`.
pub fn find_session(conn: &mut Conn, token_hash: &str, now: UtcTime) -> QueryResult<Option<SessionRow>> {
    sessions::table
        .filter(sessions::token_hash.eq(token_hash))
        .filter(sessions::expires_at.gt(now))
        .select(SessionRow::as_select())
        .get_result(conn)
        .optional()
}

/// Stores a login.
pub fn insert_session(conn: &mut Conn, session: &SessionRow) -> QueryResult<()> {
    diesel::insert_into(sessions::table).values(session).execute(conn).map(drop)
}

/// Ends one session; quiet when it is gone already.
pub fn delete_session(conn: &mut Conn, token_hash: &str) -> QueryResult<()> {
    diesel::delete(sessions::table.filter(sessions::token_hash.eq(token_hash))).execute(conn).map(drop)
}

/// Turns an operator's session into one that works as an account too.
pub fn set_session_account(
    conn: &mut Conn,
    token_hash: &str,
    account: AccountId,
    has_full_privilege: bool,
) -> QueryResult<()> {
    diesel::update(sessions::table.filter(sessions::token_hash.eq(token_hash)))
        .set((sessions::account_id.eq(account), sessions::has_full_privilege.eq(has_full_privilege)))
        .execute(conn)
        .map(drop)
}

/// Ends every session of an account, as after a password change. An operator's session that works as the account goes on as the operator's alone.
pub fn delete_sessions_of_account(conn: &mut Conn, account: AccountId) -> QueryResult<()> {
    diesel::update(
        sessions::table.filter(sessions::account_id.eq(account)).filter(sessions::kind.eq(SessionKind::Operator)),
    )
    .set((sessions::account_id.eq(None::<AccountId>), sessions::has_full_privilege.eq(false)))
    .execute(conn)?;
    diesel::delete(sessions::table.filter(sessions::account_id.eq(account))).execute(conn).map(drop)
}

/// Ends every session of an operator.
pub fn delete_sessions_of_operator(conn: &mut Conn, operator: OperatorId) -> QueryResult<()> {
    diesel::delete(sessions::table.filter(sessions::operator_id.eq(operator))).execute(conn).map(drop)
}

/// Removes expired sessions; answers how many.
pub fn delete_expired_sessions(conn: &mut Conn, now: UtcTime) -> QueryResult<usize> {
    diesel::delete(sessions::table.filter(sessions::expires_at.le(now))).execute(conn)
}

/// What an account may do: its own switch and its group's permissions and limits.
pub fn find_account_rights(conn: &mut Conn, account: AccountId) -> QueryResult<Option<AccountRights>> {
    accounts::table
        .inner_join(user_groups::table.on(user_groups::id.eq(accounts::user_group_id)))
        .filter(accounts::id.eq(account))
        .filter(accounts::deleted_at.is_null())
        .select((
            accounts::id,
            accounts::is_enabled,
            accounts::wire_options,
            accounts::time_zone,
            user_groups::permissions,
            user_groups::limit_subscribers,
            user_groups::limit_lists,
            user_groups::is_trial,
            user_groups::trial_seconds,
            accounts::created_at,
        ))
        .get_result(conn)
        .optional()
}
