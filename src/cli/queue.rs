//! `understudy queue`: what waits to be sent or done.

use serde_json::{Value, json};

use super::Common;
use super::campaign::state_word;
use super::shown::{Shown, moment_or_empty};
use super::work;
use crate::domain::campaigns::overview::{self, Queue as Kind, Waiting};
use crate::model::states::JobKind;

/// `queue` takes no flags of its own.
#[derive(Debug, clap::Args)]
pub struct Queue;

impl Queue {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let queues = work::look(common, |cx| Ok(overview::queues(cx)?))?;
        let headings = ["QUEUE", "WAITING", "UNDER WAY", "PUT OFF", "FAILED", "FIRST DUE"];
        let rows: Vec<Vec<String>> = queues.iter().map(row).collect();
        Ok(Shown::table(Value::Array(queues.iter().map(to_json).collect()), &headings, &rows))
    }
}

fn row(waiting: &Waiting) -> Vec<String> {
    vec![
        name(&waiting.what),
        waiting.n_pending.to_string(),
        waiting.n_leased.to_string(),
        waiting.n_deferred.map(|n| n.to_string()).unwrap_or_default(),
        waiting.n_failed.to_string(),
        moment_or_empty(waiting.first_due_at),
    ]
}

fn to_json(waiting: &Waiting) -> Value {
    let campaign = match &waiting.what {
        Kind::Campaign(campaign) => Some(campaign.id.0),
        Kind::Mails | Kind::Jobs(_) => None,
    };
    json!({
        "queue": name(&waiting.what),
        "campaign_id": campaign,
        "n_pending": waiting.n_pending,
        "n_leased": waiting.n_leased,
        "n_deferred": waiting.n_deferred,
        "n_failed": waiting.n_failed,
        "first_due_at": moment_or_empty(waiting.first_due_at),
    })
}

fn name(queue: &Kind) -> String {
    match queue {
        Kind::Mails => "mails".to_owned(),
        Kind::Jobs(kind) => job_name(*kind).to_owned(),
        Kind::Campaign(campaign) => {
            format!("campaign {} {} ({})", campaign.id, campaign.name, state_word(campaign.state))
        }
    }
}

fn job_name(kind: JobKind) -> &'static str {
    match kind {
        JobKind::ListHook => "list hooks",
        JobKind::PurgeList => "purges of lists",
        JobKind::PurgeAccount => "purges of accounts",
        JobKind::PurgeField => "purges of fields",
        JobKind::PurgeOptIn => "purges of opt-ins",
        JobKind::Sending => "batches",
        JobKind::Webhook => "webhooks",
    }
}
