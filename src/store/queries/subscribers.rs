//! Subscribers one at a time: found, added, changed, always in step with the totals of their list.

use diesel::prelude::*;

use super::{Conn, purges, roster_marks, rosters};
use crate::store::cached::cached;
use crate::model::ids::{AccountId, ListId, SubscriberNumber};
use crate::model::states::Roster;
use crate::model::time::UtcTime;
use crate::store::rows::lists::ListTotals;
use crate::store::rows::subscribers::{ConsentEntry, SubscriberRow};
use crate::store::schema::{consent_log, list_totals, lists, subscribers};

/// The subscriber of a list with this address key.
pub fn find_subscriber_by_email(conn: &mut Conn, list: ListId, key: &str) -> QueryResult<Option<SubscriberRow>> {
    subscribers::table
        .filter(subscribers::list_id.eq(list))
        .filter(subscribers::email_key.eq(key))
        .select(SubscriberRow::as_select())
        .get_result(conn)
        .optional()
}

/// The subscriber of a list with this number.
pub fn find_subscriber(
    conn: &mut Conn,
    list: ListId,
    number: SubscriberNumber,
) -> QueryResult<Option<SubscriberRow>> {
    subscribers::table
        .filter(subscribers::list_id.eq(list))
        .filter(subscribers::number.eq(number))
        .select(SubscriberRow::as_select())
        .get_result(conn)
        .optional()
}

/// The subscribers of a list with these numbers, in no order.
pub fn list_subscribers_numbered(
    conn: &mut Conn,
    list: ListId,
    numbers: &[SubscriberNumber],
) -> QueryResult<Vec<SubscriberRow>> {
    subscribers::table
        .filter(subscribers::list_id.eq(list))
        .filter(subscribers::number.eq_any(numbers))
        .select(SubscriberRow::as_select())
        .load(conn)
}

/// Gives out the next number of a list and counts one more subscriber in `roster`.
pub fn take_number(conn: &mut Conn, list: ListId, roster: Roster, at: UtcTime) -> QueryResult<SubscriberNumber> {
    let one = |of: Roster| i64::from(of == roster);
    let update = diesel::update(list_totals::table.filter(list_totals::list_id.eq(list)))
        .set((
            list_totals::last_number.eq(list_totals::last_number + 1),
            list_totals::n_active.eq(list_totals::n_active + one(Roster::Active)),
            list_totals::n_soft.eq(list_totals::n_soft + one(Roster::ActiveSoft)),
            list_totals::n_hard.eq(list_totals::n_hard + one(Roster::Hard)),
            list_totals::n_suppressed.eq(list_totals::n_suppressed + one(Roster::Suppressed)),
            list_totals::n_pending.eq(list_totals::n_pending + one(Roster::Pending)),
            list_totals::n_unsubscribed.eq(list_totals::n_unsubscribed + one(Roster::Unsubscribed)),
            list_totals::n_leaving.eq(list_totals::n_leaving + one(Roster::Leaving)),
            list_totals::last_activity_at.eq(at),
        ))
        .returning(list_totals::last_number);
    cached!(update).get_result(conn).map(SubscriberNumber)
}

/// Adds a subscriber whose number was taken before.
pub fn insert_subscriber(conn: &mut Conn, row: &SubscriberRow) -> QueryResult<()> {
    diesel::insert_into(subscribers::table).values(row).execute(conn)?;
    // A list that never gave out as many numbers has no far pages and so no marks.
    if row.number.0 > rosters::FAR && roster_marks::has_marks(conn, row.list_id)? {
        roster_marks::follow(conn, None, Some(row))?;
    }
    Ok(())
}

/// Adds subscribers that joined one list at once, with their entries in the consent log: subscribed and opted in at the same moment, without values,
/// bounces or suppression. Their numbers were taken before.
pub fn insert_joined(conn: &mut Conn, rows: &[SubscriberRow], entries: &[ConsentEntry]) -> QueryResult<()> {
    super::bulk::insert_joined(conn, rows)?;
    super::bulk::insert_consents(conn, entries)?;
    if let Some(row) = rows.iter().find(|row| row.number.0 > rosters::FAR)
        && roster_marks::has_marks(conn, row.list_id)?
    {
        roster_marks::follow_all(conn, rows)?;
    }
    Ok(())
}

