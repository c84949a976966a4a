//! Messages in versions, sendings to many, operational links.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;

use crate::model::ids::{AccountId, ListId, MessageId, OperationalLinkId, SendingId, SubscriberNumber, VersionId};
use crate::model::states::SendingState;
use crate::model::time::UtcTime;
use crate::store::schema::projects::{message_bodies, message_versions, operational_links, sendings};

/// A message in one language or for some contacts.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = message_versions)]
pub struct VersionRow {
    pub id: VersionId,
    pub message_id: MessageId,
    pub name: String,
    pub culture: String,
    pub sender_name: String,
    pub sender_email: String,
    pub reply_to_email: String,
    pub subject: String,
    pub subject_tell_a_friend: String,
    pub predicate: String,
    pub must_match: bool,
}

/// A version to be added.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = message_versions)]
pub struct NewVersionRow {
    pub message_id: MessageId,
    pub position: i64,
    pub name: String,
    pub culture: String,
    pub sender_name: String,
    pub sender_email: String,
    pub reply_to_email: String,
    pub subject: String,
    pub subject_tell_a_friend: String,
    pub predicate: String,
    pub must_match: bool,
}

/// One body of a version.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = message_bodies)]
pub struct BodyRow {
    pub version_id: VersionId,
    pub position: i64,
    pub mime_type: String,
    pub content: String,
}

/// One message to many contacts.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = sendings)]
pub struct SendingRow {
    pub id: SendingId,
    pub account_id: AccountId,
    pub list_id: ListId,
    pub message_id: MessageId,
    /// [`VersionId::NONE`]: one is chosen for each contact.
    pub version_id: VersionId,
    /// See [`super::selections::from_text`].
    pub filter: String,
    pub state: SendingState,
    pub launch_at: UtcTime,
    /// The last contact that was looked at.
    pub after_number: SubscriberNumber,
    pub n_selected: i64,
    pub n_queued: i64,
    pub n_passed: i64,
    pub last_error: String,
    pub created_at: UtcTime,
    pub finished_at: Option<UtcTime>,
}

/// A sending to be made.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = sendings)]
pub struct NewSendingRow {
    pub account_id: AccountId,
    pub list_id: ListId,
    pub message_id: MessageId,
    pub version_id: VersionId,
    pub filter: String,
    pub state: SendingState,
    pub launch_at: UtcTime,
    pub after_number: SubscriberNumber,
    pub n_selected: i64,
    pub n_queued: i64,
    pub n_passed: i64,
    pub last_error: String,
    pub created_at: UtcTime,
}

/// A link in a message that changes whoever follows it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = operational_links)]
pub struct OperationalLinkRow {
    pub id: OperationalLinkId,
    pub account_id: AccountId,
    pub list_id: ListId,
    pub name: String,
    pub url: String,
    /// [`MessageId::NONE`]: none is sent.
    pub message_id: MessageId,
    pub created_at: UtcTime,
}

/// An operational link to be made.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = operational_links)]
pub struct NewOperationalLinkRow {
    pub account_id: AccountId,
    pub list_id: ListId,
    pub name: String,
    pub url: String,
    pub message_id: MessageId,
    pub created_at: UtcTime,
}
