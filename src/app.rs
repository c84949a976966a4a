//! The composition root: the one place that knows every part and puts them together.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle, Service, ServiceRequest, ServiceResponse};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::Context;

use crate::config::load::ConfigError;
use crate::config::masked::masked_url;
use crate::config::{Settings, private_files};
use crate::delivery::inbound::hooks::{self, Hooks};
use crate::delivery::{Workers, post};
use crate::dialects::oempro::{self, wire};
use crate::dialects::{ofsys, public};
use crate::domain::core::Core;
use crate::domain::cx::Origin;
use crate::domain::server_secrets;
use crate::store::Db;
use crate::store::db::{DbAddress, DbOptions, GroupLimits};
use crate::telemetry::metrics;

/// The store must answer a health check within this.
const HEALTH_PATIENCE: Duration = Duration::from_secs(5);

/// How long an idle connection is kept; SOAP answers announce it.
pub const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// What proxies add to the requests they pass on.
const FORWARDED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// A running server.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The core it serves.
    pub core: Core,
    /// Stops it.
    pub handle: ServerHandle,
    /// Its end.
    pub server: Server,
    /// What works in the background; stop it after the server and before the core is closed.
    pub workers: Workers,
}

/// Checks what the settings say of parts that [`crate::config`] does not know.
///
/// # Errors
/// [`ConfigError::Value`], naming the key.
pub fn check(settings: &Settings) -> Result<(), ConfigError> {
    let bad = |key: String, reason: String| Err(ConfigError::Value { key, reason });
    for (name, word) in &settings.oempro.wire {
        if !wire::is_choice(name, word) {
            return bad(format!("oempro.wire.{name}"), format!("no such choice as {word:?}"));
        }
    }
    post::check(settings)?;
    match DbAddress::parse(&settings.database_url()) {
        Err(error) => bad("database.url".to_owned(), error.to_string()),
        Ok(DbAddress::Sqlite(path)) if path.as_os_str() == ":memory:" => {
            bad("database.url".to_owned(), "must be a file: connections do not share a database in memory".to_owned())
        }
        Ok(_) => Ok(()),
    }
}

/// Opens the database the settings name, brings it up to date, and gives the settings the secret that all nodes share when they
/// name none. Blocks: call it off the async threads.
///
/// # Errors
/// When a setting is bad, a folder or file cannot be made, the database not opened or not brought up to date.
pub fn open_core(mut settings: Settings) -> anyhow::Result<Core> {
    check(&settings)?;
    let db = open_db(&settings)?;
    if settings.security.link_secret.is_empty() {
        settings.security.link_secret = shared_link_secret(Core::new(db.clone(), Arc::new(settings.clone())))?;
    }
    Ok(Core::new(db, Arc::new(settings)))
}

fn open_db(settings: &Settings) -> anyhow::Result<Db> {
    let url = settings.database_url();
    let address = DbAddress::parse(&url)?;
    if let DbAddress::Sqlite(path) = &address {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            private_files::make_private_folder(folder)
                .with_context(|| format!("cannot make folder {}", folder.display()))?;
        }
        private_files::make_private_file(path)
            .with_context(|| format!("cannot make database file {}", path.display()))?;
    }
    let default_connections = if matches!(address, DbAddress::Sqlite(_)) { 4 } else { 16 };
    let options = DbOptions {
        address,
        n_connections: match settings.database.connections {
            0 => default_connections,
            n => n,
        },
        group: GroupLimits { max_jobs: settings.database.group_commit.max(1), max_span: Duration::from_millis(20) },
        slow_after: Duration::from_millis(settings.database.slow_ms),
    };
    Db::open(&options).with_context(|| format!("cannot open database {}", masked_url(&url)))
}

