//! Contents of `queries/campaigns.rs`, `queries/campaign_lists.rs`, `queries/campaign_totals.rs`, `queries/recipient_log.rs` and each backend's
//! `recipients.rs`.

use crate::model::ids::{AccountId, CampaignId, ListId, MessageId, NodeId, RecipientId, SubscriberNumber};
use crate::model::states::{CampaignState, JobKind, QueueState, RecipientState, Resend};
use crate::model::time::UtcTime;
use crate::store::rows::campaigns::{
    CampaignCourse, CampaignListRow, CampaignPlan, CampaignRow, CampaignTotals, ChangedRow, EndedRow, LeasedRow,
    LoggedMail, NewCampaignRow, RecipientRow, SendingCampaign,
};
use crate::store::rows::selections::Selection;

queries! { campaigns {
    /// Makes a campaign with its lists, whose `campaign_id` is filled in.
    fn insert_campaign(row: &NewCampaignRow, lists: &[CampaignListRow]) -> CampaignId;
    /// The campaign with this id, if it belongs to the account.
    fn find_campaign(account: AccountId, id: CampaignId) -> Option<CampaignRow>;
    /// The campaign with this id, whosever it is.
    fn find_any_campaign(id: CampaignId) -> Option<CampaignRow>;
    /// Up to `n` campaigns after this one, by id, of an account or of all, with their totals.
    fn list_campaigns(account: Option<AccountId>, after: CampaignId, n: i64) -> Vec<(CampaignRow, CampaignTotals)>;
    /// Up to `n` campaigns in one state after this one, by id.
    fn list_campaigns_in(state: CampaignState, after: CampaignId, n: i64) -> Vec<CampaignRow>;
    /// A campaign that ended early and whose open recipients are not all skipped yet.
    fn find_campaign_to_clear() -> Option<CampaignRow>;
    /// A campaign that ended before this moment and whose recipients' rows are still there, the earliest first.
    fn find_campaign_to_sweep(before: UtcTime) -> Option<CampaignId>;
    /// Removes up to `n` recipient rows of a campaign that is over, and answers how many. Without any left, notes that it was swept.
    fn sweep_recipients(id: CampaignId, n: i64, at: UtcTime) -> usize;
    /// Up to `n` scheduled campaigns whose time has come, the earliest first.
    fn list_due_campaigns(now: UtcTime, n: i64) -> Vec<CampaignRow>;
    /// Up to `n` campaigns that are being sent, of accounts that may act, by account and id.
    fn list_sending_campaigns(n: i64) -> Vec<SendingCampaign>;
    /// How many recipients each campaign has that an account started since then.
    fn list_recipient_counts_since(account: AccountId, since: UtcTime) -> Vec<i64>;
    /// Sets a campaign on its way, if it is in one of these states; false when it is not.
    fn set_campaign_course(id: CampaignId, from: &[CampaignState], course: &CampaignCourse) -> bool;
    /// Notes which recipients of a campaign are put back.
    fn set_campaign_resend(id: CampaignId, resend: Resend) -> ();
    /// Notes how far the planner of a campaign is.
    fn save_campaign_plan(id: CampaignId, plan: &CampaignPlan) -> ();
    /// A campaign of an account that is not over and sends a message.
    fn find_open_campaign_of(account: AccountId, message: MessageId) -> Option<CampaignId>;
    /// Removes a campaign that has no recipients.
    fn delete_campaign(id: CampaignId) -> ();
} }

queries! { campaign_lists {
    /// The lists of a campaign, in their order.
    fn list_campaign_lists(campaign: CampaignId) -> Vec<CampaignListRow>;
    /// Notes the highest subscriber number of each list of a campaign: whoever joins from now on is not meant.
    fn fix_campaign_bounds(campaign: CampaignId) -> ();
    /// The number of the `n`th subscriber of a list after this one; `None` when there are fewer.
    fn find_nth_number(list: ListId, after: SubscriberNumber, n: i64) -> Option<SubscriberNumber>;
    /// Makes recipients of those subscribers of a campaign's list who fit, with numbers after `after` up to `until`. Answers how many.
    fn plan_recipients(list: &CampaignListRow, selection: &Selection, after: SubscriberNumber, until: SubscriberNumber,
        at: UtcTime) -> usize;
    /// Puts up to `n` failed recipients of a campaign back, as if they had never been tried; answers how many.
    fn put_back_failed(campaign: CampaignId, which: Resend, n: i64, at: UtcTime) -> usize;
    /// The first and the last recipient there is.
    fn find_recipient_span() -> Option<(RecipientId, RecipientId)>;
    /// Makes those pending recipients due now that are due later, of these numbers.
    fn hasten_recipients(first: RecipientId, last: RecipientId, now: UtcTime) -> ();
    /// Skips up to `n` pending recipients of a campaign that is over; answers how many.
    fn skip_pending(campaign: CampaignId, reason: &str, n: i64, at: UtcTime) -> usize;
    /// A recipient of a campaign that is not over; `None` when all are.
    fn find_open_recipient(campaign: CampaignId) -> Option<RecipientId>;
} }

