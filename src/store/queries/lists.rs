//! Lists and their totals. A deleted list is invisible here from the moment it is marked.

use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::Conn;
use crate::model::ids::{AccountId, ListId, MessageId};
use crate::model::time::UtcTime;
use crate::store::cached::cached;
use crate::store::rows::lists::{ListRow, ListRules, ListSync, ListTotals, NewListRow};
use crate::store::schema::{accounts, list_hooks, list_syncs, list_totals, lists, user_groups};

/// The list with this id, if it belongs to the account.
pub fn find_list(conn: &mut Conn, account: AccountId, id: ListId) -> QueryResult<Option<ListRow>> {
    lists::table
        .filter(lists::id.eq(id))
        .filter(lists::account_id.eq(account))
        .filter(lists::deleted_at.is_null())
        .select(ListRow::as_select())
        .get_result(conn)
        .optional()
}

/// What subscribing needs to know of a list and its owner; for public calls, so without naming the account.
pub fn find_list_rules(conn: &mut Conn, id: ListId) -> QueryResult<Option<ListRules>> {
    let rules = lists::table
        .inner_join(accounts::table.on(accounts::id.eq(lists::account_id)))
        .inner_join(user_groups::table.on(user_groups::id.eq(accounts::user_group_id)))
        .filter(lists::id.eq(id))
        .filter(lists::deleted_at.is_null())
        .select((
            lists::id,
            lists::account_id,
            lists::name,
            lists::opt_in_mode,
            lists::confirmation_message_id,
            lists::opt_out_scope,
            lists::opt_out_suppress_list,
            lists::opt_out_suppress_account,
            lists::notify_activity,
            lists::pending_page_url,
            lists::confirmed_page_url,
            lists::unsubscribed_page_url,
            lists::opt_in_subscribe_to,
            lists::opt_in_unsubscribe_from,
            lists::opt_out_subscribe_to,
            lists::opt_out_unsubscribe_from,
            accounts::is_enabled,
            accounts::wire_options,
            user_groups::limit_subscribers,
            exists(list_hooks::table.filter(list_hooks::list_id.eq(lists::id))),
            sql::<Bool>(
                "EXISTS (SELECT 1 FROM webhooks w WHERE w.account_id = lists.account_id AND w.list_id IN (0, lists.id) AND w.is_enabled)",
            ),
            sql::<Text>("COALESCE((SELECT p.key_fields FROM projects p WHERE p.list_id = lists.id), '')"),
        ));
    cached!(rules).get_result(conn).optional()
}

/// Every list of the account with its totals and sync, by id.
pub fn list_lists(
    conn: &mut Conn,
    account: AccountId,
) -> QueryResult<Vec<(ListRow, ListTotals, Option<ListSync>)>> {
    lists::table
        .inner_join(list_totals::table.on(list_totals::list_id.eq(lists::id)))
        .left_join(list_syncs::table.on(list_syncs::list_id.eq(lists::id)))
        .filter(lists::account_id.eq(account))
        .filter(lists::deleted_at.is_null())
        .order(lists::id)
        .select((ListRow::as_select(), ListTotals::as_select(), Option::<ListSync>::as_select()))
        .load(conn)
}

/// The names of the account's lists.
pub fn list_list_names(conn: &mut Conn, account: AccountId) -> QueryResult<Vec<String>> {
    lists::table
        .filter(lists::account_id.eq(account))
        .filter(lists::deleted_at.is_null())
        .select(lists::name)
        .load(conn)
}

/// Whether the account's user group makes every list ask for confirmation.
pub fn forces_double_opt_in(conn: &mut Conn, account: AccountId) -> QueryResult<bool> {
    accounts::table
        .inner_join(user_groups::table.on(user_groups::id.eq(accounts::user_group_id)))
        .filter(accounts::id.eq(account))
        .select(user_groups::force_opt_in_list)
        .get_result(conn)
        .optional()
        .map(Option::unwrap_or_default)
}

/// Names the message that asks new subscribers of a list to confirm.
pub fn set_list_message(conn: &mut Conn, id: ListId, message: MessageId) -> QueryResult<()> {
    diesel::update(lists::table.filter(lists::id.eq(id)))
        .set(lists::confirmation_message_id.eq(message))
        .execute(conn)
        .map(drop)
}

/// How many lists the account has.
pub fn count_lists(conn: &mut Conn, account: AccountId) -> QueryResult<i64> {
    lists::table
        .filter(lists::account_id.eq(account))
        .filter(lists::deleted_at.is_null())
        .count()
        .get_result(conn)
}

/// The totals of a list.
pub fn find_list_totals(conn: &mut Conn, id: ListId) -> QueryResult<Option<ListTotals>> {
    list_totals::table
        .filter(list_totals::list_id.eq(id))
        .select(ListTotals::as_select())
        .get_result(conn)
        .optional()
}

/// Makes a list and its empty totals.
pub fn insert_list(conn: &mut Conn, list: &NewListRow) -> QueryResult<ListId> {
    let id: ListId = diesel::insert_into(lists::table).values(list).returning(lists::id).get_result(conn)?;
    diesel::insert_into(list_totals::table)
        .values((
            list_totals::list_id.eq(id),
            list_totals::last_number.eq(0),
            list_totals::n_active.eq(0),
            list_totals::n_soft.eq(0),
            list_totals::n_hard.eq(0),
            list_totals::n_suppressed.eq(0),
            list_totals::n_pending.eq(0),
            list_totals::n_unsubscribed.eq(0),
            list_totals::n_leaving.eq(0),
        ))
        .execute(conn)?;
    Ok(id)
}

/// Replaces every column of a list but its owner.
pub fn update_list(conn: &mut Conn, list: &ListRow) -> QueryResult<()> {
    diesel::update(lists::table.filter(lists::id.eq(list.id))).set(list).execute(conn).map(drop)
}

/// Makes a list invisible; the purge job removes what it holds. Its totals go at once: who waits to hold them finds the list gone.
pub fn mark_list_deleted(conn: &mut Conn, account: AccountId, id: ListId, at: UtcTime) -> QueryResult<bool> {
    let n = diesel::update(
        lists::table
            .filter(lists::id.eq(id))
            .filter(lists::account_id.eq(account))
            .filter(lists::deleted_at.is_null()),
    )
    .set(lists::deleted_at.eq(at))
    .execute(conn)?;
    if n == 1 {
        diesel::delete(list_totals::table.filter(list_totals::list_id.eq(id))).execute(conn)?;
    }
    Ok(n == 1)
}

/// A list of an account whose requests to confirm are made of a message.
pub fn find_list_confirming_by(conn: &mut Conn, account: AccountId, message: MessageId) -> QueryResult<Option<ListId>> {
    lists::table
        .filter(lists::account_id.eq(account))
        .filter(lists::confirmation_message_id.eq(message))
        .filter(lists::deleted_at.is_null())
        .order(lists::id)
        .select(lists::id)
        .first(conn)
        .optional()
}