/// Reads the secret behind signed links, or makes it, on a thread of its own, because the caller's may already drive a runtime.
fn shared_link_secret(core: Core) -> anyhow::Result<String> {
    let work = async move {
        let origin = Arc::new(Origin::of_program("start"));
        let found = core.read(Arc::clone(&origin), |cx| Ok::<_, anyhow::Error>(server_secrets::find_link_secret(cx)?));
        match found.await? {
            Some(secret) => Ok(secret),
            None => core.write(origin, |cx| Ok(server_secrets::make_link_secret(cx)?)).await,
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let thread = std::thread::spawn(move || runtime.block_on(work));
    thread.join().map_err(|_| anyhow::anyhow!("reading the server's secret panicked"))?
}

/// Starts serving HTTP on an already bound listener, and the workers.
///
/// # Errors
/// When the listener cannot be used or the workers not be started.
pub fn serve(core: Core, listener: TcpListener) -> anyhow::Result<Running> {
    let address = listener.local_addr()?;
    let settings = Arc::clone(core.settings());
    let front = oempro::front::Front::new(core.clone());
    let fronts = ofsys::Fronts::new(&core, KEEP_ALIVE);
    if settings.metrics.enabled {
        if !metrics::start() {
            tracing::warn!("something else in this process counts already; /metrics stays empty");
        }
        tokio::spawn(metrics::fold());
    }
    let hooks = Hooks::new(&core)?;
    let mut server = HttpServer::new(move || {
        let (front, fronts, hooks) = (front.clone(), fronts.clone(), hooks.clone());
        App::new()
            .app_data(web::Data::new(front.core.clone()))
            .wrap_fn(counted)
            // Under any folder, so that the public address can be asked as it is.
            .route("/{folder:(.*/)?}healthz", web::get().to(health))
            .route("/metrics", web::get().to(counts))
            .configure(move |config| mount(config, &front, &fronts))
            .configure(move |config| hooks::mount(config, &hooks))
    })
    // SO-1.5: PHP keeps connections and loses a call when the server closes first.
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(10)
    .client_request_timeout(Duration::from_secs(10));
    if settings.server.workers > 0 {
        server = server.workers(settings.server.workers);
    }
    let server = server.listen(listener)?.run();
    let workers = Workers::start(&core)?;
    Ok(Running { address, core, handle: server.handle(), server, workers })
}

/// Mounts the pages behind links in mails, and the dialects that are switched on.
fn mount(config: &mut web::ServiceConfig, front: &oempro::front::Front, fronts: &ofsys::Fronts) {
    let settings = front.core.settings();
    public::mount(config, &front.core);
    if settings.oempro.enabled {
        oempro::front::mount(config, front);
    }
    if settings.ofsys.enabled {
        ofsys::mount(config, fronts);
    }
}

/// Counts an answered request by its wire.
fn counted<S, B>(
    request: ServiceRequest,
    service: &S,
) -> impl Future<Output = Result<ServiceResponse<B>, Error>> + use<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    let wire = wire_of(request.path());
    let answer = service.call(request);
    async move {
        let answer = answer.await;
        let status = match &answer {
            Ok(answer) => answer.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        metrics::answered(wire, status.as_u16());
        answer
    }
}

/// Which wire a path belongs to, roughly: folders in front of it are the operator's.
fn wire_of(path: &str) -> &'static str {
    const WIRES: [(&str, &str); 7] = [
        (".php", "oempro"),
        ("/webservices", "ofsys"),
        ("/confirm/", "links"),
        ("/reject/", "links"),
        ("/unsubscribe/", "links"),
        ("/activate/", "links"),
        ("/t/", "links"),
    ];
    WIRES.iter().find(|(part, _)| path.contains(part)).map_or("other", |(_, wire)| wire)
}

/// `GET /metrics`: the counts in Prometheus' text form, for those whom the settings name and for nobody else.
async fn counts(core: web::Data<Core>, request: HttpRequest) -> HttpResponse {
    let settings = &core.settings().metrics;
    let reader = request.peer_addr().map(|peer| peer.ip().to_canonical().to_string());
    let may_read = reader.is_some_and(|reader| settings.readers.contains(&reader));
    // A proxy beside the server connects from here for the whole world.
    let is_passed_on = FORWARDED.iter().any(|name| request.headers().contains_key(*name));
    if !settings.enabled || !may_read || is_passed_on {
        return HttpResponse::NotFound().finish();
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(metrics::shown())
}

/// `GET /healthz`: whether the server and its store answer, for load balancers and scripts. Needs no login, tells nothing else.
async fn health(core: web::Data<Core>) -> HttpResponse {
    let origin = Arc::new(Origin::of_program("health"));
    let probe = core.read(origin, |cx| Ok::<_, anyhow::Error>(server_secrets::probe(cx)?));
    match tokio::time::timeout(HEALTH_PATIENCE, probe).await {
        Ok(Ok(())) => HttpResponse::Ok().json(serde_json::json!({ "status": "ok" })),
        Ok(Err(error)) => {
            tracing::error!("health check: {error:#}");
            HttpResponse::ServiceUnavailable().json(serde_json::json!({ "status": "store failed" }))
        }
        Err(_) => HttpResponse::ServiceUnavailable().json(serde_json::json!({ "status": "store is slow" })),
    }
}