/// Counts `n` subscribers in or, when negative, out of a roster.
pub fn count_in_roster(conn: &mut Conn, list: ListId, roster: Roster, n: i64, at: UtcTime) -> QueryResult<()> {
    let some = |of: Roster| if of == roster { n } else { 0 };
    let update = diesel::update(list_totals::table.filter(list_totals::list_id.eq(list)))
        .set((
            list_totals::n_active.eq(list_totals::n_active + some(Roster::Active)),
            list_totals::n_soft.eq(list_totals::n_soft + some(Roster::ActiveSoft)),
            list_totals::n_hard.eq(list_totals::n_hard + some(Roster::Hard)),
            list_totals::n_suppressed.eq(list_totals::n_suppressed + some(Roster::Suppressed)),
            list_totals::n_pending.eq(list_totals::n_pending + some(Roster::Pending)),
            list_totals::n_unsubscribed.eq(list_totals::n_unsubscribed + some(Roster::Unsubscribed)),
            list_totals::n_leaving.eq(list_totals::n_leaving + some(Roster::Leaving)),
            list_totals::last_activity_at.eq(at),
        ));
    cached!(update).run(conn)
}

/// Replaces what may change of a subscriber; `was` is the roster it stood in, so that the totals follow.
pub fn update_subscriber(conn: &mut Conn, row: &SubscriberRow, was: Roster, at: UtcTime) -> QueryResult<()> {
    roster_marks::lock_totals(conn, row.list_id)?;
    let before = if roster_marks::has_marks(conn, row.list_id)? {
        find_subscriber(conn, row.list_id, row.number)?
    } else {
        None
    };
    let update = diesel::update(
        subscribers::table
            .filter(subscribers::list_id.eq(row.list_id))
            .filter(subscribers::number.eq(row.number)),
    )
    .set((
        (
            subscribers::email.eq(&row.email),
            subscribers::email_key.eq(&row.email_key),
            subscribers::status.eq(row.status),
            subscribers::bounce.eq(row.bounce),
            subscribers::is_suppressed.eq(row.is_suppressed),
            subscribers::roster.eq(row.roster),
            subscribers::fields.eq(&row.fields),
            subscribers::subscribed_at.eq(row.subscribed_at),
        ),
        (
            subscribers::subscribed_ip.eq(&row.subscribed_ip),
            subscribers::opted_in_at.eq(row.opted_in_at),
            subscribers::unsubscribed_at.eq(row.unsubscribed_at),
            subscribers::unsubscribed_ip.eq(&row.unsubscribed_ip),
            subscribers::request_sent_at.eq(row.request_sent_at),
            subscribers::source.eq(row.source),
            subscribers::source_ref.eq(&row.source_ref),
            subscribers::import_id.eq(row.import_id),
        ),
    ));
    cached!(update).run(conn)?;
    if was != row.roster {
        count_in_roster(conn, row.list_id, was, -1, at)?;
        count_in_roster(conn, row.list_id, row.roster, 1, at)?;
    }
    match before {
        Some(before) => roster_marks::follow(conn, Some(&before), Some(row)),
        None => Ok(()),
    }
}

/// Appends to the consent log.
pub fn insert_consent(conn: &mut Conn, entry: &ConsentEntry) -> QueryResult<()> {
    diesel::insert_into(consent_log::table).values(entry).execute(conn).map(drop)
}

/// The consent log of one subscriber, oldest first, the import it came with included.
pub fn list_consent(
    conn: &mut Conn,
    list: ListId,
    number: SubscriberNumber,
) -> QueryResult<Vec<ConsentEntry>> {
    consent_log::table
        .filter(consent_log::list_id.eq(list))
        .filter(consent_log::number.eq(number))
        .order(consent_log::id)
        .select(ConsentEntry::as_select())
        .load(conn)
}

/// How many subscribers the lists of an account have together, whatever their state.
pub fn count_subscribers_of_account(conn: &mut Conn, account: AccountId) -> QueryResult<i64> {
    let totals: Vec<ListTotals> = list_totals::table
        .inner_join(lists::table.on(lists::id.eq(list_totals::list_id)))
        .filter(lists::account_id.eq(account))
        .filter(lists::deleted_at.is_null())
        .select(ListTotals::as_select())
        .load(conn)?;
    Ok(totals.iter().map(ListTotals::n_all).sum())
}

/// Removes a subscriber; `false` when there was none. The totals follow.
pub fn delete_subscriber(conn: &mut Conn, row: &SubscriberRow, at: UtcTime) -> QueryResult<bool> {
    let n = diesel::delete(
        subscribers::table
            .filter(subscribers::list_id.eq(row.list_id))
            .filter(subscribers::number.eq(row.number)),
    )
    .execute(conn)?;
    if n == 1 {
        purges::delete_contact_rows(conn, row.list_id, row.number)?;
        count_in_roster(conn, row.list_id, row.roster, -1, at)?;
        if roster_marks::has_marks(conn, row.list_id)? {
            roster_marks::follow(conn, Some(row), None)?;
        }
    }
    Ok(n == 1)
}
