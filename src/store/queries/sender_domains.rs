//! Sender domains: keys that sign, and warm-ups.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::SenderKeyId;
use crate::model::states::SenderKeyState;
use crate::model::time::UtcTime;
use crate::store::rows::sender_domains::{NewSenderKeyRow, SenderKeyRow, WarmUpRow};
use crate::store::schema::tables::{sender_keys, warm_ups};

/// Keeps a key.
pub fn insert_sender_key(conn: &mut Conn, key: &NewSenderKeyRow) -> QueryResult<SenderKeyId> {
    diesel::insert_into(sender_keys::table).values(key).returning(sender_keys::id).get_result(conn)
}

/// Every key, by domain and age.
pub fn list_sender_keys(conn: &mut Conn) -> QueryResult<Vec<SenderKeyRow>> {
    sender_keys::table.order((sender_keys::domain, sender_keys::id)).select(SenderKeyRow::as_select()).load(conn)
}

/// The keys of these domains, oldest first.
pub fn list_sender_keys_of(conn: &mut Conn, domains: &[String]) -> QueryResult<Vec<SenderKeyRow>> {
    sender_keys::table
        .filter(sender_keys::domain.eq_any(domains))
        .order(sender_keys::id)
        .select(SenderKeyRow::as_select())
        .load(conn)
}

/// Moves a key to another state.
pub fn set_sender_key_state(conn: &mut Conn, id: SenderKeyId, state: SenderKeyState, now: UtcTime) -> QueryResult<()> {
    diesel::update(sender_keys::table.filter(sender_keys::id.eq(id)))
        .set((sender_keys::state.eq(state), sender_keys::changed_at.eq(now)))
        .execute(conn)
        .map(drop)
}

/// A domain's warm-up.
pub fn find_warm_up(conn: &mut Conn, domain: &str) -> QueryResult<Option<WarmUpRow>> {
    warm_ups::table.filter(warm_ups::domain.eq(domain)).select(WarmUpRow::as_select()).get_result(conn).optional()
}

/// Begins a domain's warm-up, in place of one that it may have.
pub fn put_warm_up(conn: &mut Conn, warm_up: &WarmUpRow) -> QueryResult<()> {
    delete_warm_up(conn, &warm_up.domain)?;
    diesel::insert_into(warm_ups::table).values(warm_up).execute(conn).map(drop)
}

/// Ends a domain's warm-up.
pub fn delete_warm_up(conn: &mut Conn, domain: &str) -> QueryResult<()> {
    diesel::delete(warm_ups::table.filter(warm_ups::domain.eq(domain))).execute(conn).map(drop)
}

/// Turns a warm-up's page to this day, unless it is there or beyond.
pub fn turn_warm_up(conn: &mut Conn, domain: &str, day: i64) -> QueryResult<()> {
    diesel::update(warm_ups::table.filter(warm_ups::domain.eq(domain)).filter(warm_ups::day.lt(day)))
        .set((warm_ups::day.eq(day), warm_ups::n_taken.eq(0)))
        .execute(conn)
        .map(drop)
}

/// Takes `n` of a day's messages if that leaves no more than `cap` taken.
pub fn take_of_warm_up(conn: &mut Conn, domain: &str, n: i64, cap: i64) -> QueryResult<bool> {
    let n_rows = diesel::update(
        warm_ups::table.filter(warm_ups::domain.eq(domain)).filter(warm_ups::n_taken.le(cap.saturating_sub(n))),
    )
    .set(warm_ups::n_taken.eq(warm_ups::n_taken + n))
    .execute(conn)?;
    Ok(n_rows == 1)
}
