//! Marks in the sorted shelves of large lists, so that a page far in is found without walking over everything before it.
//!
//! A shelf has marks from its first far page on. Whoever changes a subscriber has locked the list's totals before it asks whether there are marks,
//! and so has whoever makes them: neither misses the other.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, SmallInt, Text};

use super::rosters::Walk;
use super::{Conn, shelves};
use crate::model::ids::{ListId, SubscriberNumber};
use crate::model::time::UtcTime;
use crate::store::cached::cached;
use crate::store::rows::rosters::shelf_of;
use crate::store::rows::subscribers::SubscriberRow;
use crate::store::schema::{list_totals, roster_marks, subscribers};

/// Subscribers between two new marks.
const SPACING: i64 = 1_024;
/// A mark with more is split.
const SPLIT_ABOVE: i64 = 2 * SPACING;

/// Marks of the address order.
pub const BY_EMAIL: i16 = 1;
/// Marks of the date order.
pub const BY_DATE: i16 = 2;

/// The key of a subscriber in the date order, as text that sorts like the numbers.
#[must_use]
pub fn date_key(at: UtcTime, number: SubscriberNumber) -> String {
    let shifted = i128::from(at.0) - i128::from(i64::MIN);
    format!("{shifted:020}:{:019}", number.0)
}

/// What [`date_key`] was made of; the beginning for the empty key.
#[must_use]
pub fn from_date_key(key: &str) -> (UtcTime, SubscriberNumber) {
    let parsed = key.split_once(':').and_then(|(at, number)| {
        let at = i64::try_from(at.parse::<i128>().ok()? + i128::from(i64::MIN)).ok()?;
        Some((UtcTime(at), SubscriberNumber(number.parse().ok()?)))
    });
    parsed.unwrap_or((UtcTime(i64::MIN), SubscriberNumber(0)))
}

/// The marks of a shelf in one order: first key and how many stand from it on.
pub fn list_marks(conn: &mut Conn, list: ListId, shelf: i16, sort: i16) -> QueryResult<Vec<(String, i64)>> {
    roster_marks::table
        .filter(roster_marks::list_id.eq(list))
        .filter(roster_marks::shelf.eq(shelf))
        .filter(roster_marks::sort.eq(sort))
        .order(roster_marks::from_key)
        .select((roster_marks::from_key, roster_marks::n))
        .load(conn)
}

/// Makes the marks of a shelf anew.
pub fn build_marks(conn: &mut Conn, list: ListId, shelf: i16, sort: i16) -> QueryResult<()> {
    lock_totals(conn, list)?;
    diesel::delete(
        roster_marks::table
            .filter(roster_marks::list_id.eq(list))
            .filter(roster_marks::shelf.eq(shelf))
            .filter(roster_marks::sort.eq(sort)),
    )
    .execute(conn)?;
    let mut from_key = String::new();
    loop {
        let next = key_after(conn, list, shelf, sort, &from_key, SPACING)?;
        let n = if next.is_some() { SPACING } else { count_from(conn, list, shelf, sort, &from_key)? };
        insert_mark(conn, list, shelf, sort, &from_key, n)?;
        match next {
            Some(next) => from_key = next,
            None => return Ok(()),
        }
    }
}

/// Forgets every mark of a list, as after an import.
pub fn drop_marks(conn: &mut Conn, list: ListId) -> QueryResult<()> {
    diesel::delete(roster_marks::table.filter(roster_marks::list_id.eq(list))).execute(conn).map(drop)
}

/// Keeps the marks in step with a subscriber that came, went or changed. To be called with the list's totals locked.
pub(super) fn follow(
    conn: &mut Conn,
    before: Option<&SubscriberRow>,
    after: Option<&SubscriberRow>,
) -> QueryResult<()> {
    if before.map(place) == after.map(place) {
        return Ok(());
    }
    let mut full = Vec::new();
    for (row, n) in [(before, -1), (after, 1)] {
        if let Some(row) = row {
            count_at(conn, row, n, &mut full)?;
        }
    }
    split_full(conn, &full)
}

/// Keeps the marks in step with subscribers that came together and are all there already. To be called with the lists' totals locked.
pub(super) fn follow_all(conn: &mut Conn, rows: &[SubscriberRow]) -> QueryResult<()> {
    let mut full = Vec::new();
    for row in rows {
        count_at(conn, row, 1, &mut full)?;
    }
    split_full(conn, &full)
}

/// Where a subscriber stands: shelf, key by address, key by date.
fn place(row: &SubscriberRow) -> (i16, String, String) {
    (shelf_of(row.roster), row.email_key.clone(), date_key(row.subscribed_at, row.number))
}

/// A mark by list, shelf, sort and first key.
type MarkKey = (ListId, i16, i16, String);

/// Counts a subscriber at its marks in both orders, and notes marks that hold too many.
fn count_at(conn: &mut Conn, row: &SubscriberRow, n: i64, full: &mut Vec<MarkKey>) -> QueryResult<()> {
    let (shelf, email, date) = place(row);
    for (sort, key) in [(BY_EMAIL, &email), (BY_DATE, &date)] {
        if let Some(from_key) = shift(conn, row.list_id, shelf, sort, key, n)? {
            let mark = (row.list_id, shelf, sort, from_key);
            if !full.contains(&mark) {
                full.push(mark);
            }
        }
    }
    Ok(())
}

