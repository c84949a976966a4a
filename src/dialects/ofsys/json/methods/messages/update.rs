//! `Messages.Update`: changes a message; what is absent stays. Wire: OF-9.2, OF-9.3.

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::methods::messages::wire;
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::domain::messages::versions;
use crate::model::ids::{ListId, MessageId};

/// The registry row.
pub const METHOD: Method = Method {
    service: "Messages",
    name: "Update",
    auth: Auth::Key,
    codes: &[Code::MissingParameter, Code::InvalidParameter, Code::ProjectNotFound, Code::MessageNotFound],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let project = call.request.whole("idProject")?.map_or(ListId::NONE, ListId);
    let id = MessageId(call.request.need_whole("idMessage")?);
    let sent = call.request.need_object("Message")?;
    let message = versions::get(call.cx, project, id).map_err(wire::of_get)?;
    call.require_reach(message.project)?;
    let mut draft = wire::draft_of(&message);
    wire::read_into(&mut draft, &sent)?;
    versions::update(call.cx, project, id, &draft)?;
    Ok(Reply::new().put("idMessage", id.0))
}
