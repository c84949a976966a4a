//! The way in: [`Db::read`] and [`Db::write`] take a closure to a thread that owns a connection and bring its answer back.
//!
//! On SQLite every write goes to one writer thread that commits waiting closures in groups, durably, before any caller hears back; reads
//! go to a few reader threads. On PostgreSQL each closure has a connection of a fixed set, and a write is a transaction.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use tokio::sync::oneshot;

use super::tx::Tx;
use super::worker::{Done, Job, guarded};
use super::{StoreError, migrate};

/// How to open a database.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// Where the data is.
    pub address: DbAddress,
    /// Reader threads (SQLite) or connections (PostgreSQL).
    pub n_connections: usize,
    /// How SQLite's writer groups commits.
    pub group: GroupLimits,
    /// A closure that took longer is logged.
    pub slow_after: Duration,
}

/// How the SQLite writer forms groups.
#[derive(Debug, Clone, Copy)]
pub struct GroupLimits {
    /// Closures in one commit at most; 1 commits every closure by itself.
    pub max_jobs: usize,
    /// A group stops taking closures after this long, so that nobody waits for a long queue.
    pub max_span: Duration,
}

/// Where the data is.
#[derive(Clone, PartialEq, Eq)]
pub enum DbAddress {
    /// A SQLite file, made when absent.
    Sqlite(PathBuf),
    /// A PostgreSQL URL, `postgres://user:password@host:port/database?sslmode=…`.
    Postgres(String),
}

/// Without the URL, which may hold a password: errors and logs show addresses so.
impl fmt::Debug for DbAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(out, "sqlite:{}", path.display()),
            Self::Postgres(_) => out.write_str("postgres://…"),
        }
    }
}

impl DbAddress {
    /// Reads `sqlite:PATH`, `sqlite://PATH`, a bare path, or `postgres://…` / `postgresql://…`.
    ///
    /// # Errors
    /// `StoreError::Address` for any other scheme.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")).unwrap_or(text);
        if path.is_empty() || path.contains("://") {
            let scheme = text.split("://").next().unwrap_or_default();
            return Err(StoreError::Address(format!("with scheme {scheme:?}")));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

/// A database in use. Cheap to clone; the last clone's end stops the threads.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    reads: Mutex<Option<Sender<(Job, bool)>>>,
    writes: Mutex<Option<Sender<(Job, bool)>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    slow_after: Duration,
}

/// Closures waiting at most, before callers have to wait to be queued.
const QUEUE_LENGTH: usize = 4096;
/// How long a caller waits to be queued.
const QUEUE_PATIENCE: Duration = Duration::from_secs(10);

impl Db {
    /// Opens the database, brings its tables up to date and starts its threads. Blocks: call it off the async threads.
    ///
    /// # Errors
    /// Anything [`StoreError`] names for connecting and migrating.
    pub fn open(options: &DbOptions) -> Result<Self, StoreError> {
        migrate::run(&options.address)?;
        let (read_sender, reads) = bounded(QUEUE_LENGTH);
        let (write_sender, writes) = bounded(QUEUE_LENGTH);
        let threads = start(options, &reads, &writes)?;
        Ok(Self {
            inner: Arc::new(Inner {
                reads: Mutex::new(Some(read_sender)),
                writes: Mutex::new(Some(write_sender)),
                threads: Mutex::new(threads),
                slow_after: options.slow_after,
            }),
        })
    }

    /// Opens the database as it is, to look at it: nothing is made or brought up to date, and every write is refused as on a closed one. Its tables
    /// must be those that this program knows, see [`super::checkup`]. Blocks: call it off the async threads.
    ///
    /// # Errors
    /// Anything [`StoreError`] names for connecting.
    pub fn open_to_look(address: &DbAddress) -> Result<Self, StoreError> {
        let (read_sender, reads) = bounded(QUEUE_LENGTH);
        let threads = match address {
            #[cfg(feature = "sqlite")]
            DbAddress::Sqlite(path) => super::sqlite::looking::start(path, &reads),
            #[cfg(feature = "postgres")]
            DbAddress::Postgres(url) => super::postgres::looking::start(url, &reads),
            #[allow(unreachable_patterns, reason = "reachable in builds with one backend")]
            other => Err(StoreError::Address(format!("{other:?}: this build has no support for it"))),
        }?;
        Ok(Self {
            inner: Arc::new(Inner {
                reads: Mutex::new(Some(read_sender)),
                writes: Mutex::new(None),
                threads: Mutex::new(threads),
                slow_after: Duration::MAX,
            }),
        })
    }

