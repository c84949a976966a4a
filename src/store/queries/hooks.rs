//! Web addresses that are told of subscriptions and unsubscriptions.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, HookId, ListId};
use crate::model::states::HookEvent;
use crate::model::time::UtcTime;
use crate::store::rows::lists::HookRow;
use crate::store::schema::list_hooks;

/// Every hook of a list, oldest first.
pub fn list_hooks_of_list(conn: &mut Conn, list: ListId) -> QueryResult<Vec<HookRow>> {
    list_hooks::table
        .filter(list_hooks::list_id.eq(list))
        .order(list_hooks::id)
        .select(HookRow::as_select())
        .load(conn)
}

/// Makes a hook.
pub fn insert_hook(
    conn: &mut Conn,
    account: AccountId,
    list: ListId,
    event: HookEvent,
    url: &str,
    at: UtcTime,
) -> QueryResult<HookId> {
    diesel::insert_into(list_hooks::table)
        .values((
            list_hooks::account_id.eq(account),
            list_hooks::list_id.eq(list),
            list_hooks::event.eq(event),
            list_hooks::url.eq(url),
            list_hooks::created_at.eq(at),
        ))
        .returning(list_hooks::id)
        .get_result(conn)
}

/// Removes the account's hooks among these ids.
pub fn delete_hooks(conn: &mut Conn, account: AccountId, ids: &[HookId]) -> QueryResult<()> {
    diesel::delete(list_hooks::table.filter(list_hooks::account_id.eq(account)).filter(list_hooks::id.eq_any(ids)))
        .execute(conn)
        .map(drop)
}
