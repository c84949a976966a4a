//! `Mobile.TrackPushReception`, `.TrackApplicationLaunch`, and the same for several at once. Wire: OF-12.2, OF-12.3, OF-12.10.

use serde_json::Value;

use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::auth::application;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::methods::mobile::device;
use crate::dialects::ofsys::json::registry::{Auth, Method, Run};
use crate::dialects::ofsys::json::request::{Item, Members, text_of};
use crate::domain::contacts::dates;
use crate::domain::mobile::{self, App, MAX_REPORTS, Report};
use crate::model::states::MobileEvent;
use crate::model::time::UtcTime;

/// One push arrived.
pub const RECEPTION: Method = method("TrackPushReception", CODES, Run::Write(reception));
/// The application was started once.
pub const LAUNCH: Method = method("TrackApplicationLaunch", &[Code::InvalidParameter], Run::Write(launch));
/// Several pushes arrived.
pub const RECEPTIONS: Method = method("TrackPushReceptions", CODES, Run::Write(receptions));
/// The application was started several times.
pub const LAUNCHES: Method = method("TrackApplicationLaunches", CODES, Run::Write(launches));

const CODES: &[Code] = &[Code::MissingParameter, Code::InvalidParameter];

const fn method(name: &'static str, codes: &'static [Code], run: Run) -> Method {
    Method { service: "Mobile", name, auth: Auth::Application, codes, run }
}

/// Where the parts of a report stand.
struct Names {
    kind: MobileEvent,
    list: &'static str,
    date: &'static str,
    has_push: bool,
}

const OF_RECEPTIONS: Names =
    Names { kind: MobileEvent::PushReceived, list: "Receptions", date: "dtReception", has_push: true };
const OF_LAUNCHES: Names = Names { kind: MobileEvent::Launched, list: "Launches", date: "dtLaunch", has_push: false };

fn reception(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    single(call, &OF_RECEPTIONS)
}

fn launch(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    single(call, &OF_LAUNCHES)
}

fn receptions(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    several(call, &OF_RECEPTIONS)
}

fn launches(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    several(call, &OF_LAUNCHES)
}

fn single(call: &mut Call<'_, '_>, names: &Names) -> Result<Reply, Fault> {
    let app = application(call.cx, &call.request)?;
    let zone = mobile::time_zone(call.cx, &app)?;
    let report = of_object(&call.request, names, zone, call.cx.now)?;
    keep(call, &app, vec![report])
}

fn several(call: &mut Call<'_, '_>, names: &Names) -> Result<Reply, Fault> {
    let app = application(call.cx, &call.request)?;
    let zone = mobile::time_zone(call.cx, &app)?;
    let items = call.request.need_list(names.list, MAX_REPORTS)?;
    let reports = items.iter().map(|item| match item.value {
        Value::Object(_) => of_object(&item.object()?, names, zone, call.cx.now),
        _ => of_value(item, names, zone, call.cx.now),
    });
    let reports = reports.collect::<Result<Vec<_>, _>>()?;
    keep(call, &app, reports)
}

fn of_object(members: &Members<'_>, names: &Names, zone: chrono_tz::Tz, now: UtcTime) -> Result<Report, Fault> {
    let push_id = if names.has_push { members.need_text("PushId")? } else { String::new() };
    let at = members.date(names.date)?.map_or(now, |written| written.moment(zone));
    Ok(Report { kind: names.kind, push_id, at })
}

/// A plain value: the push that arrived, or the moment of a start.
fn of_value(item: &Item<'_>, names: &Names, zone: chrono_tz::Tz, now: UtcTime) -> Result<Report, Fault> {
    let text = text_of(item.value).filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| Fault::invalid(&item.path, "must be a text or an object"))?;
    if names.has_push {
        return Ok(Report { kind: names.kind, push_id: text, at: now });
    }
    let written = dates::read(&text).ok_or_else(|| Fault::invalid(&item.path, "must be a date"))?;
    Ok(Report { kind: names.kind, push_id: String::new(), at: written.moment(zone) })
}

fn keep(call: &mut Call<'_, '_>, app: &App, reports: Vec<Report>) -> Result<Reply, Fault> {
    let guid = device::guid(&call.request).unwrap_or_default();
    let token = device::token(&call.request).unwrap_or_default();
    let device = mobile::find(call.cx, app, &guid, &token)?;
    let n_new = mobile::track(call.cx, app, device.map(|device| device.id), &reports)?;
    Ok(Reply::new().note(format!("{n_new} new reports")))
}
