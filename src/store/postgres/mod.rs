//! PostgreSQL: a fixed set of connections, each owned by a thread; pure Rust down to the socket, TLS by rustls.

use std::cell::Cell;
use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::Receiver;
use diesel::connection::SimpleConnection;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use tokio_postgres::config::SslMode;

use super::StoreError;
use super::db::DbOptions;
use super::tx::{self, Tx};
use super::worker::{self, Done, Job, Session};

pub mod claims;
mod runtime;

/// The connection type that `queries/` is compiled against here.
pub type Conn = AsyncConnectionWrapper<AsyncPgConnection, runtime::ThisThread>;
/// The Diesel backend that `queries/` is compiled against here.
pub type Backend = diesel::pg::Pg;

include!("../queries/modules.rs");

pub mod bulk;
pub mod holds;
mod json_field;
pub(super) mod looking;
pub mod person_rows;
pub mod recipients;
mod shelves;

/// Held while migrating, so that two nodes starting at once do not both create tables.
const MIGRATION_LOCK: i64 = 0x0075_6e64_6572;

/// Connects as the URL says. `sslmode=disable` or `prefer` (the default) may be plain, `require` is always TLS with a verified certificate.
fn connect(url: &str) -> Result<Conn, StoreError> {
    let config: tokio_postgres::Config =
        url.parse().map_err(|error: tokio_postgres::Error| StoreError::Address(format!("postgres URL: {error}")))?;
    let inner = runtime::block_on(async {
        if config.get_ssl_mode() == SslMode::Require {
            let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let tls = rustls::ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(|error| StoreError::Address(format!("TLS: {error}")))?
                .with_root_certificates(roots)
                .with_no_client_auth();
            let connector = tokio_postgres_rustls::MakeRustlsConnect::new(tls);
            let (client, connection) = config.connect(connector).await.map_err(refused)?;
            Ok(AsyncPgConnection::try_from_client_and_connection(client, connection).await?)
        } else {
            let (client, connection) = config.connect(tokio_postgres::NoTls).await.map_err(refused)?;
            Ok::<_, StoreError>(AsyncPgConnection::try_from_client_and_connection(client, connection).await?)
        }
    })?;
    Ok(Conn::from(inner))
}

fn refused(error: tokio_postgres::Error) -> StoreError {
    // The error's own text is only "db error" or "error connecting to server"; the reason is its source.
    let reason = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
    StoreError::Connect(diesel::ConnectionError::BadConnection(format!("{error}{reason}")))
}

/// Runs `work` on a connection of its own while no other node does the same. Runs on a fresh thread, so it may be called from anywhere.
pub(super) fn exclusively(
    url: &str,
    work: impl FnOnce(&mut Conn) -> Result<(), StoreError> + Send,
) -> Result<(), StoreError> {
    std::thread::scope(|scope| {
        let running = scope.spawn(|| {
            let mut conn = connect(url)?;
            conn.batch_execute(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))?;
            let result = work(&mut conn);
            conn.batch_execute(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))?;
            result
        });
        running.join().unwrap_or_else(|_| Err(StoreError::Panicked("while migrating".to_owned())))
    })
}

struct OpenConnection {
    conn: Conn,
    url: String,
}

impl OpenConnection {
    fn execute(&mut self, sql: &str) -> Result<(), StoreError> {
        Ok(self.conn.batch_execute(sql)?)
    }
}

impl Session for OpenConnection {
    fn begin(&mut self) -> Result<(), StoreError> {
        self.execute("BEGIN")
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.execute("COMMIT")
    }

    fn rollback(&mut self) {
        if let Err(error) = self.execute("ROLLBACK") {
            tracing::warn!(error = &error as &dyn std::error::Error, "rollback failed");
        }
    }

    #[cfg(feature = "sqlite")]
    fn begin_part(&mut self) -> Result<(), StoreError> {
        self.execute("SAVEPOINT part")
    }

    #[cfg(feature = "sqlite")]
    fn end_part(&mut self, keep: bool) -> Result<(), StoreError> {
        self.execute(if keep { "RELEASE part" } else { "ROLLBACK TO part; RELEASE part" })
    }

    fn run(&mut self, job: Job, broken: &Cell<bool>) -> Done {
        job(Tx { conn: tx::Conn::Postgres(&mut self.conn), broken })
    }

    fn reconnect(&mut self) -> Result<(), StoreError> {
        self.conn = connect(&self.url)?;
        Ok(())
    }
}

/// Starts the connections: the first third serves reads only, so that waiting writers never hold up every reader.
pub(super) fn start(
    url: &str,
    options: &DbOptions,
    reads: &Receiver<(Job, bool)>,
    writes: &Receiver<(Job, bool)>,
) -> Result<Vec<JoinHandle<()>>, StoreError> {
    let n = options.n_connections.max(2);
    let n_readers = (n / 3).max(1);
    let (ready, readiness) = crossbeam_channel::bounded(n);
    let mut threads = Vec::new();
    for index in 0..n {
        let (url, ready) = (url.to_owned(), ready.clone());
        let jobs = if index < n_readers { reads.clone() } else { writes.clone() };
        let thread = std::thread::Builder::new().name("postgres".to_owned()).spawn(move || {
            let opened = connect(&url);
            match opened {
                Err(error) => drop(ready.send(Err(error))),
                Ok(conn) => {
                    drop(ready.send(Ok(())));
                    worker::serve_each(&mut OpenConnection { conn, url }, &jobs);
                }
            }
        });
        threads.push(thread.map_err(|_| StoreError::Busy)?);
    }
    for _ in 0..n {
        readiness.recv().map_err(|_| StoreError::Closed)??;
    }
    Ok(threads)
}
