//! The front door: an HTTP request to `api.php` in, an envelope out (OE-1 to OE-5).

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::dialects::kit::caller::{self, trusted_proxies};
use crate::dialects::kit::form::{self, FormError, Limits};
use crate::dialects::kit::value::Object;
use crate::dialects::oempro::call::Stage;
use crate::dialects::oempro::envelope::{Format, render};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::params::Params;
use crate::dialects::oempro::registry::{self, Auth, Command, Run};
use crate::dialects::oempro::wire::{Codes, Wire};
use crate::domain::core::Core;
use crate::domain::cx::Origin;
use crate::domain::sessions::Presented;
use crate::model::states::Source;

/// What the handlers share.
#[derive(Clone)]
pub struct Front {
    /// The core.
    pub core: Core,
    /// The server's wire choices.
    pub wire: Arc<Wire>,
    /// Bounds on a request.
    pub limits: Limits,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Arc<Vec<IpAddr>>,
}

impl Front {
    /// Reads what it needs from the settings.
    #[must_use]
    pub fn new(core: Core) -> Self {
        let settings = Arc::clone(core.settings());
        Self {
            wire: Arc::new(Wire::of_server(&settings.oempro.wire, &settings.oempro.time_zone)),
            limits: Limits { body_bytes: settings.server.max_body_bytes, ..Limits::default() },
            trusted_proxies: Arc::new(trusted_proxies(&settings)),
            core,
        }
    }
}

/// Mounts `api.php` under any folder, with or without something after it (OE-1.1, OE-1.6), and the public pages beside it.
pub fn mount(config: &mut web::ServiceConfig, front: &Front) {
    config.service(
        web::resource("/{folder:(.*/)?}api.php{tail:(/.*)?}")
            .app_data(web::Data::new(front.clone()))
            .app_data(web::PayloadConfig::new(front.limits.body_bytes))
            .default_service(web::to(answer)),
    );
    crate::dialects::oempro::forms::mount(config, front);
}

async fn answer(
    front: web::Data<Front>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> HttpResponse {
    let has_body = body.as_ref().is_ok_and(|body| !body.is_empty());
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let query = request.query_string().as_bytes();
    let form = match &body {
        Ok(body) => form::read(has_body, content_type, query, body, &front.limits).map_err(fault_of_form),
        Err(error) => Err(fault_of_body(error)),
    };
    let form = match form {
        Ok(form) => form,
        Err(fault) => {
            // The format may still be legible in the query.
            let params = form::read_query(query, &front.limits).map(Params::new).unwrap_or_default();
            let (status, reply, wire) = fault.into_reply(Codes::Scalar, &[], &front.wire);
            return respond(status, &reply, &format_of(&params), &wire);
        }
    };
    let params = Params::new(form.variables);
    let format = format_of(&params);
    let name = params.text("Command").map(str::to_owned).or_else(|| command_of_path(&request));
    let Some(command) = name.as_deref().and_then(registry::find) else {
        let (status, reply, wire) = Fault::unknown_command().into_reply(Codes::Scalar, &[], &front.wire);
        return respond(status, &reply, &format, &wire);
    };
    let stage = Stage {
        core: front.core.clone(),
        origin: Arc::new(origin_of(&request, &front.trusted_proxies, "oempro api", Source::Api)),
        presented: Arc::new(presented_by(&params, &request, command)),
        params: Arc::new(params),
        auth: command.auth,
        wire: Arc::clone(&front.wire),
        acting_wire: Arc::default(),
    };
    let (status, reply, wire) = run(command, &stage).await;
    respond(status, &reply, &format, &wire)
}

/// Runs a command and answers status, envelope and the choices it was made with.
async fn run(command: &'static Command, stage: &Stage) -> (u16, Object, Wire) {
    let result = match command.run {
        Run::Read(f) => stage.read(move |call| f(call).map(|reply| (reply, call.wire.clone()))).await,
        Run::Write(f) => stage.write(move |call| f(call).map(|reply| (reply, call.wire.clone()))).await,
        Run::Staged(f) => f(stage).await.map(|reply| (reply, stage.acting_wire.get().unwrap_or(&stage.wire).clone())),
    };
    match result {
        Ok((reply, wire)) => (200, success(reply.members), wire),
        Err(fault) => fault.into_reply(command.codes, command.texts, &stage.wire),
    }
}

fn success(members: Object) -> Object {
    let mut reply = Object::new().put("Success", true).put("ErrorCode", 0).put("ErrorText", "");
    reply.extend(members);
    reply
}

/// `XML` exactly, everything else is JSON (OE-2.4); a callback that is a plain name makes it a script (OE-14).
fn format_of(params: &Params) -> Format {
    if params.text("ResponseFormat") == Some("XML") {
        return Format::Xml;
    }
    let callback = params.text("callback").or_else(|| params.text("jsonp"));
    callback.map_or(Format::Json, |name| Format::Jsonp(name.to_owned()))
}

fn respond(status: u16, reply: &Object, format: &Format, wire: &Wire) -> HttpResponse {
    let rendered = render(reply, format, wire.xml_false());
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, rendered.content_type))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(rendered.body)
}

