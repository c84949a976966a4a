//! Sender domains: keys that sign, and warm-ups.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::SenderKeyId;
use crate::model::states::SenderKeyState;
use crate::model::time::UtcTime;
use crate::store::rows::sender_domains::{NewSenderKeyRow, SenderKeyRow, WarmUpCountRow, WarmUpRow};
use crate::store::schema::tables::{sender_keys, warm_up_counts, warm_ups};

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
    diesel::delete(warm_up_counts::table.filter(warm_up_counts::domain.eq(domain))).execute(conn)?;
    diesel::delete(warm_ups::table.filter(warm_ups::domain.eq(domain))).execute(conn).map(drop)
}

/// Whether any domain has a warm-up.
pub fn is_any_warm_up(conn: &mut Conn) -> QueryResult<bool> {
    warm_ups::table.select(warm_ups::domain).limit(1).get_result::<String>(conn).optional().map(|found| found.is_some())
}

/// What a domain in its warm-up has sent to a group of destinations.
pub fn find_warm_up_count(conn: &mut Conn, domain: &str, destination: &str) -> QueryResult<Option<WarmUpCountRow>> {
    warm_up_counts::table.find((domain, destination)).select(WarmUpCountRow::as_select()).get_result(conn).optional()
}

/// Begins to count, unless somebody else has.
pub fn begin_warm_up_count(conn: &mut Conn, count: &WarmUpCountRow) -> QueryResult<()> {
    diesel::insert_into(warm_up_counts::table).values(count).on_conflict_do_nothing().execute(conn).map(drop)
}

/// Turns a page from one day to a later one, with so many more days held, unless somebody else has.
pub fn turn_warm_up(conn: &mut Conn, was: &WarmUpCountRow, day: i64, n_more_held: i64) -> QueryResult<()> {
    diesel::update(warm_up_counts::table.find((&was.domain, &was.destination)).filter(warm_up_counts::day.eq(was.day)))
        .set((
            warm_up_counts::day.eq(day),
            warm_up_counts::n_taken.eq(0),
            warm_up_counts::n_bounced.eq(0),
            warm_up_counts::n_complained.eq(0),
            warm_up_counts::n_held.eq(warm_up_counts::n_held + n_more_held),
        ))
        .execute(conn)
        .map(drop)
}

/// Takes `n` of a day's messages if that leaves no more than `cap` taken.
pub fn take_of_warm_up(conn: &mut Conn, domain: &str, destination: &str, n: i64, cap: i64) -> QueryResult<bool> {
    let n_rows =
        diesel::update(warm_up_counts::table.find((domain, destination)).filter(warm_up_counts::n_taken.le(cap.saturating_sub(n))))
            .set(warm_up_counts::n_taken.eq(warm_up_counts::n_taken + n))
            .execute(conn)?;
    Ok(n_rows == 1)
}

/// Counts what came back.
pub fn add_to_warm_up(
    conn: &mut Conn,
    domain: &str,
    destination: &str,
    n_bounced: i64,
    n_complained: i64,
) -> QueryResult<()> {
    diesel::update(warm_up_counts::table.find((domain, destination)))
        .set((
            warm_up_counts::n_bounced.eq(warm_up_counts::n_bounced + n_bounced),
            warm_up_counts::n_complained.eq(warm_up_counts::n_complained + n_complained),
        ))
        .execute(conn)
        .map(drop)
}
