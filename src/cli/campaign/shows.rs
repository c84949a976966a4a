//! What is shown of campaigns.

use serde_json::{Value, json};

use super::super::shown::{Shown, moment, moment_or_empty};
use crate::domain::campaigns::overview::{Status, n_open};
use crate::domain::campaigns::{Campaign, CampaignList, Totals};
use crate::model::states::{CampaignState, RecipientState};

/// A campaign's state in one word.
pub fn state_word(state: CampaignState) -> &'static str {
    match state {
        CampaignState::Draft => "draft",
        CampaignState::WaitingForApproval => "waiting",
        CampaignState::Scheduled => "scheduled",
        CampaignState::Sending => "sending",
        CampaignState::Paused => "paused",
        CampaignState::Sent => "sent",
        CampaignState::Failed => "failed",
        CampaignState::Cancelled => "cancelled",
    }
}

/// A recipient's state in one word.
pub fn recipient_word(state: RecipientState) -> &'static str {
    match state {
        RecipientState::Pending => "pending",
        RecipientState::Leased => "leased",
        RecipientState::Sent => "sent",
        RecipientState::Failed => "failed",
        RecipientState::Skipped => "skipped",
    }
}

/// Campaigns with their totals.
pub(super) fn list(found: &[(Campaign, Totals)]) -> Shown {
    let headings = ["ID", "ACCOUNT", "NAME", "STATE", "RECIPIENTS", "SENT", "FAILED", "SKIPPED", "OPEN"];
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|(campaign, totals)| {
            vec![
                campaign.id.to_string(),
                campaign.account_id.to_string(),
                campaign.name.clone(),
                state_word(campaign.state).to_owned(),
                campaign.n_recipients.to_string(),
                totals.n_sent.to_string(),
                totals.n_failed.to_string(),
                totals.n_skipped.to_string(),
                n_open(campaign, totals).to_string(),
            ]
        })
        .collect();
    let json = found.iter().map(|(campaign, totals)| to_json(campaign, totals)).collect();
    Shown::table(Value::Array(json), &headings, &rows)
}

/// How far a campaign is.
pub(super) fn status(status: &Status) -> Shown {
    Shown::new(status_json(status), status_lines(status).join("\n"))
}

/// A campaign and whom it goes to.
pub(super) fn campaign(status: &Status, lists: &[CampaignList]) -> Shown {
    let mut json = status_json(status);
    let shown: Vec<Value> = lists
        .iter()
        .map(|list| {
            let selection: Value = serde_json::from_str(&list.selection).unwrap_or_default();
            json!({ "list_id": list.list_id.0, "segment_id": list.segment_id, "selection": selection })
        })
        .collect();
    json["lists"] = Value::Array(shown);
    let mut lines = status_lines(status);
    lines.extend(lists.iter().map(|list| format!("list        {} {}", list.list_id, list.selection)));
    Shown::new(json, lines.join("\n"))
}

fn status_lines(status: &Status) -> Vec<String> {
    let (campaign, totals) = (&status.campaign, &status.totals);
    let mut lines = vec![format!("campaign {}: {}", campaign.id, campaign.name)];
    let reason = if campaign.reason.is_empty() { String::new() } else { format!(" ({})", campaign.reason) };
    lines.push(format!("state       {}{reason}", state_word(campaign.state)));
    lines.push(format!("message     {}", campaign.message_id));
    for (what, at) in [("due", campaign.due_at), ("started", campaign.started_at), ("finished", campaign.finished_at)] {
        if let Some(at) = at {
            lines.push(format!("{what:<11} {}", moment(at)));
        }
    }
    let planned = if campaign.started_at.is_some() && campaign.planned_at.is_none() { " so far" } else { "" };
    lines.push(format!("recipients  {}{planned}", campaign.n_recipients));
    lines.push(format!("sent        {} ({:.1} a second)", totals.n_sent, status.per_second));
    lines.push(format!("open        {} ({} under way, {} put off)", status.n_open, status.n_leased, status.n_deferred));
    lines.push(format!("failed      {}", totals.n_failed));
    lines.push(format!("skipped     {}", totals.n_skipped));
    lines.push(format!("uncertain   {}", totals.n_uncertain));
    lines.push(format!("bounces     {} hard, {} soft", totals.n_hard, totals.n_soft));
    lines
}

fn status_json(status: &Status) -> Value {
    let mut json = to_json(&status.campaign, &status.totals);
    json["n_leased"] = status.n_leased.into();
    json["n_deferred"] = status.n_deferred.into();
    json["per_second"] = ((status.per_second * 10.0).round() / 10.0).into();
    json
}

fn to_json(campaign: &Campaign, totals: &Totals) -> Value {
    json!({
        "campaign_id": campaign.id.0,
        "account_id": campaign.account_id.0,
        "name": campaign.name,
        "message_id": campaign.message_id.0,
        "state": state_word(campaign.state),
        "reason": campaign.reason,
        "due_at": moment_or_empty(campaign.due_at),
        "started_at": moment_or_empty(campaign.started_at),
        "planned_at": moment_or_empty(campaign.planned_at),
        "finished_at": moment_or_empty(campaign.finished_at),
        "n_recipients": campaign.n_recipients,
        "n_sent": totals.n_sent,
        "n_failed": totals.n_failed,
        "n_skipped": totals.n_skipped,
        "n_open": n_open(campaign, totals),
        "n_uncertain": totals.n_uncertain,
        "n_hard": totals.n_hard,
        "n_soft": totals.n_soft,
    })
}
