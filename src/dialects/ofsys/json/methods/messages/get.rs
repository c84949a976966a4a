//! `Messages.Get`: a message with its versions. Wire: OF-9.2.

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
    name: "Get",
    auth: Auth::Key,
    codes: &[Code::MissingParameter, Code::InvalidParameter, Code::ProjectNotFound, Code::MessageNotFound],
    run: Run::Read(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let project = call.request.whole("idProject")?.map_or(ListId::NONE, ListId);
    let id = MessageId(call.request.need_whole("idMessage")?);
    let message = versions::get(call.cx, project, id).map_err(wire::of_get)?;
    if message.project != ListId::NONE {
        call.require_reach(message.project)?;
    }
    Ok(Reply::new().put("Message", wire::shown(&message)))
}
