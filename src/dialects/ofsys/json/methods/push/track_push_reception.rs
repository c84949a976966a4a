//! `Push.TrackPushReception`: a push arrived in a browser. Wire: OF-12.5, OF-12.10.

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::auth::application;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::methods::mobile::device;
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::domain::mobile::{self, Report};
use crate::model::states::MobileEvent;

/// The registry row.
pub const METHOD: Method = Method {
    service: "Push",
    name: "TrackPushReception",
    auth: Auth::Application,
    codes: &[Code::MissingParameter],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let app = application(call.cx, &call.request)?;
    let report =
        Report { kind: MobileEvent::PushReceived, push_id: call.request.need_text("PushId")?, at: call.cx.now };
    let guid = device::guid(&call.request).unwrap_or_default();
    let token = device::token(&call.request).unwrap_or_default();
    let device = mobile::find(call.cx, &app, &guid, &token)?;
    mobile::track(call.cx, &app, device.map(|device| device.id), &[report])?;
    Ok(Reply::new())
}
