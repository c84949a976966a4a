//! SQLite: the embedded database. One writer thread with group commit, a few reader threads, write-ahead log, full sync.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use crossbeam_channel::Receiver;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use self::checkpoints::Checkpoints;
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
mod checkpoints;
pub mod holds;
mod json_field;
pub(super) mod looking;
pub mod person_rows;
#[cfg(test)]
mod plans;
pub mod recipients;
mod shelves;

/// Wait this long for another process that writes (a CLI command beside the running server).
const BUSY_MS: u32 = 15_000;

/// What the writer has besides: a larger cache, and a log that it copies itself only when the thread beside it cannot follow.
const WRITER: &str = "PRAGMA cache_size=-8000; PRAGMA wal_autocheckpoint=50000;";

/// Opens the file with the settings every connection has.
pub(super) fn connect(path: &Path) -> Result<Conn, StoreError> {
    let text = path.to_str().ok_or_else(|| StoreError::Address(format!("{}: not a UTF-8 path", path.display())))?;
    let mut conn = Conn::establish(text)?;
    conn.batch_execute(&format!(
        "PRAGMA busy_timeout={BUSY_MS}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
         PRAGMA temp_store=MEMORY; PRAGMA cache_size=-2000; PRAGMA wal_autocheckpoint=12000; PRAGMA journal_size_limit=134217728;"
    ))?;
    json_field::register(&mut conn)?;
    Ok(conn)
}

struct OpenConnection {
    conn: Conn,
    path: PathBuf,
    checkpoints: Option<Checkpoints>,
}

impl OpenConnection {
    fn execute(&mut self, sql: &str) -> Result<(), StoreError> {
        Ok(self.conn.batch_execute(sql)?)
    }
}

impl Session for OpenConnection {
    fn begin(&mut self) -> Result<(), StoreError> {
        Fixed("BEGIN IMMEDIATE").execute(&mut self.conn)?;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        Fixed("COMMIT").execute(&mut self.conn)?;
        Ok(())
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

    fn rest(&mut self) {
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.after_commit(&mut self.conn);
        }
    }

    fn run(&mut self, job: Job, broken: &Cell<bool>) -> Done {
        job(Tx { conn: tx::Conn::Sqlite(&mut self.conn), broken })
    }

    fn reconnect(&mut self) -> Result<(), StoreError> {
        self.conn = connect(&self.path)?;
        if self.checkpoints.is_some() {
            self.execute(WRITER)?;
        }
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
    let (checkpoints, thread) = Checkpoints::start(path, checkpoints::BOUNDS)?;
    threads.push(thread);
    let mut writer = OpenConnection { conn: connect(path)?, path: path.to_owned(), checkpoints: Some(checkpoints) };
    writer.execute(WRITER)?;
    let (jobs, group) = (writes.clone(), options.group);
    threads.push(spawn("sqlite-writer", move || worker::serve_groups(&mut writer, &jobs, group))?);
    for _ in 0..options.n_connections.max(1) {
        let mut reader = OpenConnection { conn: connect(path)?, path: path.to_owned(), checkpoints: None };
        reader.execute("PRAGMA query_only=ON")?;
        let jobs = reads.clone();
        threads.push(spawn("sqlite-reader", move || worker::serve_each(&mut reader, &jobs))?);
    }
    Ok(threads)
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map_err(|_| StoreError::Busy)
}
