//! Copies the write-ahead log back into the database beside the writer, who would otherwise stand still for it.
//!
//! A log that is never wholly copied grows for ever: under load, new frames come in while older ones are copied. So the thread copies until little is
//! left, and the writer copies the rest between two groups; the log then starts anew.

use std::cell::Cell;
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

/// The writer looks at the log after every so many commits.
const LOOK_EVERY: u32 = 8;
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

/// Where copying starts and where the thread leaves the rest to the writer, in frames.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    start_at: i32,
    rest: i32,
}

/// For a server: pages that change often are copied once, so later is cheaper, in exchange for disk (a frame is a page of 4 KiB).
pub(super) const BOUNDS: Bounds = Bounds { start_at: 12_000, rest: 1_000 };

/// The writer's side.
pub(super) struct Checkpoints {
    ask: Sender<()>,
    rest_is_mine: Arc<AtomicBool>,
    bounds: Bounds,
    n_commits: Cell<u32>,
}

impl Checkpoints {
    /// Starts the thread. It ends when the answered value is dropped.
    pub fn start(path: &Path, bounds: Bounds) -> Result<(Self, JoinHandle<()>), StoreError> {
        let (ask, asked) = bounded(1);
        let rest_is_mine = Arc::new(AtomicBool::new(false));
        let (mut conn, flag) = (connect(path)?, Arc::clone(&rest_is_mine));
        let thread = spawn("sqlite-checkpoints", move || serve(&mut conn, &asked, &flag, bounds.rest))?;
        Ok((Self { ask, rest_is_mine, bounds, n_commits: Cell::new(0) }, thread))
    }

    /// To be called between two groups.
    pub fn after_commit(&self, conn: &mut Conn) {
        let seen = if self.rest_is_mine.swap(false, Ordering::AcqRel) {
            copy(conn)
        } else if self.n_commits.replace(self.n_commits.get().wrapping_add(1)).is_multiple_of(LOOK_EVERY) {
            look(conn)
        } else {
            return;
        };
        match seen {
            // When the thread is at it already, it has been asked.
            Ok(log) if log.waiting() >= self.bounds.start_at => drop(self.ask.try_send(())),
            Ok(_) => {}
            Err(error) => complain(&error),
        }
    }
}

fn serve(conn: &mut Conn, asked: &Receiver<()>, rest_is_the_writers: &AtomicBool, rest: i32) {
    while asked.recv().is_ok() {
        for _ in 0..PASSES {
            match copy(conn).and_then(|_| look(conn)) {
                Ok(log) if log.waiting() > rest => {}
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use diesel::connection::SimpleConnection;

    use super::*;

    #[test]
    fn the_log_starts_anew_under_steady_writing() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("test.db");
        let mut conn = connect(&path).expect("open");
        conn.batch_execute(
            "PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=NORMAL; CREATE TABLE pages (id INTEGER PRIMARY KEY, page BLOB NOT NULL)",
        )
        .expect("table");
        let (checkpoints, thread) = Checkpoints::start(&path, Bounds { start_at: 200, rest: 20 }).expect("start");
        let (started, mut was, mut n_restarts) = (Instant::now(), 0, 0);
        while n_restarts < 3 && started.elapsed() < Duration::from_secs(20) {
            conn.batch_execute("INSERT INTO pages (page) VALUES (randomblob(9000))").expect("insert");
            checkpoints.after_commit(&mut conn);
            let is = look(&mut conn).expect("look").log;
            n_restarts += usize::from(is < was);
            was = is;
        }
        drop(checkpoints);
        thread.join().expect("thread");
        assert_eq!(n_restarts, 3, "{was} frames stand in the log");
    }
}
