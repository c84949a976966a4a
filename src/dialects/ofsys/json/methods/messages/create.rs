//! `Messages.Create`: makes a message with its versions. Wire: OF-9.1.

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::methods::messages::wire;
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::domain::messages::versions::{self, Draft};
use crate::model::ids::ListId;

/// The registry row.
pub const METHOD: Method = Method {
    service: "Messages",
    name: "Create",
    auth: Auth::Key,
    codes: &[Code::MissingParameter, Code::InvalidParameter, Code::ProjectNotFound],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let project = call.request.whole("idProject")?.map_or(ListId::NONE, ListId);
    // Without a project it is one of the whole company, which a key of some projects may not make.
    call.require_reach(project)?;
    let mut draft = Draft::default();
    wire::read_into(&mut draft, &call.request.need_object("Message")?)?;
    let id = versions::create(call.cx, project, &draft)?;
    Ok(Reply::new().put("idMessage", id.0))
}
