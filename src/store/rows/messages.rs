//! Messages: e-mails that can be sent.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;

use crate::model::ids::{AccountId, ListId, MessageId};
use crate::model::states::{ContentType, MessageMode};
use crate::model::time::UtcTime;
use crate::store::schema::messages;

/// An e-mail that can be sent.
#[derive(Debug, Clone, Queryable, Selectable, Identifiable)]
#[diesel(table_name = messages)]
pub struct MessageRow {
    pub id: MessageId,
    pub account_id: AccountId,
    pub name: String,
    pub from_name: String,
    pub from_email: String,
    pub reply_to_name: String,
    pub reply_to_email: String,
    pub content_type: ContentType,
    pub mode: MessageMode,
    pub fetch_url: String,
    pub fetch_plain_url: String,
    pub subject: String,
    pub plain_body: String,
    pub html_body: String,
    pub embeds_images: bool,
    pub template_id: i64,
    /// The line that mail programs show beside the subject; empty for none.
    pub pre_header: String,
    pub created_at: UtcTime,
    /// The project it belongs to; [`ListId::NONE`] for all of the account.
    pub list_id: ListId,
    /// The kind of communication; 0 for none.
    pub category_id: i64,
    pub hosts_images: bool,
    pub tracks_links: bool,
}

/// A message to be made.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = messages)]
pub struct NewMessageRow {
    pub account_id: AccountId,
    pub name: String,
    pub from_name: String,
    pub from_email: String,
    pub reply_to_name: String,
    pub reply_to_email: String,
    pub content_type: ContentType,
    pub mode: MessageMode,
    pub fetch_url: String,
    pub fetch_plain_url: String,
    pub subject: String,
    pub plain_body: String,
    pub html_body: String,
    pub embeds_images: bool,
    pub template_id: i64,
    pub pre_header: String,
    pub created_at: UtcTime,
    /// The project it belongs to; [`ListId::NONE`] for all of the account.
    pub list_id: ListId,
    /// The kind of communication; 0 for none.
    pub category_id: i64,
    pub hosts_images: bool,
    pub tracks_links: bool,
}
