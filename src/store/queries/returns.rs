//! What came back about mail that was sent: events, soft bounces in a row, mails kept for review.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, KeptReturnId, ListId, MailId, SubscriberNumber};
use crate::model::time::UtcTime;
use crate::store::rows::returns::{KeptReturnRow, NewKeptReturnRow, PostedTo, ReturnEventRow, SoftBounceRow};
use crate::store::schema::returns::{kept_returns, return_events, soft_bounces};
use crate::store::schema::{lists, mails, subscribers};

/// Whom a queued mail was for; `None` when its row is gone.
pub fn find_posted_mail(conn: &mut Conn, id: MailId) -> QueryResult<Option<PostedTo>> {
    mails::table
        .filter(mails::id.eq(id))
        .select((mails::account_id, mails::list_id, mails::number, mails::to_email))
        .get_result(conn)
        .optional()
}

/// The accounts with a list that an address is on, whatever its state there.
pub fn list_accounts_of_address(conn: &mut Conn, key: &str) -> QueryResult<Vec<AccountId>> {
    // Lists first: the index on subscribers begins with the list.
    let all: Vec<(ListId, AccountId)> = lists::table
        .filter(lists::deleted_at.is_null())
        .select((lists::id, lists::account_id))
        .load(conn)?;
    let mut found = Vec::new();
    for piece in all.chunks(500) {
        let ids = piece.iter().map(|(list, _)| *list);
        let on: Vec<ListId> = subscribers::table
            .filter(subscribers::list_id.eq_any(ids))
            .filter(subscribers::email_key.eq(key))
            .select(subscribers::list_id)
            .load(conn)?;
        found.extend(piece.iter().filter(|(list, _)| on.contains(list)).map(|(_, account)| *account));
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Notes what came back; false when it was noted before.
pub fn insert_return_event(conn: &mut Conn, row: &ReturnEventRow) -> QueryResult<bool> {
    diesel::insert_into(return_events::table).values(row).on_conflict_do_nothing().execute(conn).map(|n| n == 1)
}

/// What came back about one subscriber, oldest first.
pub fn list_return_events(
    conn: &mut Conn,
    list: ListId,
    number: SubscriberNumber,
) -> QueryResult<Vec<ReturnEventRow>> {
    return_events::table
        .filter(return_events::list_id.eq(list))
        .filter(return_events::number.eq(number))
        .order(return_events::id)
        .select(ReturnEventRow::as_select())
        .load(conn)
}

/// The soft bounces in a row of a subscriber.
pub fn find_soft_bounces(
    conn: &mut Conn,
    list: ListId,
    number: SubscriberNumber,
) -> QueryResult<Option<SoftBounceRow>> {
    soft_bounces::table
        .filter(soft_bounces::list_id.eq(list))
        .filter(soft_bounces::number.eq(number))
        .select(SoftBounceRow::as_select())
        .get_result(conn)
        .optional()
}

/// Replaces the soft bounces in a row of a subscriber.
pub fn set_soft_bounces(conn: &mut Conn, row: &SoftBounceRow) -> QueryResult<()> {
    diesel::insert_into(soft_bounces::table)
        .values(row)
        .on_conflict((soft_bounces::list_id, soft_bounces::number))
        .do_update()
        .set((
            soft_bounces::n_failures.eq(row.n_failures),
            soft_bounces::first_at.eq(row.first_at),
            soft_bounces::last_at.eq(row.last_at),
        ))
        .execute(conn)
        .map(drop)
}

/// Which of these subscribers of a list have soft bounces in a row.
pub fn list_soft_bounced(
    conn: &mut Conn,
    list: ListId,
    numbers: &[SubscriberNumber],
) -> QueryResult<Vec<SubscriberNumber>> {
    soft_bounces::table
        .filter(soft_bounces::list_id.eq(list))
        .filter(soft_bounces::number.eq_any(numbers))
        .select(soft_bounces::number)
        .load(conn)
}

/// Forgets the soft bounces in a row of a subscriber; false when there were none.
pub fn delete_soft_bounces(conn: &mut Conn, list: ListId, number: SubscriberNumber) -> QueryResult<bool> {
    diesel::delete(
        soft_bounces::table.filter(soft_bounces::list_id.eq(list)).filter(soft_bounces::number.eq(number)),
    )
    .execute(conn)
    .map(|n| n == 1)
}

/// Up to `n` subscribers whose last soft bounce was before this moment.
pub fn list_old_soft_bounces(conn: &mut Conn, before: UtcTime, n: i64) -> QueryResult<Vec<SoftBounceRow>> {
    soft_bounces::table
        .filter(soft_bounces::last_at.lt(before))
        .order(soft_bounces::last_at)
        .limit(n)
        .select(SoftBounceRow::as_select())
        .load(conn)
}

/// Removes up to `n` events of a list with everything that is counted of its subscribers; answers how many.
pub fn purge_returns(conn: &mut Conn, list: ListId, n: i64) -> QueryResult<usize> {
    diesel::delete(soft_bounces::table.filter(soft_bounces::list_id.eq(list))).execute(conn)?;
    let some: Vec<i64> = return_events::table
        .filter(return_events::list_id.eq(list))
        .select(return_events::id)
        .limit(n)
        .load(conn)?;
    diesel::delete(return_events::table.filter(return_events::id.eq_any(some))).execute(conn)
}

/// Keeps a returned mail for review.
pub fn insert_kept_return(conn: &mut Conn, row: &NewKeptReturnRow) -> QueryResult<KeptReturnId> {
    diesel::insert_into(kept_returns::table).values(row).returning(kept_returns::id).get_result(conn)
}

/// Removes all but the newest `n` kept mails.
pub fn trim_kept_returns(conn: &mut Conn, n: i64) -> QueryResult<()> {
    let last: Option<KeptReturnId> = kept_returns::table
        .order(kept_returns::id.desc())
        .select(kept_returns::id)
        .offset(n)
        .limit(1)
        .get_result(conn)
        .optional()?;
    match last {
        Some(last) => diesel::delete(kept_returns::table.filter(kept_returns::id.le(last))).execute(conn).map(drop),
        None => Ok(()),
    }
}

/// Removes kept mails from before this moment, `n` at most; answers how many.
pub fn sweep_kept_returns(conn: &mut Conn, before: UtcTime, n: i64) -> QueryResult<usize> {
    // Ids rise with time, so the oldest rows come first.
    let oldest: Vec<(KeptReturnId, UtcTime)> =
        kept_returns::table.order(kept_returns::id).select((kept_returns::id, kept_returns::at)).limit(n).load(conn)?;
    let old = oldest.into_iter().filter(|(_, at)| *at < before).map(|(id, _)| id);
    diesel::delete(kept_returns::table.filter(kept_returns::id.eq_any(old))).execute(conn)
}

/// The newest `n` kept mails, newest first.
pub fn list_kept_returns(conn: &mut Conn, n: i64) -> QueryResult<Vec<KeptReturnRow>> {
    kept_returns::table.order(kept_returns::id.desc()).limit(n).select(KeptReturnRow::as_select()).load(conn)
}

/// One kept mail.
pub fn find_kept_return(conn: &mut Conn, id: KeptReturnId) -> QueryResult<Option<KeptReturnRow>> {
    kept_returns::table
        .filter(kept_returns::id.eq(id))
        .select(KeptReturnRow::as_select())
        .get_result(conn)
        .optional()
}
