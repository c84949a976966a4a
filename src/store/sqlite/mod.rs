//! SQLite: the embedded database. One writer thread with group commit, a few reader threads, write-ahead log, full sync.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use crossbeam_channel::Receiver;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::StoreError;
use super::cached::Fixed;
use super::db::DbOptions;
use super::tx::{self, Tx};
use super::worker::{self, Done, Job, Session};

/// The connection type that `queries/` is compiled against here.
pub type Conn = SqliteConnection;
/// The Diesel backend that `queries/` is compiled against here.
pub type Backend = diesel::sqlite::Sqlite;

pub mod claims;

include!("../queries/modules.rs");

pub mod bulk;
pub mod holds;
mod json_field;

/// Wait this long for another process that writes (a CLI command beside the running server).
const BUSY_MS: u32 = 15_000;

/// Opens the file with the settings every connection has.
pub(super) fn connect(path: &Path) -> Result<Conn, StoreError> {
    let text = path.to_str().ok_or_else(|| StoreError::Address(format!("{}: not a UTF-8 path", path.display())))?;
    let mut conn = Conn::establish(text)?;
    conn.batch_execute(&format!(
        "PRAGMA busy_timeout={BUSY_MS}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
         PRAGMA temp_store=MEMORY; PRAGMA cache_size=-2000; PRAGMA wal_autocheckpoint=12000; PRAGMA journal_size_limit=67108864;"
    ))?;
    json_field::register(&mut conn)?;
    Ok(conn)
}

struct OpenConnection {
    conn: Conn,
    path: PathBuf,
}

impl OpenConnection {
    fn execute(&mut self, sql: &str) -> Result<(), StoreError> {
        Ok(self.conn.batch_execute(sql)?)
    }
}

impl Session for OpenConnection {
    fn begin(&mut self) -> Result<(), StoreError> {
        self.execute("BEGIN IMMEDIATE")
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.execute("COMMIT")
    }

    fn rollback(&mut self) {
        if let Err(error) = self.execute("ROLLBACK") {
            tracing::warn!(error = &error as &dyn std::error::Error, "rollback failed");
        }
    }

    fn begin_part(&mut self) -> Result<(), StoreError> {
        Fixed("SAVEPOINT part").execute(&mut self.conn)?;
        Ok(())
    }

    fn end_part(&mut self, keep: bool) -> Result<(), StoreError> {
        if !keep {
            Fixed("ROLLBACK TO part").execute(&mut self.conn)?;
        }
        Fixed("RELEASE part").execute(&mut self.conn)?;
        Ok(())
    }

    fn run(&mut self, job: Job, broken: &Cell<bool>) -> Done {
        job(Tx { conn: tx::Conn::Sqlite(&mut self.conn), broken })
    }

    fn reconnect(&mut self) -> Result<(), StoreError> {
        self.conn = connect(&self.path)?;
        Ok(())
    }
}

/// Starts the writer and the readers.
pub(super) fn start(
    path: &Path,
    options: &DbOptions,
    reads: &Receiver<(Job, bool)>,
    writes: &Receiver<(Job, bool)>,
) -> Result<Vec<JoinHandle<()>>, StoreError> {
    let mut threads = Vec::new();
    let mut writer = OpenConnection { conn: connect(path)?, path: path.to_owned() };
    writer.execute("PRAGMA cache_size=-8000")?;
    let (jobs, group) = (writes.clone(), options.group);
    threads.push(spawn("sqlite-writer", move || worker::serve_groups(&mut writer, &jobs, group))?);
    for _ in 0..options.n_connections.max(1) {
        let mut reader = OpenConnection { conn: connect(path)?, path: path.to_owned() };
        reader.execute("PRAGMA query_only=ON")?;
        let jobs = reads.clone();
        threads.push(spawn("sqlite-reader", move || worker::serve_each(&mut reader, &jobs))?);
    }
    Ok(threads)
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map_err(|_| StoreError::Busy)
}