/// `api.php/Campaigns.Get?…`: the command in the path, when nothing else names one (OE-1.6).
fn command_of_path(request: &HttpRequest) -> Option<String> {
    let tail = request.match_info().get("tail")?.trim_matches('/');
    (!tail.is_empty()).then(|| tail.to_owned())
}

/// What the caller showed. `User.Update` has an `APIKey` of its own, which is the new key, so it counts as a credential only without another one.
/// A login's `APIKey` and `AdminAPIKey` are what is logged in with, and a session shown to it does not matter (OE-3.7, OE-3.18).
fn presented_by(params: &Params, request: &HttpRequest, command: &Command) -> Presented {
    if command.name.ends_with(".Login") {
        return Presented::default();
    }
    let cookie = request.cookie("PHPSESSID").map(|cookie| cookie.value().to_owned()).unwrap_or_default();
    let session_tokens = vec![params.text_or_empty("SessionID").to_owned(), cookie];
    let has_session = session_tokens.iter().any(|token| !token.is_empty());
    let operator_key = params.text_or_empty("AdminAPIKey").to_owned();
    let key_is_data = command.name == "User.Update" && (has_session || !operator_key.is_empty());
    let api_key = if key_is_data { "" } else { params.text_or_empty("APIKey") }.to_owned();
    // After User.Switch one session is an operator's and an account's: the command says which is wanted, `Access` where it takes both.
    let prefers_operator = match command.auth {
        Auth::Admin => true,
        Auth::UserOrAdmin => params.text("Access") == Some("admin"),
        Auth::None | Auth::User | Auth::Subscriber | Auth::UserOrSubscriber => false,
    };
    Presented { session_tokens, api_key, operator_key, prefers_operator }
}

/// The client as the domain notes it.
pub fn origin_of(request: &HttpRequest, trusted: &[IpAddr], channel: &'static str, source: Source) -> Origin {
    let caller = caller::of_request(request, trusted);
    Origin { ip: caller.ip, user_agent: caller.user_agent, channel, source }
}

fn fault_of_form(error: FormError) -> Fault {
    match error {
        FormError::NotJson | FormError::NotAnObject | FormError::TooDeep => Fault::not_json(),
        FormError::TooLarge => Fault::unreadable("Request is too large", 413),
        FormError::TooManyVariables => Fault::unreadable("Request has too many parameters", 400),
        FormError::BadMultipart => Fault::unreadable("Request body is not well-formed multipart/form-data", 400),
    }
}

fn fault_of_body(error: &actix_web::Error) -> Fault {
    let status = error.as_response_error().status_code();
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Fault::unreadable("Request is too large", 413)
    } else {
        Fault::unreadable("Request body could not be read", 400)
    }
}
