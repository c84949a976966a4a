//! `Mobile.Identity`: ties an installation to a contact, in the name of a key. Wire: OF-12.4, OF-12.7.

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::auth::application;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::methods::mobile::device;
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::dialects::ofsys::json::request::given;
use crate::domain::contacts;
use crate::domain::contacts::clause::{Clause, equal};
use crate::domain::mobile::{self, App};
use crate::model::ids::SubscriberNumber;

/// The registry row.
pub const METHOD: Method = Method {
    service: "Mobile",
    name: "Identity",
    auth: Auth::Key,
    codes: &[Code::MissingParameter, Code::InvalidParameter, Code::ContactNotFound, Code::UnknownField],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let app = application(call.cx, &call.request)?;
    call.require_reach(app.list_id)?;
    let report = device::report(&call.request)?;
    device::require_name(&report)?;
    let number = contact(call, &app)?;
    let device = mobile::tie(call.cx, app.id, report.guid.as_deref(), report.token.as_deref(), number)?;
    Ok(Reply::new().put("Guid", device.guid).put("idContact", number.0))
}

/// The contact with the key fields that were sent, in `Contact` or beside everything else.
fn contact(call: &mut Call<'_, '_>, app: &App) -> Result<SubscriberNumber, Fault> {
    let inner = call.request.object("Contact")?;
    let members = inner.iter().flat_map(|members| members.map()).chain(call.request.map());
    let is_key = |name: &str| {
        let starts = |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        starts("key_") || starts("f_") || name.eq_ignore_ascii_case("idContact")
    };
    let mut parts = Vec::new();
    for (name, value) in members.filter(|(name, value)| is_key(name) && !value.is_null()) {
        let value = given(value).ok_or_else(|| Fault::invalid(name, "must be a text or a number"))?;
        parts.push(equal(name, value));
    }
    if parts.is_empty() {
        return Err(Fault::missing("Contact"));
    }
    let found = contacts::select(call.cx, app.list_id, &Clause::And(parts), SubscriberNumber::NONE, 2)?;
    match found.contacts.as_slice() {
        [contact] => Ok(contact.number()),
        [] => Err(Fault::new(Code::ContactNotFound, "There is no such contact")),
        _ => Err(Fault::invalid("Contact", "names more than one contact")),
    }
}
