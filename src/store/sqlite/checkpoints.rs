//! Copies the write-ahead log back into the database beside the writer, who would otherwise stand still for it.
//!
//! A log that is never wholly copied grows for ever: under load, new frames come in while older ones are copied. So the thread copies until little is
//! left, and the writer copies the rest between two groups; the log then starts anew.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};
use diesel::prelude::*;
use diesel::sql_types::Integer;

use super::{Conn, connect, spawn};
use crate::store::StoreError;
use crate::store::cached::cached;

/// Copying starts when this many frames (pages of 4 KiB) wait. Pages that change often are copied once, so later is cheaper, in exchange for disk.
const START_AT: i32 = 12_000;
/// Few enough to be copied by the writer.
const REST: i32 = 1_000;
/// How often the thread goes over the log before it leaves the rest to the writer.
const PASSES: usize = 4;

/// What `PRAGMA wal_checkpoint` answers: frames in the log, and how many of them are copied. -1 when there is no log.
#[derive(QueryableByName)]
struct Log {
    #[diesel(sql_type = Integer)]
    log: i32,
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

impl Log {
    fn waiting(&self) -> i32 {
        self.log - self.checkpointed
    }
}

fn look(conn: &mut Conn) -> QueryResult<Log> {
    cached!(diesel::sql_query("PRAGMA wal_checkpoint(NOOP)")).get_result(conn)
}

fn copy(conn: &mut Conn) -> QueryResult<Log> {
    cached!(diesel::sql_query("PRAGMA wal_checkpoint(PASSIVE)")).get_result(conn)
}

/// The writer's side.
pub(super) struct Checkpoints {
    ask: Sender<()>,
    rest_is_mine: Arc<AtomicBool>,
}

impl Checkpoints {
    /// Starts the thread. It ends when the answered value is dropped.
    pub fn start(path: &Path) -> Result<(Self, JoinHandle<()>), StoreError> {
        let (ask, asked) = bounded(1);
        let rest_is_mine = Arc::new(AtomicBool::new(false));
        let (mut conn, flag) = (connect(path)?, Arc::clone(&rest_is_mine));
        let thread = spawn("sqlite-checkpoints", move || serve(&mut conn, &asked, &flag))?;
        Ok((Self { ask, rest_is_mine }, thread))
    }

    /// To be called between two groups.
    pub fn after_commit(&self, conn: &mut Conn) {
        let seen = if self.rest_is_mine.swap(false, Ordering::AcqRel) { copy(conn) } else { look(conn) };
        match seen {
            // When the thread is at it already, it has been asked.
            Ok(log) if log.waiting() >= START_AT => drop(self.ask.try_send(())),
            Ok(_) => {}
            Err(error) => complain(&error),
        }
    }
}

fn serve(conn: &mut Conn, asked: &Receiver<()>, rest_is_the_writers: &AtomicBool) {
    while asked.recv().is_ok() {
        for _ in 0..PASSES {
            match copy(conn).and_then(|_| look(conn)) {
                Ok(log) if log.waiting() > REST => {}
                Ok(_) => break,
                Err(error) => {
                    complain(&error);
                    break;
                }
            }
        }
        rest_is_the_writers.store(true, Ordering::Release);
    }
}

fn complain(error: &diesel::result::Error) {
    tracing::warn!(
        error = error as &dyn std::error::Error,
        "the write-ahead log could not be copied into the database"
    );
}
