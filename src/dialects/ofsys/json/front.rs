//! The front door: an HTTP request to `<service>.ashx?method=…` in, an envelope out (OF-1, OF-2).

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::http::{Method as Verb, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value};

use crate::dialects::kit::caller::{self, trusted_proxies};
use crate::dialects::ofsys::codes::Code;
use crate::dialects::ofsys::fault::Fault;
use crate::dialects::ofsys::json::call::{Call, Reply};
use crate::dialects::ofsys::json::registry::{self, Auth, Method, Run};
use crate::dialects::ofsys::json::request::{self, Members};
use crate::dialects::ofsys::json::trace::Trace;
use crate::dialects::ofsys::json::{auth, envelope, numbers::Numbers};
use crate::domain::core::Core;
use crate::domain::cx::{Ctx, Origin};
use crate::model::states::Source;

/// What the handlers share.
#[derive(Clone)]
pub struct Front {
    /// The core.
    pub core: Core,
    /// Gives each call its number (OF-2.7).
    pub numbers: Arc<Numbers>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Arc<Vec<IpAddr>>,
    /// The folder of the services, without slashes around it.
    pub base: Arc<str>,
}

impl Front {
    /// Reads what it needs from the settings.
    #[must_use]
    pub fn new(core: Core) -> Self {
        let settings = Arc::clone(core.settings());
        Self {
            numbers: Arc::default(),
            trusted_proxies: Arc::new(trusted_proxies(&settings)),
            base: format!("{}/ofc4", settings.ofsys.base_path).trim_matches('/').into(),
            core,
        }
    }
}

/// Mounts the services below their folder, in any letter case (OF-1.2).
pub fn mount(config: &mut web::ServiceConfig, front: &Front) {
    let pattern = format!("/{{folder:(?i:{})}}/{{file:.*}}", regex::escape(&front.base));
    config.service(
        web::resource(pattern)
            .app_data(web::Data::new(front.clone()))
            .app_data(web::PayloadConfig::new(front.core.settings().server.max_body_bytes))
            .default_service(web::to(answer)),
    );
}

async fn answer(
    front: web::Data<Front>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> HttpResponse {
    let service = request.match_info().get("file").and_then(service_of).unwrap_or_default();
    let methods = registry::of_service(&service);
    let is_open = methods.iter().any(|method| method.auth == Auth::Application);
    if request.method() == Verb::OPTIONS && !methods.is_empty() {
        return preflight(is_open);
    }
    let mut trace = Trace::begin();
    let result = match methods.is_empty() {
        true => Err(Fault::new(Code::UnknownMethod, "There is no such service").with_status(404)),
        false if request.method() != Verb::POST => {
            Err(Fault::new(Code::InvalidRequest, "Only POST calls a method").with_status(405))
        }
        false => call(&front, &request, methods, body, &mut trace).await,
    };
    let number = match front.numbers.next(&front.core).await {
        Ok(number) => number,
        Err(error) => return respond(500, envelope::refusal(&Fault::internal(&error), 0, &trace.failed()), is_open),
    };
    match result {
        Ok(reply) => {
            let trace = trace.completed(&reply.note);
            respond(200, envelope::success(reply.members, number, &trace), is_open)
        }
        Err(fault) => respond(fault.status, envelope::refusal(&fault, number, &trace.failed()), is_open),
    }
}

/// Finds the method, reads the request and runs it.
async fn call(
    front: &Front,
    request: &HttpRequest,
    methods: &[&'static Method],
    body: Result<web::Bytes, actix_web::Error>,
    trace: &mut Trace,
) -> Result<Reply, Fault> {
    let body = body.map_err(|error| fault_of_body(&error))?;
    let name = method_of_query(request.query_string());
    let method = name.as_deref().and_then(|name| registry::find(methods, name));
    let method = method.ok_or_else(|| Fault::new(Code::UnknownMethod, "There is no such method"))?;
    trace.service(&method.full_name());
    let members = Arc::new(request::read(&body).map_err(|error| Fault::new(Code::InvalidRequest, error.to_string()))?);
    trace.read(&members);
    let caller = caller::of_request(request, &front.trusted_proxies);
    let origin = Origin { ip: caller.ip, user_agent: caller.user_agent, channel: "ofsys json", source: Source::Api };
    run(front, method, members, Arc::new(origin)).await
}

/// Lets the caller in and does the method's work.
async fn run(
    front: &Front,
    method: &'static Method,
    members: Arc<Map<String, Value>>,
    origin: Arc<Origin>,
) -> Result<Reply, Fault> {
    let pass = auth::admit(&front.core, method, Arc::clone(&members), Arc::clone(&origin)).await?;
    let (Run::Read(f) | Run::Write(f)) = method.run;
    let work = move |cx: &mut Ctx<'_>| {
        auth::recognise(cx, &pass)?;
        f(&mut Call { cx, request: Members::of_request(&members), pass: &pass })
    };
    match method.run {
        Run::Read(_) => front.core.read(origin, work).await,
        Run::Write(_) => front.core.write(origin, work).await,
    }
}

/// `Contacts` of `Contacts.ashx`.
fn service_of(file: &str) -> Option<String> {
    let (service, ending) = file.rsplit_once('.')?;
    ending.eq_ignore_ascii_case("ashx").then(|| service.to_owned())
}

/// The last `method` of the query, in any case (OF-1.2).
fn method_of_query(query: &str) -> Option<String> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.filter(|(name, _)| name.eq_ignore_ascii_case("method")).map(|(_, value)| value.into_owned()).last()
}

fn respond(status: u16, body: String, is_open: bool) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CONTENT_TYPE, envelope::CONTENT_TYPE))
        .insert_header((header::CACHE_CONTROL, "private"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.insert_header((header::ALLOW, "POST, OPTIONS"));
    }
    if is_open {
        response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    }
    response.body(body)
}

/// What a page's script asks before it POSTs (OF-1.4, OF-11.1).
fn preflight(is_open: bool) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    response.insert_header((header::ALLOW, "POST, OPTIONS"));
    if is_open {
        response
            .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
            .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "POST, OPTIONS"))
            .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, "Content-Type"))
            .insert_header((header::ACCESS_CONTROL_MAX_AGE, "86400"));
    }
    response.finish()
}

fn fault_of_body(error: &actix_web::Error) -> Fault {
    let is_large = error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE;
    let (text, status) =
        if is_large { ("The request is too large", 413) } else { ("The request could not be read", 400) };
    Fault::new(Code::InvalidRequest, text).with_status(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_from_path_and_query() {
        assert_eq!(service_of("contacts.ASHX").as_deref(), Some("contacts"));
        assert_eq!(service_of("contacts.ashx/x"), None);
        assert_eq!(service_of("contacts"), None);
        assert_eq!(method_of_query("a=b&METHOD=Get&Method=Mer%67e").as_deref(), Some("Merge"));
        assert_eq!(method_of_query(""), None);
    }
}