    /// Runs `f` on a connection that only reads.
    ///
    /// # Errors
    /// What `f` answers, or a [`StoreError`] when it could not be run.
    pub async fn read<T, E, F>(&self, f: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.send(false, f).await
    }

    /// Runs `f` in a transaction. An `Ok` arrives only after the changes are durable; an `Err` or a panic drops them.
    ///
    /// # Errors
    /// What `f` answers, or a [`StoreError`] when it could not be run or committed.
    pub async fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.send(true, f).await
    }

    async fn send<T, E, F>(&self, writes: bool, f: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let slow_after = self.inner.slow_after;
        let job: Job = Box::new(move |tx| {
            let started = Instant::now();
            let result = guarded(|| f(tx));
            let took = started.elapsed();
            if took > slow_after {
                tracing::warn!(took_ms = took.as_millis() as u64, writes, "slow database work");
            }
            Done {
                keep: result.is_ok(),
                finish: Box::new(move |committed| {
                    let answer_now = match (committed, result) {
                        (Err(error), Ok(_)) => Err(E::from(error)),
                        (_, result) => result,
                    };
                    // A caller that went away no longer cares.
                    drop(answer.send(answer_now));
                }),
            }
        });
        self.enqueue(writes, job).await?;
        answered.await.unwrap_or_else(|_| Err(E::from(StoreError::Busy)))
    }

    async fn enqueue(&self, writes: bool, job: Job) -> Result<(), StoreError> {
        let slot = if writes { &self.inner.writes } else { &self.inner.reads };
        let sender = slot.lock().map_err(|_| StoreError::Closed)?.clone().ok_or(StoreError::Closed)?;
        match sender.try_send((job, writes)) {
            Ok(()) => Ok(()),
            Err(TrySendError::Disconnected(_)) => Err(StoreError::Closed),
            Err(TrySendError::Full(work)) => {
                let sent = tokio::task::spawn_blocking(move || sender.send_timeout(work, QUEUE_PATIENCE).is_ok());
                if sent.await.unwrap_or(false) { Ok(()) } else { Err(StoreError::Busy) }
            }
        }
    }

    /// Lets queued work finish, then ends the threads and closes the connections.
    pub async fn close(&self) {
        for slot in [&self.inner.reads, &self.inner.writes] {
            if let Ok(mut sender) = slot.lock() {
                sender.take();
            }
        }
        let threads = self.inner.threads.lock().map(|mut threads| std::mem::take(&mut *threads)).unwrap_or_default();
        let joined = tokio::task::spawn_blocking(move || threads.into_iter().filter_map(|t| t.join().err()).count());
        if joined.await.unwrap_or(1) > 0 {
            tracing::error!("a database thread ended badly");
        }
    }
}

fn start(
    options: &DbOptions,
    reads: &Receiver<(Job, bool)>,
    writes: &Receiver<(Job, bool)>,
) -> Result<Vec<JoinHandle<()>>, StoreError> {
    match &options.address {
        #[cfg(feature = "sqlite")]
        DbAddress::Sqlite(path) => super::sqlite::start(path, options, reads, writes),
        #[cfg(feature = "postgres")]
        DbAddress::Postgres(url) => super::postgres::start(url, options, reads, writes),
        #[allow(unreachable_patterns, reason = "reachable in builds with one backend")]
        other => Err(StoreError::Address(format!("{other:?}: this build has no support for it"))),
    }
}
