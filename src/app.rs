//! The composition root: the one place that knows every part and puts them together.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::{App, HttpServer};

use crate::config::Settings;
use crate::delivery::Workers;
use crate::dialects::oempro;
use crate::domain::core::Core;
use crate::store::Db;
use crate::store::db::{DbAddress, DbOptions, GroupLimits};

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

/// Opens the database the settings name. Blocks: call it off the async threads.
///
/// # Errors
/// When the data folder cannot be made, the database not opened or not brought up to date.
pub fn open_core(settings: Settings) -> anyhow::Result<Core> {
    let address = DbAddress::parse(&settings.database_url())?;
    if let DbAddress::Sqlite(path) = &address
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder)?;
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
    let db = Db::open(&options)?;
    Ok(Core::new(db, Arc::new(settings)))
}

/// Starts serving HTTP on an already bound listener, and the workers.
///
/// # Errors
/// When the listener cannot be used or the workers not be started.
pub fn serve(core: Core, listener: TcpListener) -> anyhow::Result<Running> {
    let address = listener.local_addr()?;
    let settings = Arc::clone(core.settings());
    let front = oempro::front::Front::new(core.clone());
    let mut server = HttpServer::new(move || {
        let front = front.clone();
        App::new().configure(move |config| oempro::front::mount(config, &front))
    })
    .shutdown_timeout(10)
    .client_request_timeout(Duration::from_secs(10));
    if settings.server.workers > 0 {
        server = server.workers(settings.server.workers);
    }
    let server = server.listen(listener)?.run();
    let workers = Workers::start(&core)?;
    Ok(Running { address, core, handle: server.handle(), server, workers })
}
