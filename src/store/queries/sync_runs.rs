//! Lists that are filled on a schedule: which are due, who runs them, what came of it.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::ListId;
use crate::model::states::SyncPeriod;
use crate::model::time::UtcTime;
use crate::store::rows::imports::SyncSource;
use crate::store::schema::{accounts, list_syncs, lists};

/// Enabled syncs with this period that last ran before `before`, or never, and that nobody runs; the longest waiting first, at most `n`.
/// Lists and accounts that are gone or disabled are left out.
pub fn list_due_syncs(
    conn: &mut Conn,
    period: SyncPeriod,
    before: UtcTime,
    now: UtcTime,
    n: i64,
) -> QueryResult<Vec<SyncSource>> {
    let is_due = list_syncs::last_run_at.is_null().or(list_syncs::last_run_at.assume_not_null().le(before));
    let is_free = list_syncs::leased_until.is_null().or(list_syncs::leased_until.assume_not_null().le(now));
    list_syncs::table
        .inner_join(lists::table.on(lists::id.eq(list_syncs::list_id)))
        .inner_join(accounts::table.on(accounts::id.eq(lists::account_id)))
        .filter(list_syncs::is_enabled.eq(true))
        .filter(list_syncs::period.eq(period))
        .filter(is_due)
        .filter(is_free)
        .filter(lists::deleted_at.is_null())
        .filter(accounts::is_enabled.eq(true))
        .filter(accounts::deleted_at.is_null())
        .order((list_syncs::last_run_at, list_syncs::list_id))
        .limit(n)
        .select((
            list_syncs::list_id,
            lists::account_id,
            lists::name,
            accounts::email,
            list_syncs::period,
            list_syncs::mysql_host,
            list_syncs::mysql_port,
            list_syncs::mysql_username,
            list_syncs::mysql_password,
            list_syncs::mysql_database,
            list_syncs::mysql_query,
            list_syncs::field_mapping,
            list_syncs::send_report,
            list_syncs::last_run_at,
        ))
        .load(conn)
}

/// Takes a sync for one run; false when somebody else was first.
pub fn lease_sync(conn: &mut Conn, list: ListId, now: UtcTime, until: UtcTime) -> QueryResult<bool> {
    let is_free = list_syncs::leased_until.is_null().or(list_syncs::leased_until.assume_not_null().le(now));
    diesel::update(list_syncs::table.filter(list_syncs::list_id.eq(list)).filter(is_free))
        .set(list_syncs::leased_until.eq(until))
        .execute(conn)
        .map(|n| n == 1)
}

/// Writes what a run came to and gives the sync back.
pub fn end_sync(conn: &mut Conn, list: ListId, at: UtcTime, result: &str) -> QueryResult<()> {
    diesel::update(list_syncs::table.filter(list_syncs::list_id.eq(list)))
        .set((
            list_syncs::last_run_at.eq(at),
            list_syncs::leased_until.eq(None::<UtcTime>),
            list_syncs::last_result.eq(result),
        ))
        .execute(conn)
        .map(drop)
}

/// Gives a sync back that was not run to its end: it is due as before.
pub fn give_back_sync(conn: &mut Conn, list: ListId) -> QueryResult<()> {
    diesel::update(list_syncs::table.filter(list_syncs::list_id.eq(list)))
        .set(list_syncs::leased_until.eq(None::<UtcTime>))
        .execute(conn)
        .map(drop)
}
