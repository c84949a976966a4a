//! `Contacts.Merge`: creates and updates contacts, record by record. Wire: OF-6.2 to OF-6.17.

use serde_json::Value;

use crate::dialects::ofsys::codes::{Code, Validation};
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::records::{self, Answer, Options, Sent};
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::dialects::ofsys::json::rows;
use crate::dialects::ofsys::refusals;
use crate::dialects::ofsys::refusals::sentence;
use crate::domain::contacts::merge::{MergeOptions, Outcome, Record, Status, merge};
use crate::domain::projects::Project;

/// The registry row.
pub const METHOD: Method = Method {
    service: "Contacts",
    name: "Merge",
    auth: Auth::Key,
    codes: &[Code::MissingParameter, Code::InvalidParameter, Code::ProjectNotFound],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let project = call.project()?;
    let options = Options::read(&call.request)?;
    let sent = records::read(&call.request, call.cx.settings.ofsys.max_records)?;
    let (mut good, mut refused) = (Vec::with_capacity(sent.len()), Vec::with_capacity(sent.len()));
    for record in &sent {
        match record.pairs() {
            Ok((id, data)) => {
                good.push(Record { id, data });
                refused.push(None);
            }
            Err(answer) => refused.push(Some(answer)),
        }
    }
    let merged = merge(call.cx, project, &good, &domain_options(options))?;
    let mut outcomes = merged.outcomes.into_iter();
    let rows = sent.iter().zip(refused).map(|(record, refused)| match (refused, &mut outcomes) {
        (Some(answer), _) => record.answer(*answer, &options),
        (None, outcomes) => row(record, outcomes.next(), &merged.project, &options),
    });
    let rows: Vec<Value> = rows.collect();
    let note = format!("{} records, {} created, {} updated", rows.len(), merged.n_created, merged.n_updated);
    Ok(Reply::new()
        .put("CreatedRecords", merged.n_created)
        .put("UpdatedRecords", merged.n_updated)
        .put("Records", rows)
        .note(note))
}

const fn domain_options(options: Options) -> MergeOptions {
    MergeOptions {
        allow_insert: options.allow_insert,
        allow_update: options.allow_update,
        skip_duplicates: options.skip_duplicates,
        skip_unmatched: options.skip_unmatched,
        returns_contacts: options.returns_on_success,
    }
}

/// Every record that was merged has an outcome.
fn row(record: &Sent<'_>, outcome: Option<Outcome>, project: &Project, options: &Options) -> Value {
    let Some(outcome) = outcome else { return Value::Null };
    let status = match outcome.status {
        Status::Created => "Created",
        Status::Updated => "Updated",
        Status::Skipped => "Skipped",
        Status::Error => "Error",
    };
    let answer = Answer {
        id: outcome.number.map(|number| number.0),
        status,
        validation: outcome.problem.as_ref().map_or(Validation::OK, refusals::of_contact),
        message: outcome.problem.map(|problem| sentence(&problem.to_string())),
        record: outcome.contact.map(|contact| rows::contact(project, &contact)),
    };
    record.answer(answer, options)
}
