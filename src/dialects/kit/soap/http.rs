//! The endpoint: HTTP in, HTTP out (SO-1). Whatever goes wrong with a call, its answer is an envelope.

use std::io::Write;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{ConnectionType, Method, StatusCode, Version as HttpVersion, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::FutureExt;

use super::bytes::{self, ContentType};
use super::decode::Reading;
use super::encode::Writer;
use super::envelope::{self, Version};
use super::fault::Fault;
use super::headers::{self, Known};
use super::limits::Limits;
use super::security::{self, Nonces};
use super::service::{Argument, Block, Call, Service};
use super::tree::NodeId;
use super::wsdl::{self, Asked};
use super::{body, gate, operation};

/// Answers below this size are not worth compressing (SO-1.6).
const WORTH_PACKING: usize = 1024;

/// How an endpoint behaves.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Bounds on requests.
    pub limits: Limits,
    /// Scheme and host that the WSDL shows; empty: those of the request.
    pub public_url: String,
    /// Proxies whose `X-Forwarded-…` fields are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// How long the server keeps an idle connection, to be announced; `None` announces nothing. The server itself is set by `HttpServer::keep_alive`.
    pub keep_alive: Option<Duration>,
}

/// A service with what it needs, shared by all threads.
#[derive(Debug)]
pub struct Endpoint<S> {
    service: Arc<S>,
    settings: Arc<Settings>,
    nonces: Arc<Nonces>,
}

impl<S> Clone for Endpoint<S> {
    fn clone(&self) -> Self {
        Self {
            service: Arc::clone(&self.service),
            settings: Arc::clone(&self.settings),
            nonces: Arc::clone(&self.nonces),
        }
    }
}

impl<S: Service> Endpoint<S> {
    /// Made once, before the threads of the server.
    pub fn new(service: S, settings: Settings) -> Self {
        Self { service: Arc::new(service), settings: Arc::new(settings), nonces: Arc::default() }
    }
}

/// Mounts the endpoint at a path, in the configuration of each thread.
pub fn mount<S: Service + Send + Sync>(config: &mut web::ServiceConfig, path: &str, endpoint: &Endpoint<S>) {
    config
        .service(web::resource(path).app_data(web::Data::new(endpoint.clone())).default_service(web::to(receive::<S>)));
}

async fn receive<S: Service + Send + Sync>(
    endpoint: web::Data<Endpoint<S>>,
    request: HttpRequest,
    mut payload: web::Payload,
) -> HttpResponse {
    match *request.method() {
        Method::POST => {}
        Method::GET | Method::HEAD => return show(&endpoint, &request),
        _ => {
            let fault = Fault::client("calls are sent by POST").with_status(405).closing();
            return refuse(&endpoint, &request, Version::V11, &fault);
        }
    }
    let content_type = field(&request, header::CONTENT_TYPE.as_str()).map(ContentType::parse);
    // Until the envelope is open, the content type says best what its sender can read.
    let mut version = match &content_type {
        Some(content_type) if content_type.essence == "application/soap+xml" => Version::V12,
        _ => Version::V11,
    };
    let work = call(&endpoint, &request, &mut payload, content_type.as_ref(), &mut version);
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(Ok(text)) => {
            let mut response = HttpResponse::Ok();
            response.insert_header((header::CONTENT_TYPE, version.content_type()));
            finish(&endpoint, &request, response, text)
        }
        Ok(Err(fault)) => refuse(&endpoint, &request, version, &fault),
        Err(_) => {
            tracing::error!("a SOAP call panicked; the caller got a fault");
            refuse(&endpoint, &request, version, &Fault::internal())
        }
    }
}

