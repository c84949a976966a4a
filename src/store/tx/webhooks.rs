//! Contents of `queries/webhooks.rs`.

use crate::model::ids::{AccountId, ListId, SubscriberNumber, WebhookId};
use crate::store::rows::webhooks::{NewWebhookRow, WebhookRow};

queries! { webhooks {
    /// Makes a webhook.
    fn insert_webhook(webhook: &NewWebhookRow) -> WebhookId;
    /// One webhook, whoever owns it.
    fn find_webhook(id: WebhookId) -> Option<WebhookRow>;
    /// The webhooks of an account, oldest first.
    fn list_webhooks(account: AccountId) -> Vec<WebhookRow>;
    /// The enabled webhooks that want to know of a list: its own and the account's, oldest first.
    fn list_webhooks_for(account: AccountId, list: ListId) -> Vec<WebhookRow>;
    /// Removes a webhook.
    fn delete_webhook(id: WebhookId) -> ();
    /// Removes the webhooks of a list.
    fn purge_webhooks_of_list(list: ListId) -> ();
    /// Removes the webhooks of an account.
    fn purge_webhooks(account: AccountId) -> ();
    /// Whether the consent log knows a subscriber.
    fn has_consent(list: ListId, number: SubscriberNumber) -> bool;
} }
