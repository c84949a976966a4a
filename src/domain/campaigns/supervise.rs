//! What is looked after beside sending: scheduled campaigns start, those with too many errors are paused, those that are through are closed, leases that ended
//! return. All for the planner's worker.

use std::time::Duration;

use crate::config::CampaignSettings;
use crate::domain::campaigns::recipients::{self, Sums};
use crate::domain::campaigns::{Campaign, CampaignError, course};
use crate::domain::cx::Ctx;
use crate::domain::sessions;
use crate::domain::workload::WorkError;
use crate::model::ids::{CampaignId, NodeId};
use crate::model::states::{CampaignState, Resend};
use crate::store::StoreError;
use crate::store::rows::campaigns::{CampaignCourse, CampaignTotals};

/// Rows that one transaction changes at most.
const PIECE: i64 = 1_000;
/// Campaigns that one look reads at a time.
const PAGE: i64 = 500;

/// What there is to do.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Survey {
    /// Scheduled campaigns are due: call [`launch`].
    pub is_launch_due: bool,
    /// Campaigns to be planned: call [`super::plan::step`].
    pub to_plan: Vec<CampaignId>,
    /// Campaigns that may be through, or have too many errors: call [`settle`].
    pub to_settle: Vec<CampaignId>,
    /// A campaign ended early: call [`clear`].
    pub is_clearing_due: bool,
    /// Leases ended: call [`return_leases`].
    pub is_return_due: bool,
}

/// Looks for what there is to do. Cheap, and needs no transaction.
///
/// # Errors
/// [`WorkError`].
pub fn survey(cx: &mut Ctx<'_>) -> Result<Survey, WorkError> {
    cx.administrator()?;
    let mut survey = Survey {
        is_launch_due: !cx.tx.list_due_campaigns(cx.now, 1)?.is_empty(),
        is_clearing_due: cx.tx.find_campaign_to_clear()?.is_some(),
        is_return_due: cx.tx.is_lease_ended(cx.now)?,
        ..Survey::default()
    };
    let mut after = CampaignId::NONE;
    loop {
        let page = cx.tx.list_campaigns_in(CampaignState::Sending, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(survey) };
        after = last.id;
        for campaign in page {
            let is_planned = is_planned(&campaign);
            if !is_planned {
                survey.to_plan.push(campaign.id);
            }
            if is_failing_now(cx, campaign.id)? || (is_planned && cx.tx.find_open_recipient(campaign.id)?.is_none()) {
                survey.to_settle.push(campaign.id);
            }
        }
    }
}

/// Starts scheduled campaigns whose time has come. One that is too late, or may not start, is paused with the reason and waits for a human.
///
/// # Errors
/// [`WorkError`].
pub fn launch(cx: &mut Ctx<'_>) -> Result<(), WorkError> {
    cx.administrator()?;
    for campaign in cx.tx.list_due_campaigns(cx.now, PAGE)? {
        let reason = match what_keeps_back(cx, &campaign)? {
            Some(reason) => reason,
            None => match course::begin(cx, &campaign) {
                // Another node was faster.
                Ok(()) | Err(CampaignError::WrongState(..)) => continue,
                Err(CampaignError::Store(error)) => return Err(error.into()),
                Err(error) => error.to_string(),
            },
        };
        tracing::warn!(campaign.id = %campaign.id, reason, "campaign {} does not start: {reason}", campaign.id);
        course::pause_for(cx, &campaign, reason)?;
    }
    Ok(())
}

fn what_keeps_back(cx: &mut Ctx<'_>, campaign: &Campaign) -> Result<Option<String>, StoreError> {
    let hours = cx.settings.campaigns.max_lateness_hours;
    let patience = Duration::from_secs(hours.saturating_mul(3600));
    if campaign.due_at.is_some_and(|at| at.plus(patience) < cx.now) {
        return Ok(Some(format!("its time passed more than {hours} hours ago")));
    }
    if !sessions::may_work(cx, campaign.account_id)? {
        return Ok(Some("the account may not act".to_owned()));
    }
    match course::check_limits(cx, campaign) {
        Ok(()) => Ok(None),
        Err(CampaignError::Store(error)) => Err(error),
        Err(error) => Ok(Some(error.to_string())),
    }
}

/// Pauses a campaign that is being sent when it has too many errors, and closes it when it is planned and nobody is open any more.
///
/// # Errors
/// [`WorkError`].
pub fn settle(cx: &mut Ctx<'_>, id: CampaignId) -> Result<(), WorkError> {
    cx.administrator()?;
    let Some(campaign) = cx.tx.take_campaign(id)? else { return Ok(()) };
    if campaign.state != CampaignState::Sending {
        return Ok(());
    }
    if is_planned(&campaign) && cx.tx.find_open_recipient(id)?.is_none() {
        let course =
            CampaignCourse { state: CampaignState::Sent, finished_at: Some(cx.now), ..course::course_of(&campaign) };
        cx.tx.set_campaign_course(id, &[CampaignState::Sending], &course)?;
        let totals = cx.tx.find_campaign_totals(id)?.unwrap_or_default();
        tracing::info!(
            campaign.id = %id, n_sent = totals.n_sent, n_failed = totals.n_failed, n_skipped = totals.n_skipped,
            "campaign {id} is sent: {} mails, {} failed, {} skipped", totals.n_sent, totals.n_failed, totals.n_skipped
        );
        return Ok(());
    }
    let totals = cx.tx.find_campaign_totals(id)?.unwrap_or_default();
    if is_failing(&cx.settings.campaigns, totals.n_recent, totals.n_recent_errors) {
        let reason = format!("{} of the last {} mails failed", totals.n_recent_errors, totals.n_recent);
        tracing::error!(campaign.id = %id, reason, "campaign {id} is paused: {reason}");
        course::pause_for(cx, &campaign, reason)?;
    }
    Ok(())
}