/// One call from body to answer.
async fn call<S: Service>(
    endpoint: &Endpoint<S>,
    request: &HttpRequest,
    payload: &mut web::Payload,
    content_type: Option<&ContentType>,
    version: &mut Version,
) -> Result<String, Fault> {
    let limits = &endpoint.settings.limits;
    check_head(request, limits)?;
    check_type(content_type)?;
    let received = body::read(payload, limits).await?;
    let encoding = field(request, header::CONTENT_ENCODING.as_str()).unwrap_or_default();
    let inflated = bytes::inflate(&received, encoding, limits)?;
    let charset = content_type.and_then(|content_type| content_type.charset.as_deref());
    let text = bytes::decode(&inflated, charset)?;
    let contract = endpoint.service.contract();
    let tree = gate::read(&text, contract.namespace, limits)?;
    *version = envelope::version(&tree)?;
    let header = envelope::find_header(&tree, *version);
    let knows = |namespace: &str, name: &str| endpoint.service.knows(namespace, name);
    let known = Known { logins: S::LOGINS, role: S::ROLE, knows: &knows };
    let found = headers::read(&tree, header, *version, known, limits)?;
    let envelope = envelope::open(&tree, *version)?;
    let action = content_type.and_then(|content_type| content_type.action.as_deref());
    let action = field(request, "soapaction").or(action).unwrap_or_default();
    let called = operation::find(contract, &tree, &envelope, action)?;
    let one = contract.operations.get(called.operation).ok_or_else(Fault::unknown_operation)?;
    let basic = || field(request, header::AUTHORIZATION.as_str()).and_then(security::basic);
    let reading = Reading::new(tree, limits);
    let block = |id: &NodeId| {
        let node = reading.tree.node(*id);
        Ok(Block { namespace: reading.tree.space(node.ns), name: node.name, at: reading.at(*id)? })
    };
    let call = Call {
        http: request,
        operation: called.operation,
        name: one.name,
        version: *version,
        login: found.token.and_then(|token| token.login).or_else(basic),
        nonces: &endpoint.nonces,
        blocks: found.blocks.iter().map(block).collect::<Result<_, Fault>>()?,
    };
    let argument = Argument { at: operation::argument(reading.at(called.wrapper)?, one.parameter)? };
    let mut out = Writer::answer(contract, *version, called.name, envelope.is_encoded);
    match tokio::time::timeout(limits.call_time, endpoint.service.answer(&call, argument, &mut out)).await {
        Ok(answered) => answered.map(|()| out.finish()),
        Err(_) => {
            tracing::error!(operation = one.name, "a SOAP call took too long and was given up");
            Err(Fault::internal())
        }
    }
}

fn check_head(request: &HttpRequest, limits: &Limits) -> Result<(), Fault> {
    let n_line = request.path().len() + request.query_string().len();
    let n_fields: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    match n_line + n_fields > limits.head_bytes {
        true => Err(Fault::limit(format!("the request's head is larger than {} bytes", limits.head_bytes)).closing()),
        false => Ok(()),
    }
}

fn check_type(content_type: Option<&ContentType>) -> Result<(), Fault> {
    let essence = content_type.map_or("", |content_type| content_type.essence.as_str());
    match essence {
        "" | "text/xml" | "application/soap+xml" | "application/xml" => Ok(()),
        _ if essence.starts_with("multipart/") => {
            Err(Fault::client("attachments are not supported").with_status(415).closing())
        }
        _ => Err(Fault::client("the Content-Type is not one of SOAP").with_status(415).closing()),
    }
}

fn field<'h>(request: &'h HttpRequest, name: &str) -> Option<&'h str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

