//! `Sendings.SendBatch`: a message to many active contacts, worked off in the background. Wire: OF-8.8, OF-8.9.

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::filter::{self, ContactFilter};
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::dialects::ofsys::refusals;
use crate::domain::projects;
use crate::domain::sendings::{Filter, NewBatch, create_batch};
use crate::model::ids::{ListId, MessageId};
use crate::model::time::UtcTime;

/// The registry row.
pub const METHOD: Method = Method {
    service: "Sendings",
    name: "SendBatch",
    auth: Auth::Key,
    codes: &[
        Code::MissingParameter,
        Code::InvalidParameter,
        Code::ProjectNotFound,
        Code::MessageNotFound,
        Code::UnknownField,
    ],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let project = call.project()?;
    let message = MessageId(call.request.need_whole("idMessage")?);
    let filter = match filter::contacts(&call.request)? {
        ContactFilter::Contact(number) => Filter::Contact(number),
        ContactFilter::Clause(clause) => Filter::Clause(clause),
        ContactFilter::All => Filter::All,
    };
    let (launch_at, is_approved) = options(call, project)?;
    let new = NewBatch { project, message, filter, launch_at, is_approved };
    let id = create_batch(call.cx, &new).map_err(refusals::of_batch)?;
    Ok(Reply::new().put("idBatch", id.0))
}

/// When it begins, and whether it goes without being approved.
fn options(call: &mut Call<'_, '_>, project: ListId) -> Result<(Option<UtcTime>, bool), Fault> {
    let Some(options) = call.request.object("sendBatchOptions")? else { return Ok((None, true)) };
    let is_approved = options.flag("AutoApprove")?.unwrap_or(true);
    if !options.flag("isDelayed")?.unwrap_or(false) {
        return Ok((None, is_approved));
    }
    let launch = options.date("dtLaunch")?.ok_or_else(|| Fault::missing(&options.path_of("dtLaunch")))?;
    let zone = projects::get(call.cx, project)?.time_zone;
    Ok((Some(launch.moment(zone)), is_approved))
}
