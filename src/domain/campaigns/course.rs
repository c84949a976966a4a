//! The course of a campaign: started, scheduled, approved, paused, resumed, cancelled, sent once more to who failed.

use crate::domain::campaigns::{Campaign, CampaignError, changing, limits};
use crate::domain::cx::Ctx;
use crate::model::ids::{AccountId, CampaignId};
use crate::model::states::{CampaignSchedule, CampaignState, Reputation, Resend};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::campaigns::CampaignCourse;
use crate::store::rows::selections::{Selection, from_text};

/// What a campaign says that somebody paused.
pub const BY_HAND: &str = "paused by hand";

/// Starts a campaign of the acting account: who is on its lists now is meant, whoever joins later is not. One of an account that is not trusted waits for
/// approval. Answers where it stands now.
///
/// # Errors
/// [`CampaignError`].
pub fn start(cx: &mut Ctx<'_>, id: CampaignId) -> Result<CampaignState, CampaignError> {
    let campaign = changing(cx, id)?;
    require(&campaign, &[CampaignState::Draft, CampaignState::Scheduled])?;
    check_limits(cx, &campaign)?;
    if needs_approval(cx, campaign.account_id)? {
        let course = CampaignCourse {
            state: CampaignState::WaitingForApproval,
            schedule: CampaignSchedule::AtOnce,
            due_at: Some(cx.now),
            ..course_of(&campaign)
        };
        set(cx, &campaign, &course)?;
        return Ok(course.state);
    }
    begin(cx, &campaign)?;
    Ok(CampaignState::Sending)
}

/// Lets a campaign of the acting account start at a moment; one that is past counts as late from then on. Answers where it stands now.
///
/// # Errors
/// [`CampaignError`].
pub fn schedule(cx: &mut Ctx<'_>, id: CampaignId, at: UtcTime) -> Result<CampaignState, CampaignError> {
    let campaign = changing(cx, id)?;
    require(&campaign, &[CampaignState::Draft, CampaignState::Scheduled, CampaignState::WaitingForApproval])?;
    let state = if needs_approval(cx, campaign.account_id)? {
        CampaignState::WaitingForApproval
    } else {
        CampaignState::Scheduled
    };
    let course = CampaignCourse { state, schedule: CampaignSchedule::At, due_at: Some(at), ..course_of(&campaign) };
    set(cx, &campaign, &course)?;
    Ok(state)
}

/// Makes a campaign of the acting account a draft again that has not started.
///
/// # Errors
/// [`CampaignError`].
pub fn unschedule(cx: &mut Ctx<'_>, id: CampaignId) -> Result<(), CampaignError> {
    let campaign = changing(cx, id)?;
    require(&campaign, &[CampaignState::Scheduled, CampaignState::WaitingForApproval])?;
    let course = CampaignCourse {
        state: CampaignState::Draft,
        schedule: CampaignSchedule::Unscheduled,
        due_at: None,
        ..course_of(&campaign)
    };
    set(cx, &campaign, &course)
}

/// Lets a campaign go that waits for approval. For who administers all accounts.
///
/// # Errors
/// [`CampaignError`].
pub fn approve(cx: &mut Ctx<'_>, id: CampaignId) -> Result<CampaignState, CampaignError> {
    cx.administrator()?;
    let campaign = cx.tx.find_any_campaign(id)?.ok_or(CampaignError::NoCampaign(id))?;
    require(&campaign, &[CampaignState::WaitingForApproval])?;
    if campaign.due_at.is_some_and(|at| at > cx.now) {
        let course = CampaignCourse { state: CampaignState::Scheduled, ..course_of(&campaign) };
        set(cx, &campaign, &course)?;
        return Ok(course.state);
    }
    check_limits(cx, &campaign)?;
    begin(cx, &campaign)?;
    Ok(CampaignState::Sending)
}

/// Pauses a campaign of the acting account that is being sent: nothing of it is leased any more.
///
/// # Errors
/// [`CampaignError`].
pub fn pause(cx: &mut Ctx<'_>, id: CampaignId) -> Result<(), CampaignError> {
    let campaign = changing(cx, id)?;
    require(&campaign, &[CampaignState::Sending])?;
    if pause_for(cx, &campaign, BY_HAND.to_owned())? { Ok(()) } else { Err(wrong(&campaign)) }
}

/// Lets a paused campaign of the acting account go on, or start when it was paused for being late.
///
/// # Errors
/// [`CampaignError`].
pub fn resume(cx: &mut Ctx<'_>, id: CampaignId) -> Result<(), CampaignError> {
    let campaign = changing(cx, id)?;
    require(&campaign, &[CampaignState::Paused])?;
    if campaign.started_at.is_none() {
        check_limits(cx, &campaign)?;
        return begin(cx, &campaign);
    }
    let course = CampaignCourse { state: CampaignState::Sending, reason: String::new(), ..course_of(&campaign) };
    set(cx, &campaign, &course)?;
    Ok(cx.tx.forget_recent_results(id)?)
}

