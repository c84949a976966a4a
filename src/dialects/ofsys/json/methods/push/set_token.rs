//! `Push.SetToken`: the address that messages are pushed to, of a visitor who may be known from a link. Wire: OF-12.5, OF-12.7.

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::auth::application;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::methods::mobile::device;
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::domain::mobile;

/// The registry row.
pub const METHOD: Method = Method {
    service: "Push",
    name: "SetToken",
    auth: Auth::Application,
    codes: &[Code::MissingParameter, Code::InvalidParameter, Code::ContactNotFound],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let app = application(call.cx, &call.request)?;
    let mut report = device::report(&call.request)?;
    if report.token.is_none() {
        return Err(Fault::missing("Token"));
    }
    let kind = call.request.text("ContactIdentificationType")?.unwrap_or_default();
    let identification = call.request.text("ContactIdentification")?.unwrap_or_default();
    match kind.trim().to_ascii_lowercase().as_str() {
        "contact" => report.contact = Some(mobile::read_contact_key(call.cx, &app, &identification)?),
        // A sending or the project alone names nobody; what was said is kept.
        "sendlog" | "project" => drop(report.claims.insert(kind, identification)),
        "" => {}
        _ => return Err(Fault::invalid("ContactIdentificationType", "must be contact, sendlog or project")),
    }
    let device = mobile::report(call.cx, &app, &report)?;
    Ok(Reply::new().put("Guid", device.guid))
}
