//! Counted links, what people did with messages, and files that travel with them.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;

use crate::model::ids::{AccountId, CampaignId, EnclosureId, LinkTargetId, ListId, MessageId, SubscriberNumber};
use crate::model::states::TrackingEvent;
use crate::model::time::UtcTime;
use crate::store::schema::tracking::{enclosures, link_targets, tracking_events};

/// Where a counted link leads.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = link_targets)]
pub struct LinkTargetRow {
    pub id: LinkTargetId,
    pub account_id: AccountId,
    pub message_id: MessageId,
    /// With its tags, as the message has it.
    pub url: String,
    pub url_hash: String,
}

/// A link to be counted.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = link_targets)]
pub struct NewLinkTargetRow {
    pub account_id: AccountId,
    pub message_id: MessageId,
    pub url: String,
    pub url_hash: String,
    pub created_at: UtcTime,
}

/// Something a person did with a message.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = tracking_events)]
pub struct EventRow {
    pub account_id: AccountId,
    /// [`CampaignId::NONE`] for a message that went to one person.
    pub campaign_id: CampaignId,
    pub message_id: MessageId,
    pub list_id: ListId,
    pub number: SubscriberNumber,
    pub kind: TrackingEvent,
    /// [`LinkTargetId::NONE`] for what is no click.
    pub link_id: LinkTargetId,
    pub at: UtcTime,
    pub ip: String,
    pub user_agent: String,
}

/// A file that travels with a message.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = enclosures)]
pub struct EnclosureRow {
    pub id: EnclosureId,
    pub name: String,
    pub mime_type: String,
    /// What the HTML calls a picture; empty for an attached file.
    pub content_id: String,
    pub content: Vec<u8>,
}

/// A file to be added to a message.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = enclosures)]
pub struct NewEnclosureRow {
    pub message_id: MessageId,
    pub position: i64,
    pub name: String,
    pub mime_type: String,
    pub content_id: String,
    pub content: Vec<u8>,
    pub created_at: UtcTime,
}