queries! { campaign_totals {
    /// The totals of a campaign.
    fn find_campaign_totals(id: CampaignId) -> Option<CampaignTotals>;
    /// Adds to the totals of a campaign. Of the last results half are forgotten whenever there are more than `window`.
    fn add_campaign_totals(id: CampaignId, more: &CampaignTotals, window: i64) -> ();
    /// Forgets the last results of a campaign, so that it is not paused for them again.
    fn forget_recent_results(id: CampaignId) -> ();
} }

queries! { recipients {
    /// Leases up to `n` due recipients of a campaign until then, those due first before the others.
    fn lease_recipients(campaign: CampaignId, node: NodeId, n: i64, now: UtcTime, until: UtcTime) -> Vec<LeasedRow>;
    /// Gives up to `n` recipients back whose lease ended, marked uncertain, but none of this process. Answers the campaign of each, and whether it was
    /// not marked before.
    fn return_ended_leases(n: i64, now: UtcTime, but: Option<NodeId>) -> Vec<(CampaignId, bool)>;
    /// Begins the leases of these recipients of a process anew.
    fn renew_recipients(ids: &[RecipientId], node: NodeId, until: UtcTime) -> ();
    /// As `return_ended_leases`, for the leases of processes that are known to be gone: on SQLite all but the one that runs.
    fn return_recipients_of_gone(n: i64, now: UtcTime) -> Vec<(CampaignId, bool)>;
    /// Puts recipients back that this process leased and did not try.
    fn release_recipients(ids: &[RecipientId], node: NodeId, now: UtcTime) -> ();
    /// Notes how attempts left recipients that this process leased. Answers those that were noted.
    fn end_recipients(rows: &[EndedRow], node: NodeId) -> Vec<ChangedRow>;
    /// Marks recipients that may get the mail more than once; answers those that were not marked before.
    fn mark_uncertain(ids: &[RecipientId]) -> Vec<ChangedRow>;
    /// Takes a campaign to work on until the transaction ends. `None` when there is none, or another node works on it.
    fn take_campaign(id: CampaignId) -> Option<CampaignRow>;
} }

queries! { recipient_log {
    /// The recipient row with this id.
    fn find_recipient(id: RecipientId) -> Option<RecipientRow>;
    /// Up to `n` recipients of a campaign behind this list and number, in one state or in any, with their addresses while they are known.
    fn list_recipients(campaign: CampaignId, state: Option<RecipientState>, after: (ListId, SubscriberNumber), n: i64)
        -> Vec<(RecipientRow, Option<String>)>;
    /// The last `n` recipient rows of a subscriber, the latest campaign first.
    fn list_recipients_of_subscriber(list: ListId, number: SubscriberNumber, n: i64) -> Vec<RecipientRow>;
    /// The last `n` mails that were queued for an address, the latest first.
    fn list_mails_to(account: AccountId, email: &str, n: i64) -> Vec<LoggedMail>;
    /// How many mails are in a state, and when the first of them is due.
    fn count_mails_in(state: QueueState) -> (i64, Option<UtcTime>);
    /// How many jobs of a kind are in a state, and when the first of them is due.
    fn count_jobs_in(kind: JobKind, state: QueueState) -> (i64, Option<UtcTime>);
    /// How many recipients of a campaign are leased.
    fn count_leased(campaign: CampaignId) -> i64;
    /// How many pending recipients of a campaign wait for a later moment than `now`.
    fn count_deferred(campaign: CampaignId, now: UtcTime) -> i64;
    /// Whether a lease has ended.
    fn is_lease_ended(now: UtcTime) -> bool;
    /// When the first pending recipient of a campaign is due.
    fn find_first_due(campaign: CampaignId) -> Option<UtcTime>;
    /// Removes up to `n` recipient rows of a list, and answers how many; those that were open count as skipped from then on.
    fn purge_recipients_of_list(list: ListId, n: i64) -> usize;
    /// Removes up to `n` recipients of an account's campaigns, and each campaign with its last one; answers how many rows went.
    fn purge_campaigns(account: AccountId, n: i64) -> usize;
    /// Adds bounces that came back later to a campaign's totals.
    fn add_campaign_bounces(id: CampaignId, n_hard: i64, n_soft: i64) -> ();
} }

#[cfg(test)]
queries! { recipient_log {
    /// How many recipients of a campaign are in a state: a check on the totals that are kept.
    fn count_recipients_in(campaign: CampaignId, state: RecipientState) -> i64;
} }
