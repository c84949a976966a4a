//! Wrong passwords, counted so that guessing is slowed.

use diesel::prelude::*;

use super::Conn;
use crate::model::time::UtcTime;
use crate::store::schema::login_failures;

/// How often this key failed and when last, unless that is older than `since`.
pub fn find_login_failures(conn: &mut Conn, key_hash: &str, since: UtcTime) -> QueryResult<Option<(i64, UtcTime)>> {
    login_failures::table
        .filter(login_failures::key_hash.eq(key_hash))
        .filter(login_failures::last_failed_at.ge(since))
        .select((login_failures::n_failures, login_failures::last_failed_at))
        .get_result(conn)
        .optional()
}

/// Counts one more failure of this key; failures older than `since` no longer count.
pub fn count_login_failure(conn: &mut Conn, key_hash: &str, now: UtcTime, since: UtcTime) -> QueryResult<()> {
    let old = login_failures::table
        .filter(login_failures::key_hash.eq(key_hash))
        .filter(login_failures::last_failed_at.lt(since));
    diesel::update(old).set(login_failures::n_failures.eq(0)).execute(conn)?;
    diesel::insert_into(login_failures::table)
        .values((
            login_failures::key_hash.eq(key_hash),
            login_failures::n_failures.eq(1),
            login_failures::last_failed_at.eq(now),
        ))
        .on_conflict(login_failures::key_hash)
        .do_update()
        .set((
            login_failures::n_failures.eq(login_failures::n_failures + 1),
            login_failures::last_failed_at.eq(now),
        ))
        .execute(conn)
        .map(drop)
}

/// Forgets the failures of this key.
pub fn delete_login_failures(conn: &mut Conn, key_hash: &str) -> QueryResult<()> {
    diesel::delete(login_failures::table.filter(login_failures::key_hash.eq(key_hash))).execute(conn).map(drop)
}

/// Removes up to `n` rows whose last failure is before `since`; answers how many.
pub fn sweep_login_failures(conn: &mut Conn, since: UtcTime, n: i64) -> QueryResult<usize> {
    let old: Vec<String> = login_failures::table
        .filter(login_failures::last_failed_at.lt(since))
        .order(login_failures::last_failed_at)
        .select(login_failures::key_hash)
        .limit(n)
        .load(conn)?;
    diesel::delete(
        login_failures::table
            .filter(login_failures::key_hash.eq_any(old))
            .filter(login_failures::last_failed_at.lt(since)),
    )
    .execute(conn)
}
