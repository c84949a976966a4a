//! Subscribers and the proof behind them.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;

use crate::model::ids::{AccountId, ImportId, ListId, SubscriberNumber};
use crate::model::states::{BounceType, ConsentEvent, Roster, Source, SubscriptionStatus};
use crate::model::time::UtcTime;
use crate::store::schema::{consent_log, subscribers};

/// One address in one list.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
// `None` is written as NULL, so that there is one text of the statement, whose prepared form is kept.
#[diesel(table_name = subscribers, treat_none_as_default_value = false)]
pub struct SubscriberRow {
    pub list_id: ListId,
    pub number: SubscriberNumber,
    /// As entered.
    pub email: String,
    /// Normal form, unique in the list.
    pub email_key: String,
    pub status: SubscriptionStatus,
    pub bounce: BounceType,
    pub is_suppressed: bool,
    /// Always `Roster::of(status, bounce, is_suppressed)`.
    pub roster: Roster,
    /// JSON object of field id to value; `{}` when none.
    pub fields: String,
    pub subscribed_at: UtcTime,
    pub subscribed_ip: String,
    pub opted_in_at: Option<UtcTime>,
    pub unsubscribed_at: Option<UtcTime>,
    pub unsubscribed_ip: String,
    /// When the last opt-in request mail was queued.
    pub request_sent_at: Option<UtcTime>,
    pub source: Source,
    pub source_ref: String,
    pub import_id: ImportId,
}

/// An entry of the consent log.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = consent_log, treat_none_as_default_value = false)]
pub struct ConsentEntry {
    pub account_id: AccountId,
    pub list_id: ListId,
    pub number: SubscriberNumber,
    pub email_key: String,
    pub event: ConsentEvent,
    pub at: UtcTime,
    pub ip: String,
    pub user_agent: String,
    /// The way it came in: `oempro api`, `oempro form`, `confirm page`, `import`, `cli` …
    pub channel: String,
    /// Who did it: `public`, `account 3`, `operator 1`, `subscriber`, `list 4` for a list-to-list action.
    pub actor: String,
    /// What the event alone does not say; empty for nothing.
    pub detail: String,
    pub import_id: ImportId,
}
