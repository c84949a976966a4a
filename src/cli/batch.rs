//! `understudy batch`: sendings of one message to many contacts; the web services make them.

use serde_json::{Value, json};

use super::Common;
use super::shown::{Shown, moment, moment_or_empty};
use super::work::{self, Work};
use crate::domain::administration;
use crate::domain::sendings::{self, Batch};
use crate::model::ids::{ListId, SendingId};
use crate::model::states::SendingState;

/// The actions of `batch`.
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// List the batches of a project.
    List(List),
    /// Let a batch go that waits for approval.
    Approve(Numbered),
}

/// Flags of `batch list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// The project.
    #[arg(long, value_name = "ID")]
    project: i64,
    /// Only those that wait for approval.
    #[arg(long)]
    waiting: bool,
}

/// Which batch.
#[derive(Debug, clap::Args)]
pub struct Numbered {
    /// The project.
    #[arg(long, value_name = "ID")]
    project: i64,
    /// Its id, see `batch list`.
    #[arg(value_name = "ID")]
    id: i64,
}

impl Action {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        match self {
            Self::List(list) => list.run(common),
            Self::Approve(Numbered { project, id }) => {
                let (project, id) = (ListId(project), SendingId(id));
                work::change(common, move |cx| {
                    administration::act_as_owner(cx, project)?;
                    Ok(sendings::approve_of(cx, project, id)?)
                })?;
                let json = json!({ "batch_id": id.0, "project_id": project.0 });
                Ok(Shown::new(json, format!("batch {id} is approved; the running server sends it from its launch on")))
            }
        }
    }
}

impl List {
    fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let project = ListId(self.project);
        let work = Work::open_existing(common)?;
        let mut found: Vec<Batch> = Vec::new();
        loop {
            let from = found.last().map(|batch| SendingId(batch.id.0.saturating_add(1)));
            let page = work.read(move |cx| {
                administration::act_as_owner(cx, project)?;
                Ok(sendings::batches(cx, project, from, None)?)
            })?;
            if page.is_empty() {
                break;
            }
            found.extend(page);
        }
        work.end();
        found.retain(|batch| !self.waiting || batch.state == SendingState::WaitingForApproval);
        let rows: Vec<Vec<String>> = found.iter().map(row).collect();
        let headings = ["ID", "MESSAGE", "STATE", "LAUNCH", "SELECTED", "QUEUED", "PASSED"];
        Ok(Shown::table(Value::Array(found.iter().map(to_json).collect()), &headings, &rows))
    }
}

fn row(batch: &Batch) -> Vec<String> {
    vec![
        batch.id.to_string(),
        batch.message_id.to_string(),
        word(batch.state).to_owned(),
        moment(batch.launch_at),
        batch.n_selected.to_string(),
        batch.n_queued.to_string(),
        batch.n_passed.to_string(),
    ]
}

fn to_json(batch: &Batch) -> Value {
    json!({
        "batch_id": batch.id.0,
        "project_id": batch.list_id.0,
        "message_id": batch.message_id.0,
        "state": word(batch.state),
        "launch_at": moment(batch.launch_at),
        "finished_at": moment_or_empty(batch.finished_at),
        "n_selected": batch.n_selected,
        "n_queued": batch.n_queued,
        "n_passed": batch.n_passed,
        "last_error": batch.last_error,
    })
}

fn word(state: SendingState) -> &'static str {
    match state {
        SendingState::WaitingForApproval => "waiting",
        SendingState::Scheduled => "scheduled",
        SendingState::Running => "running",
        SendingState::Done => "done",
        SendingState::Failed => "failed",
    }
}
