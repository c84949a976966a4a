//! `KillFile.CheckExists`: whether addresses may not be mailed. Wire: OF-9.7.

use serde_json::{Value, json};

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::dialects::ofsys::refusals::no_project;
use crate::domain::kill_file::{self, KillFileError, MAX_ADDRESSES};
use crate::model::ids::ListId;

/// The registry row.
pub const METHOD: Method = Method {
    service: "KillFile",
    name: "CheckExists",
    auth: Auth::Key,
    codes: &[Code::MissingParameter, Code::InvalidParameter, Code::ProjectNotFound],
    run: Run::Read(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let project = call.request.whole("idProject")?.map(ListId);
    let several = call.request.list("EMails", MAX_ADDRESSES)?;
    let addresses = match &several {
        Some(items) => items.iter().map(|item| item.text()).collect::<Result<Vec<_>, _>>()?,
        None => vec![call.request.need_text("EMail")?],
    };
    let exist = kill_file::check(call.cx, project, &addresses).map_err(fault)?;
    if several.is_none() {
        return Ok(Reply::new().put("Exists", exist.first() == Some(&true)));
    }
    let rows = addresses.iter().zip(exist).map(|(email, exists)| json!({ "EMail": email, "Exists": exists }));
    Ok(Reply::new().put("Records", rows.collect::<Vec<Value>>()))
}

fn fault(error: KillFileError) -> Fault {
    match error {
        KillFileError::NoList(_) => no_project(),
        KillFileError::BadAddress(text) => Fault::new(Code::InvalidParameter, format!("{text:?} is no e-mail address")),
        KillFileError::Denied(denied) => denied.into(),
        KillFileError::Store(error) => Fault::internal(&error),
    }
}
