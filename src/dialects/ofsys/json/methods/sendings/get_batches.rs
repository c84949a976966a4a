//! `Sendings.GetBatches`: how far the batches of a project are. Wire: OF-8.10.

use serde_json::{Value, json};

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::filter;
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::dialects::ofsys::refusals;
use crate::domain::contacts::dates;
use crate::domain::projects;
use crate::domain::sendings::batches;
use crate::model::states::SendingState;

/// The registry row.
pub const METHOD: Method = Method {
    service: "Sendings",
    name: "GetBatches",
    auth: Auth::Key,
    codes: &[Code::MissingParameter, Code::InvalidParameter, Code::ProjectNotFound],
    run: Run::Read(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let project = call.project()?;
    let (from, to) = filter::batches(&call.request)?;
    let zone = projects::get(call.cx, project)?.time_zone;
    let found = batches(call.cx, project, from, to).map_err(refusals::of_batch)?;
    let rows: Vec<Value> = found
        .iter()
        .map(|batch| {
            json!({
                "idBatch": batch.id.0,
                "idMessage": batch.message_id.0,
                "dtLaunch": dates::dotted(batch.launch_at, zone),
                "Status": word(batch.state),
                "SelectedContacts": batch.n_selected,
                "QueuedMessages": batch.n_queued,
                "SkippedContacts": batch.n_passed,
            })
        })
        .collect();
    let note = format!("{} batches", rows.len());
    Ok(Reply::new().put("Batches", rows).note(note))
}

const fn word(state: SendingState) -> &'static str {
    match state {
        SendingState::WaitingForApproval => "WaitingForApproval",
        SendingState::Scheduled => "Scheduled",
        SendingState::Running => "Running",
        SendingState::Done => "Completed",
        SendingState::Failed => "Failed",
    }
}
