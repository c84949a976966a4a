//! `Projects.List`: the projects that the key reaches; also how clients try a key. Wire: OF-9.4.

use serde_json::{Value, json};

use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::domain::projects;

/// The registry row.
pub const METHOD: Method =
    Method { service: "Projects", name: "List", auth: Auth::Key, codes: &[], run: Run::Read(run) };

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let projects = projects::list(call.cx)?;
    let reached = projects.into_iter().filter(|(id, _)| call.reaches(*id));
    let rows: Vec<Value> = reached.map(|(id, name)| json!({ "idProject": id.0, "ProjectName": name })).collect();
    let note = format!("{} projects", rows.len());
    Ok(Reply::new().put("Records", rows).note(note))
}