/// Ends a campaign of the acting account for good. Who has not got it yet is skipped; what is under way may still arrive.
///
/// # Errors
/// [`CampaignError`].
pub fn cancel(cx: &mut Ctx<'_>, id: CampaignId) -> Result<(), CampaignError> {
    let campaign = changing(cx, id)?;
    require(
        &campaign,
        &[CampaignState::WaitingForApproval, CampaignState::Scheduled, CampaignState::Sending, CampaignState::Paused],
    )?;
    let course = CampaignCourse { state: CampaignState::Cancelled, reason: String::new(), ..course_of(&campaign) };
    set(cx, &campaign, &course)
}

/// Puts those recipients of a campaign of the acting account back that failed, to be sent once more; those that may have got the mail already only
/// when `with_uncertain`. The planner does it piece by piece.
///
/// # Errors
/// [`CampaignError`].
pub fn resend_failed(cx: &mut Ctx<'_>, id: CampaignId, with_uncertain: bool) -> Result<(), CampaignError> {
    let campaign = changing(cx, id)?;
    require(&campaign, &[CampaignState::Sending, CampaignState::Paused, CampaignState::Sent])?;
    let state = if campaign.state == CampaignState::Sent { CampaignState::Sending } else { campaign.state };
    let course = CampaignCourse { state, finished_at: None, ..course_of(&campaign) };
    set(cx, &campaign, &course)?;
    cx.tx.forget_recent_results(id)?;
    let which = if with_uncertain { Resend::FailedAndUncertain } else { Resend::Failed };
    Ok(cx.tx.set_campaign_resend(id, which)?)
}

/// Begins to send: the highest subscriber number of each list is fixed.
pub(super) fn begin(cx: &mut Ctx<'_>, campaign: &Campaign) -> Result<(), CampaignError> {
    let (account, message) = (campaign.account_id, campaign.message_id);
    cx.tx.find_message(account, message)?.ok_or(CampaignError::NoMessage(message))?;
    let schedule = match campaign.schedule {
        CampaignSchedule::Unscheduled => CampaignSchedule::AtOnce,
        other => other,
    };
    let course = CampaignCourse {
        state: CampaignState::Sending,
        schedule,
        reason: String::new(),
        started_at: Some(cx.now),
        ..course_of(campaign)
    };
    set(cx, campaign, &course)?;
    tracing::info!(campaign.id = %campaign.id, account.id = %account, "campaign {} is started", campaign.id);
    Ok(cx.tx.fix_campaign_bounds(campaign.id)?)
}

/// Pauses a campaign with a reason; false when it is not where it was any more.
pub(super) fn pause_for(cx: &mut Ctx<'_>, campaign: &Campaign, reason: String) -> Result<bool, StoreError> {
    let course = CampaignCourse { state: CampaignState::Paused, reason, ..course_of(campaign) };
    cx.tx.set_campaign_course(campaign.id, &[campaign.state], &course)
}

/// Gives a campaign up with a reason; false when it is over already. Its open recipients are skipped later, piece by piece.
pub(super) fn fail(cx: &mut Ctx<'_>, campaign: &Campaign, reason: &str) -> Result<bool, StoreError> {
    let course = CampaignCourse { state: CampaignState::Failed, reason: reason.to_owned(), ..course_of(campaign) };
    tracing::error!(campaign.id = %campaign.id, reason, "campaign {} is given up: {reason}", campaign.id);
    cx.tx.set_campaign_course(campaign.id, &[CampaignState::Sending, CampaignState::Paused], &course)
}

/// Where a campaign stands, to be changed in part.
pub(super) fn course_of(campaign: &Campaign) -> CampaignCourse {
    CampaignCourse {
        state: campaign.state,
        schedule: campaign.schedule,
        due_at: campaign.due_at,
        reason: campaign.reason.clone(),
        started_at: campaign.started_at,
        finished_at: campaign.finished_at,
    }
}

/// Refuses what would pass a limit of the account's user group. Parts of lists are not counted beforehand; the planner looks again.
pub(super) fn check_limits(cx: &mut Ctx<'_>, campaign: &Campaign) -> Result<(), CampaignError> {
    let mut n_mails = 0;
    for part in cx.tx.list_campaign_lists(campaign.id)? {
        if from_text(&part.selection)? == Selection::All
            && let Some(totals) = cx.tx.find_list_totals(part.list_id)?
        {
            n_mails += totals.n_active + totals.n_soft;
        }
    }
    match limits::passed_by(cx, campaign.account_id, n_mails)? {
        Some(limit) => Err(limit.into()),
        None => Ok(()),
    }
}

/// Whether campaigns of an account wait for approval.
fn needs_approval(cx: &mut Ctx<'_>, account: AccountId) -> Result<bool, StoreError> {
    let found = cx.tx.find_account(account)?;
    Ok(found.is_some_and(|account| account.reputation == Reputation::Untrusted))
}

fn set(cx: &mut Ctx<'_>, campaign: &Campaign, course: &CampaignCourse) -> Result<(), CampaignError> {
    if cx.tx.set_campaign_course(campaign.id, &[campaign.state], course)? { Ok(()) } else { Err(wrong(campaign)) }
}

fn require(campaign: &Campaign, states: &[CampaignState]) -> Result<(), CampaignError> {
    if states.contains(&campaign.state) { Ok(()) } else { Err(wrong(campaign)) }
}

fn wrong(campaign: &Campaign) -> CampaignError {
    CampaignError::WrongState(campaign.id, campaign.state)
}
