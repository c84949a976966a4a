//! Mails and jobs that wait to be done.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;

use crate::model::ids::{AccountId, JobId, ListId, MailId, NodeId, SubscriberNumber};
use crate::model::states::{JobKind, MailPurpose, QueueState};
use crate::model::time::UtcTime;
use crate::store::schema::{jobs, mails};

/// A mail to be queued.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = mails)]
pub struct NewMailRow {
    pub account_id: AccountId,
    pub list_id: ListId,
    pub number: SubscriberNumber,
    pub purpose: MailPurpose,
    pub from_name: String,
    pub from_email: String,
    pub reply_to: String,
    pub to_email: String,
    pub subject: String,
    pub plain_body: String,
    pub html_body: String,
    pub state: QueueState,
    pub due_at: UtcTime,
    pub n_tries: i64,
    pub last_error: String,
    pub created_at: UtcTime,
}

/// A queued mail.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = mails)]
pub struct MailRow {
    pub id: MailId,
    pub account_id: AccountId,
    pub list_id: ListId,
    pub number: SubscriberNumber,
    pub purpose: MailPurpose,
    pub from_name: String,
    pub from_email: String,
    pub reply_to: String,
    pub to_email: String,
    pub subject: String,
    pub plain_body: String,
    pub html_body: String,
    pub state: QueueState,
    pub due_at: UtcTime,
    pub n_tries: i64,
    pub created_at: UtcTime,
    /// It may have been sent before: an attempt got no answer, or its lease ended without a word.
    pub is_uncertain: bool,
    /// Who leased it last.
    pub leased_by: NodeId,
}

/// How a mail stands that comes up again.
#[derive(Debug, Clone, Copy)]
pub struct MailDelay<'a> {
    pub due_at: UtcTime,
    pub n_tries: i64,
    pub is_uncertain: bool,
    pub error: &'a str,
}

/// A job to be queued.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = jobs)]
pub struct NewJobRow {
    pub account_id: AccountId,
    pub kind: JobKind,
    pub payload: String,
    pub state: QueueState,
    pub due_at: UtcTime,
    pub n_tries: i64,
    pub last_error: String,
    pub created_at: UtcTime,
}

/// A queued job.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub struct JobRow {
    pub id: JobId,
    pub account_id: AccountId,
    pub kind: JobKind,
    pub payload: String,
    pub state: QueueState,
    pub due_at: UtcTime,
    pub n_tries: i64,
    pub created_at: UtcTime,
}