/// Skips some open recipients of a campaign that was cancelled or given up, and notes its end with the last of them. True when there may be more.
///
/// # Errors
/// [`WorkError`].
pub fn clear(cx: &mut Ctx<'_>) -> Result<bool, WorkError> {
    cx.administrator()?;
    let Some(found) = cx.tx.find_campaign_to_clear()? else { return Ok(false) };
    let Some(campaign) = cx.tx.take_campaign(found.id)? else { return Ok(false) };
    let reason = if campaign.state == CampaignState::Cancelled { "cancelled" } else { campaign.reason.as_str() };
    let n = cx.tx.skip_pending(campaign.id, reason, PIECE, cx.now)?;
    let skipped = CampaignTotals { n_skipped: i64::try_from(n).unwrap_or(PIECE), ..CampaignTotals::default() };
    cx.tx.add_campaign_totals(campaign.id, &skipped, i64::MAX)?;
    if cx.tx.find_open_recipient(campaign.id)?.is_none() {
        let course = CampaignCourse { finished_at: Some(cx.now), ..course::course_of(&campaign) };
        cx.tx.set_campaign_course(campaign.id, &[campaign.state], &course)?;
    }
    // Leased ones come back when they are recorded, released, or their lease ends.
    Ok(skipped.n_skipped > 0)
}

/// Removes up to `n` recipients' rows of campaigns that ended `campaigns.keep_days` ago, one campaign after the other; their totals stay. Answers how many
/// went, a campaign that is through counted as one.
pub(in crate::domain) fn sweep(cx: &mut Ctx<'_>, n: i64) -> Result<usize, StoreError> {
    let Some(keep) = cx.settings.campaigns.keep() else { return Ok(0) };
    let Some(id) = cx.tx.find_campaign_to_sweep(cx.now.minus(keep))? else { return Ok(0) };
    // Another node has it.
    let Some(campaign) = cx.tx.take_campaign(id)? else { return Ok(0) };
    let is_over = matches!(campaign.state, CampaignState::Sent | CampaignState::Failed | CampaignState::Cancelled);
    if !is_over || cx.tx.find_open_recipient(id)?.is_some() {
        return Ok(0);
    }
    Ok(cx.tx.sweep_recipients(id, n, cx.now)?.max(1))
}

/// Gives recipients back whose lease ended, marked as perhaps sent; those of `node`, the caller's process, only its own claims give back, which know
/// what it has in hand. True when there may be more.
///
/// # Errors
/// [`WorkError`].
pub fn return_leases(cx: &mut Ctx<'_>, node: NodeId) -> Result<bool, WorkError> {
    cx.administrator()?;
    let returned = cx.tx.return_ended_leases(PIECE, cx.now, Some(node))?;
    let mut totals = Sums::new();
    count_uncertain(&returned, &mut totals);
    recipients::add(cx, totals)?;
    Ok(!returned.is_empty())
}

/// Gives a piece of the recipients back that were leased by nodes which are gone. True when there may be more.
///
/// # Errors
/// [`WorkError`].
pub fn return_leases_of_gone(cx: &mut Ctx<'_>) -> Result<bool, WorkError> {
    cx.administrator()?;
    let returned = cx.tx.return_recipients_of_gone(PIECE, cx.now)?;
    let mut totals = Sums::new();
    count_uncertain(&returned, &mut totals);
    recipients::add(cx, totals)?;
    Ok(!returned.is_empty())
}

/// Adds recipients that came back and were not marked before.
pub(super) fn count_uncertain(returned: &[(CampaignId, bool)], totals: &mut Sums) {
    for (campaign, _) in returned.iter().filter(|(_, is_new)| *is_new) {
        totals.entry(*campaign).or_default().n_uncertain += 1;
    }
    if !returned.is_empty() {
        tracing::warn!(n_recipients = returned.len(), "{} recipients come back from leases that ended", returned.len());
    }
}

/// Whether too many of the last mails failed by no fault of their addresses.
pub(super) fn is_failing(settings: &CampaignSettings, n_recent: i64, n_errors: i64) -> bool {
    settings.pause_errors > 0
        && n_errors >= i64::from(settings.pause_errors)
        && n_errors.saturating_mul(100) >= n_recent.saturating_mul(i64::from(settings.pause_percent))
}

fn is_failing_now(cx: &mut Ctx<'_>, id: CampaignId) -> Result<bool, StoreError> {
    let totals = cx.tx.find_campaign_totals(id)?.unwrap_or_default();
    Ok(is_failing(&cx.settings.campaigns, totals.n_recent, totals.n_recent_errors))
}

/// Whether every recipient row is made and none is to be put back.
fn is_planned(campaign: &Campaign) -> bool {
    campaign.planned_at.is_some() && campaign.resend == Resend::Nothing
}
