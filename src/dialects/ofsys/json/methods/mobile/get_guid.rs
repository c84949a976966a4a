//! `Mobile.GetGuid`: what an installation is to call itself; a new one each time it says nothing of itself. Wire: OF-12.3, OF-12.8.

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::auth::application;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::methods::mobile::device;
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::domain::mobile;

/// The registry row.
pub const METHOD: Method = Method {
    service: "Mobile",
    name: "GetGuid",
    auth: Auth::Application,
    codes: &[Code::InvalidParameter],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let app = application(call.cx, &call.request)?;
    let report = device::report(&call.request)?;
    let device = mobile::report(call.cx, &app, &report)?;
    Ok(Reply::new().put("Guid", device.guid))
}
