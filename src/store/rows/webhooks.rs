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
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub opt_in: String,
    /// When what was said of it takes effect.
    pub opt_in_at: Option<i64>,
    pub is_test: bool,
    /// The subscriber's address at the time, should it be gone when it is told.
    pub email: String,
}

/// The payload as it is kept.
#[derive(Serialize, Deserialize)]
struct Payload {
    webhook: i64,
    list: i64,
    number: i64,
    event: String,
    event_id: String,
    at: i64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    opt_in: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opt_in_at: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_test: bool,
    email: String,
}

/// Reads a payload.
///
/// # Errors
/// [`StoreError::Unreadable`] when the text is not what [`payload_to_text`] wrote.
pub fn payload_from_text(text: &str) -> Result<WebhookPayload, StoreError> {
    let kept: Payload = serde_json::from_str(text).map_err(|_| StoreError::Unreadable("jobs.payload"))?;
    let Payload { webhook, list, number, event, event_id, at, opt_in, opt_in_at, is_test, email } = kept;
    Ok(WebhookPayload { webhook, list, number, event, event_id, at, opt_in, opt_in_at, is_test, email })
}

/// Writes a payload.
#[must_use]
pub fn payload_to_text(payload: &WebhookPayload) -> String {
    let WebhookPayload { webhook, list, number, event, event_id, at, opt_in, opt_in_at, is_test, email } =
        payload.clone();
    let kept = Payload { webhook, list, number, event, event_id, at, opt_in, opt_in_at, is_test, email };
    serde_json::to_string(&kept).expect("numbers and texts always serialise")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_comes_back_as_it_was_kept() {
        let payload = WebhookPayload {
            webhook: 1,
            list: 2,
            number: 3,
            event: "contact_optin".to_owned(),
            event_id: "id".to_owned(),
            at: 4,
            opt_in: "News".to_owned(),
            opt_in_at: Some(5),
            is_test: true,
            email: "a@example.com".to_owned(),
        };
        assert_eq!(payload_from_text(&payload_to_text(&payload)).expect("own text"), payload);
        let short = WebhookPayload { opt_in: String::new(), opt_in_at: None, is_test: false, ..payload };
        assert_eq!(payload_from_text(&payload_to_text(&short)).expect("own text"), short);
        assert!(payload_from_text("1 2 3").is_err());
    }
}