/// Splits marks that hold too many: only once everybody is counted, because where the middle is, is read from the subscribers themselves.
fn split_full(conn: &mut Conn, full: &[MarkKey]) -> QueryResult<()> {
    full.iter().try_for_each(|mark| split(conn, mark))
}

/// Whether a list has marks at all.
pub(super) fn has_marks(conn: &mut Conn, list: ListId) -> QueryResult<bool> {
    let first: Option<i64> = roster_marks::table
        .filter(roster_marks::list_id.eq(list))
        .select(diesel::dsl::max(roster_marks::n))
        .group_by(roster_marks::list_id)
        .get_result(conn)
        .optional()?
        .flatten();
    Ok(first.is_some())
}

/// The last number that a list gave out.
pub(super) fn last_number(conn: &mut Conn, list: ListId) -> QueryResult<i64> {
    let last: Option<i64> = list_totals::table
        .filter(list_totals::list_id.eq(list))
        .select(list_totals::last_number)
        .get_result(conn)
        .optional()?;
    Ok(last.unwrap_or_default())
}

/// Takes the lock that every change of a subscriber takes first.
pub(super) fn lock_totals(conn: &mut Conn, list: ListId) -> QueryResult<()> {
    let update = diesel::update(list_totals::table.filter(list_totals::list_id.eq(list)))
        .set(list_totals::last_number.eq(list_totals::last_number));
    cached!(update).run(conn)
}

#[derive(QueryableByName)]
struct Shifted {
    #[diesel(sql_type = Text)]
    from_key: String,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Raw because the row to change is found by a sub-select on the same table, which Diesel's update cannot say.
const SHIFT: &str = "UPDATE roster_marks SET n = n + $1 WHERE list_id = $2 AND shelf = $3 AND sort = $4 AND from_key = \
    (SELECT max(m.from_key) FROM roster_marks m WHERE m.list_id = $2 AND m.shelf = $3 AND m.sort = $4 AND m.from_key <= $5) \
    RETURNING from_key, n";

/// Counts at one mark; answers its first key when it holds too many.
fn shift(conn: &mut Conn, list: ListId, shelf: i16, sort: i16, key: &str, n: i64) -> QueryResult<Option<String>> {
    let shift = diesel::sql_query(SHIFT)
        .bind::<BigInt, _>(n)
        .bind::<BigInt, _>(list.0)
        .bind::<SmallInt, _>(shelf)
        .bind::<SmallInt, _>(sort)
        .bind::<Text, _>(key);
    let shifted: Vec<Shifted> = cached!(shift).load(conn)?;
    Ok(shifted.into_iter().find(|mark| mark.n > SPLIT_ABOVE).map(|mark| mark.from_key))
}

fn split(conn: &mut Conn, (list, shelf, sort, from_key): &MarkKey) -> QueryResult<()> {
    let mark = roster_marks::table.find((list, shelf, sort, from_key));
    let n: i64 = mark.select(roster_marks::n).get_result(conn)?;
    let half = n / 2;
    let Some(middle) = key_after(conn, *list, *shelf, *sort, from_key, half)? else { return Ok(()) };
    diesel::update(mark).set(roster_marks::n.eq(half)).execute(conn)?;
    insert_mark(conn, *list, *shelf, *sort, &middle, n - half)
}

fn insert_mark(conn: &mut Conn, list: ListId, shelf: i16, sort: i16, key: &str, n: i64) -> QueryResult<()> {
    diesel::insert_into(roster_marks::table)
        .values((
            roster_marks::list_id.eq(list),
            roster_marks::shelf.eq(shelf),
            roster_marks::sort.eq(sort),
            roster_marks::from_key.eq(key),
            roster_marks::n.eq(n),
        ))
        .execute(conn)
        .map(drop)
}

/// How the marks' subscribers are gone over.
const fn walk(sort: i16) -> Walk {
    if sort == BY_EMAIL { Walk::ByAddress } else { Walk::Otherwise }
}

/// The key that stands `n` places behind the first one not below `from`.
fn key_after(
    conn: &mut Conn,
    list: ListId,
    shelf: i16,
    sort: i16,
    from: &str,
    n: i64,
) -> QueryResult<Option<String>> {
    let shelved = subscribers::table
        .filter(subscribers::list_id.eq(list))
        .filter(shelves::on_shelf(shelf, walk(sort)))
        .offset(n)
        .limit(1);
    if sort == BY_EMAIL {
        let query = shelved.filter(subscribers::email_key.ge(from)).order(subscribers::email_key);
        return query.select(subscribers::email_key).get_result(conn).optional();
    }
    let (at, number) = from_date_key(from);
    let found: Option<(UtcTime, SubscriberNumber)> = shelved
        .filter(super::rosters::not_before(at, number))
        .order((subscribers::subscribed_at, subscribers::number))
        .select((subscribers::subscribed_at, subscribers::number))
        .get_result(conn)
        .optional()?;
    Ok(found.map(|(at, number)| date_key(at, number)))
}

fn count_from(conn: &mut Conn, list: ListId, shelf: i16, sort: i16, from: &str) -> QueryResult<i64> {
    let on_shelf = shelves::on_shelf(shelf, walk(sort));
    let shelved = subscribers::table.filter(subscribers::list_id.eq(list)).filter(on_shelf).count();
    if sort == BY_EMAIL {
        return shelved.filter(subscribers::email_key.ge(from)).get_result(conn);
    }
    let (at, number) = from_date_key(from);
    shelved.filter(super::rosters::not_before(at, number)).get_result(conn)
}
