//! Campaigns, whom they go to, and what became of it.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable};

use crate::model::ids::{AccountId, CampaignId, ListId, MailId, MessageId, RecipientId, SubscriberNumber};
use crate::model::states::{CampaignSchedule, CampaignState, MailPurpose, QueueState, RecipientState, Resend};
use crate::model::time::UtcTime;
use crate::store::schema::campaigns::{campaign_lists, campaign_totals, campaigns, recipients};
use crate::store::schema::mails;

/// One message to the subscribers of lists.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = campaigns)]
pub struct CampaignRow {
    pub id: CampaignId,
    pub account_id: AccountId,
    pub name: String,
    pub message_id: MessageId,
    pub state: CampaignState,
    pub schedule: CampaignSchedule,
    pub due_at: Option<UtcTime>,
    /// Why it is paused, failed or waits; empty otherwise.
    pub reason: String,
    /// Recipient rows made so far.
    pub n_recipients: i64,
    pub plan_position: i64,
    pub plan_number: SubscriberNumber,
    pub planned_at: Option<UtcTime>,
    pub resend: Resend,
    pub created_at: UtcTime,
    pub started_at: Option<UtcTime>,
    pub finished_at: Option<UtcTime>,
}

/// A campaign to be made: a draft.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = campaigns)]
pub struct NewCampaignRow {
    pub account_id: AccountId,
    pub name: String,
    pub message_id: MessageId,
    pub state: CampaignState,
    pub schedule: CampaignSchedule,
    pub reason: String,
    pub n_recipients: i64,
    pub plan_position: i64,
    pub plan_number: SubscriberNumber,
    pub resend: Resend,
    pub created_at: UtcTime,
}

/// Where a campaign stands: what its course changes.
#[derive(Debug, Clone, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = campaigns, treat_none_as_null = true)]
pub struct CampaignCourse {
    pub state: CampaignState,
    pub schedule: CampaignSchedule,
    pub due_at: Option<UtcTime>,
    pub reason: String,
    pub started_at: Option<UtcTime>,
    pub finished_at: Option<UtcTime>,
}

/// How far the planner of a campaign is.
#[derive(Debug, Clone, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = campaigns, treat_none_as_null = true)]
pub struct CampaignPlan {
    pub n_recipients: i64,
    pub plan_position: i64,
    pub plan_number: SubscriberNumber,
    pub planned_at: Option<UtcTime>,
}

/// A list, or a part of one, that a campaign goes to.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = campaign_lists)]
pub struct CampaignListRow {
    pub campaign_id: CampaignId,
    pub position: i64,
    pub list_id: ListId,
    /// The stored segment that the selection was made from; 0 for none.
    pub segment_id: i64,
    /// See [`super::selections::from_text`].
    pub selection: String,
    /// The highest subscriber number at the start; none before.
    pub up_to: SubscriberNumber,
}

/// What became of a campaign's recipients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = campaign_totals)]
pub struct CampaignTotals {
    pub n_sent: i64,
    pub n_failed: i64,
    pub n_skipped: i64,
    /// Recipients that may have got the mail more than once.
    pub n_uncertain: i64,
    pub n_hard: i64,
    pub n_soft: i64,
    /// The last results, and those that failed by no fault of the address.
    pub n_recent: i64,
    pub n_recent_errors: i64,
}

/// One recipient of one campaign.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = recipients)]
pub struct RecipientRow {
    pub id: RecipientId,
    pub campaign_id: CampaignId,
    pub list_id: ListId,
    pub number: SubscriberNumber,
    pub state: RecipientState,
    /// It may have been sent more than once.
    pub is_uncertain: bool,
    pub due_at: UtcTime,
    pub n_tries: i64,
    pub first_try_at: Option<UtcTime>,
    pub finished_at: Option<UtcTime>,
    pub last_reply: String,
}

/// A campaign that is being sent, and how its last results were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct SendingCampaign {
    pub id: CampaignId,
    pub account_id: AccountId,
    pub n_recent: i64,
    pub n_recent_errors: i64,
}

/// A recipient that was just leased.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct LeasedRow {
    #[diesel(sql_type = BigInt)]
    pub id: RecipientId,
    #[diesel(sql_type = BigInt)]
    pub list_id: ListId,
    #[diesel(sql_type = BigInt)]
    pub number: SubscriberNumber,
    /// Counts this one.
    #[diesel(sql_type = BigInt)]
    pub n_tries: i64,
    #[diesel(sql_type = Bool)]
    pub is_uncertain: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub first_try_at: Option<UtcTime>,
}

/// A recipient that was changed, and the campaign it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct ChangedRow {
    #[diesel(sql_type = BigInt)]
    pub id: RecipientId,
    #[diesel(sql_type = BigInt)]
    pub campaign_id: CampaignId,
    #[diesel(sql_type = BigInt)]
    pub list_id: ListId,
    #[diesel(sql_type = BigInt)]
    pub number: SubscriberNumber,
}

/// How an attempt leaves a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedRow {
    pub id: RecipientId,
    pub state: RecipientState,
    /// The next try of a pending row; of another when it ended.
    pub due_at: UtcTime,
    /// `None` leaves what was said before.
    pub reply: Option<String>,
    /// 1 when it counts as no try, else 0.
    pub n_back: i64,
}

/// A mail that was queued by itself, for looking at.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = mails)]
pub struct LoggedMail {
    pub id: MailId,
    pub purpose: MailPurpose,
    pub subject: String,
    pub state: QueueState,
    pub n_tries: i64,
    pub last_error: String,
    pub reply: String,
    pub is_uncertain: bool,
    pub created_at: UtcTime,
    pub finished_at: Option<UtcTime>,
}
