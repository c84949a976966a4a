//! `Contacts.Get`: the contacts that fit a clause. Wire: OF-6.18, OF-6.19.

use serde_json::Value;

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::dialects::ofsys::json::{clause, rows};
use crate::domain::contacts;
use crate::model::ids::SubscriberNumber;

/// The registry row.
pub const METHOD: Method = Method {
    service: "Contacts",
    name: "Get",
    auth: Auth::Key,
    codes: &[Code::MissingParameter, Code::InvalidParameter, Code::ProjectNotFound, Code::UnknownField],
    run: Run::Read(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let project = call.project()?;
    let clause = clause::need(&call.request, "Clause")?;
    let most = call.max_rows()?.unwrap_or(i64::MAX);
    let found = contacts::select(call.cx, project, &clause, SubscriberNumber::NONE, most)?;
    let rows: Vec<Value> = found.contacts.iter().map(|contact| rows::contact(&found.project, contact)).collect();
    let note = format!("{} contacts found", rows.len());
    Ok(Reply::new().put("Records", rows).note(note))
}
