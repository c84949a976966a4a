//! What came back about mail that was sent.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;

use crate::model::ids::{AccountId, KeptReturnId, ListId, SubscriberNumber};
use crate::model::states::ReturnKind;
use crate::model::time::UtcTime;
use crate::store::schema::returns::{kept_returns, return_events, soft_bounces};

/// Something that came back.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = return_events)]
pub struct ReturnEventRow {
    pub kind: ReturnKind,
    /// 0 for none, 1 for a mail, 2 for a recipient of a campaign.
    pub posted_kind: i16,
    pub posted_id: i64,
    pub account_id: AccountId,
    pub list_id: ListId,
    pub number: SubscriberNumber,
    pub email_key: String,
    pub code: String,
    pub diagnostic: String,
    pub source: String,
    pub event_key: String,
    pub at: UtcTime,
}

/// A subscriber whose mailbox did not take mail lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = soft_bounces)]
pub struct SoftBounceRow {
    pub list_id: ListId,
    pub number: SubscriberNumber,
    pub n_failures: i64,
    pub first_at: UtcTime,
    pub last_at: UtcTime,
}

/// A returned mail to be kept for review.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = kept_returns)]
pub struct NewKeptReturnRow {
    pub source: String,
    pub sender: String,
    pub recipient: String,
    pub reason: String,
    pub n_bytes: i64,
    pub message: String,
    pub at: UtcTime,
}

/// A returned mail that is kept for review.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = kept_returns)]
pub struct KeptReturnRow {
    pub id: KeptReturnId,
    pub source: String,
    pub sender: String,
    pub recipient: String,
    pub reason: String,
    pub n_bytes: i64,
    pub message: String,
    pub at: UtcTime,
}

/// Whom a queued mail was for.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct PostedTo {
    pub account_id: AccountId,
    pub list_id: ListId,
    pub number: SubscriberNumber,
    pub email: String,
}
