//! What people see of campaigns and queues: how far a campaign is, what waits, what was sent to whom.

use crate::domain::access::Permission;
use crate::domain::campaigns::{Campaign, CampaignError, RecipientEntry, Totals, get};
use crate::domain::cx::Ctx;
use crate::model::email_address::EmailAddress;
use crate::model::ids::{CampaignId, ListId, SubscriberNumber};
use crate::model::states::{CampaignState, JobKind, QueueState, RecipientState};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::campaigns::LoggedMail;

/// A mail that was queued by itself.
pub type Mail = LoggedMail;

/// Entries of the log that one look answers at most.
pub const MAX_LOGGED: i64 = 500;

/// How far a campaign is.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// The campaign.
    pub campaign: Campaign,
    /// What became of its recipients.
    pub totals: Totals,
    /// Recipients that are planned and not over.
    pub n_open: i64,
    /// Those of them that a worker has.
    pub n_leased: i64,
    /// Those of them that were tried and wait for a later moment.
    pub n_deferred: i64,
    /// Mails a second, from the start to the end or now.
    pub per_second: f64,
}

/// What waits in one queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Mails, a kind of job, or a campaign.
    pub what: Queue,
    /// Rows that wait.
    pub n_pending: i64,
    /// Rows that a worker has.
    pub n_leased: i64,
    /// Rows that wait for a later moment; `None` where nobody counts them.
    pub n_deferred: Option<i64>,
    /// Rows that were given up and are still kept.
    pub n_failed: i64,
    /// When the first waiting row is due.
    pub first_due_at: Option<UtcTime>,
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Queue {
    /// Mails that were queued by themselves.
    Mails,
    /// Jobs of a kind.
    Jobs(JobKind),
    /// Recipients of a campaign that is not over.
    Campaign(Campaign),
}

/// How far a campaign of the acting account is.
///
/// # Errors
/// [`CampaignError`].
pub fn status(cx: &mut Ctx<'_>, id: CampaignId) -> Result<Status, CampaignError> {
    let campaign = get(cx, id)?;
    let totals = cx.tx.find_campaign_totals(id)?.unwrap_or_default();
    let n_open = n_open(&campaign, &totals);
    let (n_leased, n_deferred) =
        if n_open > 0 { (cx.tx.count_leased(id)?, cx.tx.count_deferred(id, cx.now)?) } else { (0, 0) };
    let per_second = per_second(&campaign, &totals, cx.now);
    Ok(Status { campaign, totals, n_open, n_leased, n_deferred, per_second })
}

/// Recipients that are planned and not over.
#[must_use]
pub fn n_open(campaign: &Campaign, totals: &Totals) -> i64 {
    (campaign.n_recipients - totals.n_sent - totals.n_failed - totals.n_skipped).max(0)
}

/// Mails a second from the start to the end or now, pauses included; 0 before the start.
#[allow(clippy::cast_precision_loss, reason = "shown with one digit")]
fn per_second(campaign: &Campaign, totals: &Totals, now: UtcTime) -> f64 {
    let Some(started) = campaign.started_at else { return 0.0 };
    let micros = campaign.finished_at.unwrap_or(now).0.saturating_sub(started.0).max(1);
    totals.n_sent as f64 * 1_000_000.0 / micros as f64
}

/// What waits in every queue. For who administers all accounts.
///
/// # Errors
/// [`CampaignError`].
pub fn queues(cx: &mut Ctx<'_>) -> Result<Vec<Waiting>, CampaignError> {
    cx.administrator()?;
    let mut queues = Vec::new();
    let (n_pending, first_due_at) = cx.tx.count_mails_in(QueueState::Pending)?;
    let (n_leased, _) = cx.tx.count_mails_in(QueueState::Leased)?;
    let (n_failed, _) = cx.tx.count_mails_in(QueueState::Failed)?;
    queues.push(Waiting { what: Queue::Mails, n_pending, n_leased, n_deferred: None, n_failed, first_due_at });
    for kind in JobKind::ALL {
        let (n_pending, first_due_at) = cx.tx.count_jobs_in(*kind, QueueState::Pending)?;
        let (n_leased, _) = cx.tx.count_jobs_in(*kind, QueueState::Leased)?;
        let (n_failed, _) = cx.tx.count_jobs_in(*kind, QueueState::Failed)?;
        if n_pending + n_leased + n_failed > 0 {
            let what = Queue::Jobs(*kind);
            queues.push(Waiting { what, n_pending, n_leased, n_deferred: None, n_failed, first_due_at });
        }
    }
    for state in [CampaignState::Sending, CampaignState::Paused] {
        let mut after = CampaignId::NONE;
        loop {
            let page = cx.tx.list_campaigns_in(state, after, MAX_LOGGED)?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for campaign in page {
                queues.push(of_campaign(cx, campaign)?);
            }
        }
    }
    Ok(queues)
}

fn of_campaign(cx: &mut Ctx<'_>, campaign: Campaign) -> Result<Waiting, StoreError> {
    let totals = cx.tx.find_campaign_totals(campaign.id)?.unwrap_or_default();
    let n_leased = cx.tx.count_leased(campaign.id)?;
    Ok(Waiting {
        n_pending: (n_open(&campaign, &totals) - n_leased).max(0),
        n_leased,
        n_deferred: Some(cx.tx.count_deferred(campaign.id, cx.now)?),
        n_failed: totals.n_failed,
        first_due_at: cx.tx.find_first_due(campaign.id)?,
        what: Queue::Campaign(campaign),
    })
}

/// Up to `n` recipients of a campaign of the acting account behind this list and number, with their addresses while they are known.
///
/// # Errors
/// [`CampaignError`].
pub fn recipients(
    cx: &mut Ctx<'_>,
    id: CampaignId,
    state: Option<RecipientState>,
    after: (ListId, SubscriberNumber),
    n: i64,
) -> Result<Vec<(RecipientEntry, Option<String>)>, CampaignError> {
    get(cx, id)?;
    Ok(cx.tx.list_recipients(id, state, after, n.min(MAX_LOGGED))?)
}

/// What was sent, or is to be sent, to an address by the acting account: recipient rows of campaigns and mails, the latest first in each.
///
/// # Errors
/// [`CampaignError`].
pub fn of_address(cx: &mut Ctx<'_>, text: &str) -> Result<(Vec<RecipientEntry>, Vec<Mail>), CampaignError> {
    let account = cx.account(Permission::CampaignsGet)?;
    let Some(address) = EmailAddress::parse(text) else { return Ok((Vec::new(), Vec::new())) };
    let (mut rows, mut spellings) = (Vec::new(), vec![address.entered().to_owned()]);
    for subscriber in cx.tx.list_subscribers_of_address(account, address.key())? {
        rows.extend(cx.tx.list_recipients_of_subscriber(subscriber.list_id, subscriber.number, MAX_LOGGED)?);
        spellings.push(subscriber.email);
    }
    rows.sort_by_key(|row| std::cmp::Reverse((row.campaign_id, row.list_id)));
    spellings.sort();
    spellings.dedup();
    let mut mails = Vec::new();
    for email in &spellings {
        mails.extend(cx.tx.list_mails_to(account, email, MAX_LOGGED)?);
    }
    mails.sort_by_key(|mail| std::cmp::Reverse(mail.id));
    Ok((rows, mails))
}
