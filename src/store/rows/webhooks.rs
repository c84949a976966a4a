//! Web addresses that are told of changes of subscribers, and what they are told.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::model::ids::{AccountId, ListId, WebhookId};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::schema::tables::webhooks;

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = webhooks)]
pub struct WebhookRow {
    pub id: WebhookId,
    pub account_id: AccountId,
    pub list_id: ListId,
    pub url: String,
    pub events: String,
    pub salt: String,
    pub is_enabled: bool,
    pub created_at: UtcTime,
}

/// A webhook to be made.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = webhooks)]
pub struct NewWebhookRow {
    pub account_id: AccountId,
    pub list_id: ListId,
    pub url: String,
    pub events: String,
    pub salt: String,
    pub is_enabled: bool,
    pub created_at: UtcTime,
}

/// What a job of a webhook says: the payload of `jobs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookPayload {
    pub webhook: i64,
    pub list: i64,
    pub number: i64,
    /// The event's word.
    pub event: String,
    /// The same for every webhook and every try.
    pub event_id: String,
    /// When it happened.
    pub at: i64,
    /// The kind of communication that the event is about; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub opt_in: String,
    /// When what was said of it takes effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_in_at: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_test: bool,
    /// The subscriber's address at the time, should it be gone when it is told.
    pub email: String,
}

/// Reads a payload.
///
/// # Errors
/// [`StoreError::Unreadable`] when the text is not what [`payload_to_text`] wrote.
pub fn payload_from_text(text: &str) -> Result<WebhookPayload, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Unreadable("jobs.payload"))
}

/// Writes a payload.
#[must_use]
pub fn payload_to_text(payload: &WebhookPayload) -> String {
    serde_json::to_string(payload).expect("numbers and texts always serialise")
}
