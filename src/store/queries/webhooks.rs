//! Web addresses that are told of changes of subscribers.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, ListId, SubscriberNumber, WebhookId};
use crate::store::rows::webhooks::{NewWebhookRow, WebhookRow};
use crate::store::schema::consent_log;
use crate::store::schema::tables::webhooks;

/// Makes a webhook.
pub fn insert_webhook(conn: &mut Conn, webhook: &NewWebhookRow) -> QueryResult<WebhookId> {
    diesel::insert_into(webhooks::table).values(webhook).returning(webhooks::id).get_result(conn)
}

/// One webhook, whoever owns it.
pub fn find_webhook(conn: &mut Conn, id: WebhookId) -> QueryResult<Option<WebhookRow>> {
    webhooks::table.filter(webhooks::id.eq(id)).select(WebhookRow::as_select()).get_result(conn).optional()
}

/// The webhooks of an account, oldest first.
pub fn list_webhooks(conn: &mut Conn, account: AccountId) -> QueryResult<Vec<WebhookRow>> {
    webhooks::table
        .filter(webhooks::account_id.eq(account))
        .order(webhooks::id)
        .select(WebhookRow::as_select())
        .load(conn)
}

/// The enabled webhooks that want to know of a list: its own and the account's, oldest first.
pub fn list_webhooks_for(conn: &mut Conn, account: AccountId, list: ListId) -> QueryResult<Vec<WebhookRow>> {
    webhooks::table
        .filter(webhooks::account_id.eq(account))
        .filter(webhooks::list_id.eq_any([ListId::NONE, list]))
        .filter(webhooks::is_enabled.eq(true))
        .order(webhooks::id)
        .select(WebhookRow::as_select())
        .load(conn)
}

/// Removes a webhook.
pub fn delete_webhook(conn: &mut Conn, id: WebhookId) -> QueryResult<()> {
    diesel::delete(webhooks::table.filter(webhooks::id.eq(id))).execute(conn).map(drop)
}

/// Removes the webhooks of a list.
pub fn purge_webhooks_of_list(conn: &mut Conn, list: ListId) -> QueryResult<()> {
    diesel::delete(webhooks::table.filter(webhooks::list_id.eq(list))).execute(conn).map(drop)
}

/// Removes the webhooks of an account.
pub fn purge_webhooks(conn: &mut Conn, account: AccountId) -> QueryResult<()> {
    diesel::delete(webhooks::table.filter(webhooks::account_id.eq(account))).execute(conn).map(drop)
}

/// Whether the consent log knows a subscriber.
pub fn has_consent(conn: &mut Conn, list: ListId, number: SubscriberNumber) -> QueryResult<bool> {
    let found: Option<i64> = consent_log::table
        .filter(consent_log::list_id.eq(list))
        .filter(consent_log::number.eq(number))
        .select(consent_log::id)
        .limit(1)
        .get_result(conn)
        .optional()?;
    Ok(found.is_some())
}