/// `GET`: the WSDL, or a page that says what this is.
fn show<S: Service>(endpoint: &Endpoint<S>, request: &HttpRequest) -> HttpResponse {
    let contract = endpoint.service.contract();
    let settings = &endpoint.settings;
    let which = match wsdl::asked(request.query_string()) {
        Asked::Text(which) => which,
        Asked::Nothing => {
            let mut response = HttpResponse::Ok();
            response.insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"));
            let text =
                format!("{}: a SOAP service. Its description is at ?wsdl; calls are sent by POST.\n", contract.service);
            return finish(endpoint, request, response, text);
        }
        Asked::Unknown => {
            let mut response = HttpResponse::NotFound();
            response.insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"));
            let text = "There are ?wsdl, ?wsdl=doc, ?wsdl=safe and ?wsdl=12.\n".to_owned();
            return finish(endpoint, request, response, text);
        }
    };
    let address = wsdl::address(request, &settings.public_url, &settings.trusted_proxies);
    let (text, tag) = wsdl::text(contract, which, &address);
    let is_known = field(request, header::IF_NONE_MATCH.as_str())
        .is_some_and(|tags| tags.split(',').any(|known| known.trim() == tag || known.trim() == "*"));
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, tag)).insert_header((header::CONTENT_TYPE, "text/xml; charset=utf-8"));
    // Never compressed: the tag stands for these bytes.
    announce(endpoint, request, with_care(response).body(if is_known { String::new() } else { text }))
}

fn refuse<S: Service>(endpoint: &Endpoint<S>, request: &HttpRequest, version: Version, fault: &Fault) -> HttpResponse {
    let contract = endpoint.service.contract();
    let version = if fault.cause == super::fault::Cause::VersionMismatch { Version::V11 } else { version };
    let status = StatusCode::from_u16(fault.status_in(version)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CONTENT_TYPE, version.content_type()));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.insert_header((header::ALLOW, "GET, HEAD, POST"));
    }
    if let Some(seconds) = fault.retry_after {
        response.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    if fault.close {
        response.force_close();
    }
    tracing::debug!(cause = ?fault.cause, "SOAP fault: {}", fault.message);
    finish(endpoint, request, response, fault.write(version, contract.namespace, contract.fault_element))
}

fn with_care(mut response: HttpResponseBuilder) -> HttpResponseBuilder {
    response.insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response
}

/// Headers that answers to calls have, and compression.
fn finish<S>(
    endpoint: &Endpoint<S>,
    request: &HttpRequest,
    response: HttpResponseBuilder,
    text: String,
) -> HttpResponse {
    let mut response = with_care(response);
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if text.len() > WORTH_PACKING && takes_gzip(request) {
        let mut packer = GzEncoder::new(Vec::with_capacity(text.len() / 2), Compression::fast());
        // Writing to a Vec cannot fail; if it did, the text goes out as it is.
        if packer.write_all(text.as_bytes()).is_ok()
            && let Ok(packed) = packer.finish()
        {
            response.insert_header((header::CONTENT_ENCODING, "gzip")).insert_header((header::VARY, "Accept-Encoding"));
            return announce(endpoint, request, response.body(packed));
        }
    }
    announce(endpoint, request, response.body(text))
}

/// Says how long the connection is kept, if it is (SO-1.5).
fn announce<S>(endpoint: &Endpoint<S>, request: &HttpRequest, mut response: HttpResponse) -> HttpResponse {
    let asked = field(request, header::CONNECTION.as_str()).unwrap_or_default().to_ascii_lowercase();
    let is_kept = match request.version() {
        HttpVersion::HTTP_11 => !asked.contains("close"),
        HttpVersion::HTTP_10 => asked.contains("keep-alive"),
        _ => false,
    };
    let is_closed = response.head().connection_type() == ConnectionType::Close;
    if let (Some(kept), true, false) = (endpoint.settings.keep_alive, is_kept, is_closed)
        && let Ok(value) = header::HeaderValue::from_str(&format!("timeout={}", kept.as_secs()))
    {
        response.headers_mut().insert(header::HeaderName::from_static("keep-alive"), value);
    }
    response
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let offered = field(request, header::ACCEPT_ENCODING.as_str()).unwrap_or_default();
    offered.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let is_gzip =
            parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip"));
        let is_refused = parts.any(|part| {
            part.strip_prefix("q=")
                .and_then(|quality| quality.parse::<f32>().ok())
                .is_some_and(|quality| quality <= 0.0)
        });
        is_gzip && !is_refused
    })
}
