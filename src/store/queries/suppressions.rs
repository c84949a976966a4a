//! Addresses not to mail.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, ListId};
use crate::model::states::{Roster, SuppressionReason};
use crate::model::time::UtcTime;
use crate::store::rows::subscribers::SubscriberRow;
use crate::store::rows::suppressions::SuppressionRow;
use crate::store::schema::{lists, subscribers, suppressions};

/// Suppresses an address; false when that scope has it already.
pub fn insert_suppression(conn: &mut Conn, row: &SuppressionRow) -> QueryResult<bool> {
    diesel::insert_into(suppressions::table).values(row).on_conflict_do_nothing().execute(conn).map(|n| n == 1)
}

/// Gives another reason to those suppressions of addresses in exactly this scope that their own unsubscription made.
pub fn replace_own_opt_outs(
    conn: &mut Conn,
    account: AccountId,
    list: ListId,
    keys: &[&str],
    reason: SuppressionReason,
) -> QueryResult<()> {
    diesel::update(
        suppressions::table
            .filter(suppressions::account_id.eq(account))
            .filter(suppressions::list_id.eq(list))
            .filter(suppressions::email_key.eq_any(keys))
            .filter(suppressions::reason.eq(SuppressionReason::Unsubscribed)),
    )
    .set(suppressions::reason.eq(reason))
    .execute(conn)
    .map(drop)
}

/// The suppressions that an address has on the server, an account and its lists.
pub fn list_suppressions_of(conn: &mut Conn, account: AccountId, key: &str) -> QueryResult<Vec<SuppressionRow>> {
    // With the account alone SQLite turns both sides into a temporary table of two numbers, which takes longer than the search.
    let of_server = suppressions::account_id.eq(AccountId::NONE).and(suppressions::list_id.eq(ListId::NONE));
    suppressions::table
        .filter(suppressions::email_key.eq(key))
        .filter(suppressions::account_id.eq(account).or(of_server))
        .select(SuppressionRow::as_select())
        .load(conn)
}

/// Lifts the suppressions of an address on a list and its account that have this reason; answers how many.
pub fn delete_suppressions(
    conn: &mut Conn,
    account: AccountId,
    list: ListId,
    key: &str,
    reason: SuppressionReason,
) -> QueryResult<usize> {
    diesel::delete(
        suppressions::table
            .filter(suppressions::email_key.eq(key))
            .filter(suppressions::account_id.eq(account))
            .filter(suppressions::list_id.eq(list).or(suppressions::list_id.eq(ListId::NONE)))
            .filter(suppressions::reason.eq(reason)),
    )
    .execute(conn)
}

/// Lifts the suppression of an address in exactly this scope, whatever its reason.
pub fn delete_suppression(conn: &mut Conn, account: AccountId, list: ListId, key: &str) -> QueryResult<bool> {
    diesel::delete(
        suppressions::table
            .filter(suppressions::email_key.eq(key))
            .filter(suppressions::account_id.eq(account))
            .filter(suppressions::list_id.eq(list)),
    )
    .execute(conn)
    .map(|n| n == 1)
}

/// The subscriptions of an address in every list of an account.
pub fn list_subscribers_of_address(
    conn: &mut Conn,
    account: AccountId,
    key: &str,
) -> QueryResult<Vec<SubscriberRow>> {
    // Lists first: the index on subscribers begins with the list.
    let own_lists: Vec<ListId> = lists::table
        .filter(lists::account_id.eq(account))
        .filter(lists::deleted_at.is_null())
        .select(lists::id)
        .order(lists::id)
        .load(conn)?;
    subscribers::table
        .filter(subscribers::list_id.eq_any(own_lists))
        .filter(subscribers::email_key.eq(key))
        .order(subscribers::list_id)
        .select(SubscriberRow::as_select())
        .load(conn)
}

/// Notes whether a subscriber is suppressed; `was` is the roster it stood in, so that the totals follow.
pub fn set_suppressed(
    conn: &mut Conn,
    row: &SubscriberRow,
    is_suppressed: bool,
    at: UtcTime,
) -> QueryResult<()> {
    let mut changed = row.clone();
    changed.is_suppressed = is_suppressed;
    changed.roster = Roster::of(row.status, row.bounce, is_suppressed);
    super::subscribers::update_subscriber(conn, &changed, row.roster, at)
}
