//! Planning a campaign: one bounded piece after the other, each its own transaction that makes recipients and notes how far it came. A crash in between costs
//! nothing: the piece was done or was not. Sending goes on meanwhile (ML-4.2).

use crate::domain::campaigns::{Campaign, course, limits};
use crate::domain::cx::Ctx;
use crate::domain::workload::WorkError;
use crate::model::ids::{CampaignId, SubscriberNumber};
use crate::model::states::{CampaignState, Resend};
use crate::store::StoreError;
use crate::store::rows::campaigns::{CampaignListRow, CampaignPlan, CampaignTotals};
use crate::store::rows::selections::{self, Selection, Test};

/// Subscribers looked at in one piece.
pub const PIECE: i64 = 1_000;

/// Does one piece of a campaign that is being sent: puts failed recipients back when that was asked for, else makes recipients of the next subscribers.
/// True when there is more. For the worker.
///
/// # Errors
/// [`WorkError`].
pub fn step(cx: &mut Ctx<'_>, id: CampaignId) -> Result<bool, WorkError> {
    cx.administrator()?;
    let Some(campaign) = cx.tx.take_campaign(id)? else { return Ok(false) };
    if campaign.state != CampaignState::Sending {
        return Ok(false);
    }
    if campaign.resend != Resend::Nothing {
        put_back(cx, &campaign)?;
        return Ok(true);
    }
    if campaign.planned_at.is_some() {
        return Ok(false);
    }
    let plan = match piece(cx, &campaign) {
        Ok(plan) => plan,
        Err(StoreError::Unreadable(_)) => {
            course::fail(cx, &campaign, "its selection cannot be read")?;
            return Ok(false);
        }
        Err(error) => return Err(error.into()),
    };
    cx.tx.save_campaign_plan(id, &plan)?;
    if plan.n_recipients > campaign.n_recipients
        && let Some(limit) = limits::passed(cx, campaign.account_id)?
    {
        course::pause_for(cx, &campaign, limit.to_string())?;
        return Ok(false);
    }
    if plan.planned_at.is_some() {
        tracing::info!(
            campaign.id = %id, n_recipients = plan.n_recipients, "campaign {id} has {} recipients", plan.n_recipients
        );
    }
    Ok(plan.planned_at.is_none())
}

/// Makes the next recipients, and says how far the planner came.
fn piece(cx: &mut Ctx<'_>, campaign: &Campaign) -> Result<CampaignPlan, StoreError> {
    let lists = cx.tx.list_campaign_lists(campaign.id)?;
    let mut plan = CampaignPlan {
        n_recipients: campaign.n_recipients,
        plan_position: campaign.plan_position,
        plan_number: campaign.plan_number,
        planned_at: None,
    };
    let Some(list) = lists.iter().find(|list| list.position >= plan.plan_position) else {
        return Ok(CampaignPlan { planned_at: Some(cx.now), ..plan });
    };
    if list.position > plan.plan_position {
        // The list between is gone.
        plan.plan_number = SubscriberNumber::NONE;
    }
    let until = match cx.tx.find_list(campaign.account_id, list.list_id)? {
        Some(_) => cx.tx.find_nth_number(list.list_id, plan.plan_number, PIECE)?.unwrap_or(list.up_to),
        None => SubscriberNumber::NONE,
    };
    let until = until.min(list.up_to);
    if until > plan.plan_number {
        let selection = mailable(list)?;
        let n = cx.tx.plan_recipients(list, &selection, plan.plan_number, until, cx.now)?;
        plan.n_recipients += i64::try_from(n).unwrap_or(PIECE);
    }
    if until > plan.plan_number && until < list.up_to {
        (plan.plan_position, plan.plan_number) = (list.position, until);
    } else {
        (plan.plan_position, plan.plan_number) = (list.position + 1, SubscriberNumber::NONE);
        if !lists.iter().any(|other| other.position > list.position) {
            plan.planned_at = Some(cx.now);
        }
    }
    Ok(plan)
}

/// Those of a campaign's list who are asked for and may be mailed: subscribed, not suppressed, without a hard bounce.
fn mailable(list: &CampaignListRow) -> Result<Selection, StoreError> {
    let asked = selections::from_text(&list.selection)?;
    Ok(Selection::And(vec![Selection::Is(Test::IsMailable), asked]))
}

/// Puts some failed recipients back; the last piece ends it.
fn put_back(cx: &mut Ctx<'_>, campaign: &Campaign) -> Result<(), StoreError> {
    let n = cx.tx.put_back_failed(campaign.id, campaign.resend, PIECE, cx.now)?;
    let n = i64::try_from(n).unwrap_or(PIECE);
    if n > 0 {
        let fewer = CampaignTotals { n_failed: -n, ..CampaignTotals::default() };
        cx.tx.add_campaign_totals(campaign.id, &fewer, i64::MAX)?;
    }
    if n < PIECE {
        cx.tx.set_campaign_resend(campaign.id, Resend::Nothing)?;
    }
    Ok(())
}
