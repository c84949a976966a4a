//! The threads that own connections. Work reaches them as closures over a bounded queue; callers wait on a oneshot.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(feature = "sqlite")]
use std::time::Instant;

use crossbeam_channel::Receiver;

#[cfg(feature = "sqlite")]
use super::db::GroupLimits;
use super::tx::Tx;
use super::{StoreError, error};

/// What a worker is asked to do.
pub(super) type Job = Box<dyn FnOnce(Tx<'_>) -> Done + Send>;

/// What a closure left behind: whether its changes stay, and how its caller hears of it once that is certain.
pub(super) struct Done {
    pub keep: bool,
    pub finish: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

/// Runs `f`, turning a panic into an error, so that one bad closure costs one request.
pub(super) fn guarded<T, E: From<StoreError>>(f: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|payload| {
        let text = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no message".to_owned());
        Err(E::from(error::StoreError::Panicked(text)))
    })
}

/// The connection a worker thread drives: what differs between reading, the SQLite writer and PostgreSQL.
pub(super) trait Session {
    /// Starts a transaction (writers) or nothing (readers).
    fn begin(&mut self) -> Result<(), StoreError>;
    /// Makes the transaction durable.
    fn commit(&mut self) -> Result<(), StoreError>;
    /// Drops the whole transaction.
    fn rollback(&mut self);
    /// Starts a part that can be dropped by itself.
    #[cfg(feature = "sqlite")]
    fn begin_part(&mut self) -> Result<(), StoreError>;
    /// Keeps or drops the part.
    #[cfg(feature = "sqlite")]
    fn end_part(&mut self, keep: bool) -> Result<(), StoreError>;
    /// What is best done between two groups, when nobody waits for the last one any more.
    #[cfg(feature = "sqlite")]
    fn rest(&mut self) {}
    /// Hands the connection to a closure.
    fn run(&mut self, job: Job, broken: &Cell<bool>) -> Done;
    /// Opens the connection anew.
    fn reconnect(&mut self) -> Result<(), StoreError>;
}

/// Serves jobs one by one, each in its own transaction when `writes`; ends when the queue is closed.
pub(super) fn serve_each(session: &mut impl Session, jobs: &Receiver<(Job, bool)>) {
    while let Ok((job, writes)) = jobs.recv() {
        let broken = Cell::new(false);
        if writes {
            serve_transaction(session, job, &broken);
        } else {
            let done = session.run(job, &broken);
            (done.finish)(Ok(()));
        }
        if broken.get() {
            reconnect(session);
        }
    }
}

fn serve_transaction(session: &mut impl Session, job: Job, broken: &Cell<bool>) {
    if session.begin().is_err() {
        reconnect(session);
        if let Err(error) = session.begin() {
            // The closure never ran: give it a connection-less answer by running nothing.
            tracing::error!(error = &error as &dyn std::error::Error, "database unreachable, a write was refused");
            drop(job);
            return;
        }
    }
    let done = session.run(job, broken);
    let outcome = if done.keep && !broken.get() {
        session.commit()
    } else {
        session.rollback();
        Ok(())
    };
    if outcome.is_err() {
        broken.set(true);
    }
    (done.finish)(outcome);
}

fn reconnect(session: &mut impl Session) {
    if let Err(error) = session.reconnect() {
        tracing::error!(error = &error as &dyn std::error::Error, "cannot reconnect to the database");
    }
}

#[cfg(feature = "sqlite")]
fn begin_anew(session: &mut impl Session) -> Result<(), StoreError> {
    session.rollback();
    session.begin()
}

/// Serves jobs in groups: each in its own part of one transaction, one durable commit for the group, callers released after it.
#[cfg(feature = "sqlite")]
pub(super) fn serve_groups(session: &mut impl Session, jobs: &Receiver<(Job, bool)>, limits: GroupLimits) {
    while let Ok((first, _)) = jobs.recv() {
        let started = Instant::now();
        let broken = Cell::new(false);
        if let Err(error) = session.begin() {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot start a transaction");
            drop(first);
            continue;
        }
        let mut waiting = Vec::new();
        let mut next = Some(first);
        let mut failure: Option<StoreError> = None;
        // As long as nothing is to stay, dropping the whole is dropping the part, and SQLite need not keep every page as it was.
        let mut is_untouched = true;
        while let Some(job) = next.take() {
            if !is_untouched && let Err(error) = session.begin_part() {
                failure = Some(error);
                drop(job);
                break;
            }
            let done = session.run(job, &broken);
            let ended = match (is_untouched, done.keep) {
                (true, true) => Ok(()),
                (true, false) => begin_anew(session),
                (false, keep) => session.end_part(keep),
            };
            is_untouched &= !done.keep;
            if let Err(error) = ended {
                waiting.push(done.finish);
                failure = Some(error);
                break;
            }
            // A refused closure waits too: what it was refused for may be another's change that is not durable yet.
            waiting.push(done.finish);
            if waiting.len() < limits.max_jobs && started.elapsed() < limits.max_span {
                next = jobs.try_recv().ok().map(|(job, _)| job);
            }
        }
        let outcome = match failure {
            None => session.commit(),
            Some(error) => Err(error),
        };
        let reason = outcome.err().map(|error| {
            session.rollback();
            tracing::error!(
                error = &error as &dyn std::error::Error,
                n_writes = waiting.len(),
                "a group of writes was lost"
            );
            error.to_string()
        });
        for finish in waiting {
            finish(reason.clone().map_or(Ok(()), |reason| Err(StoreError::Commit(reason))));
        }
        session.rest();
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use std::collections::VecDeque;
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    /// Notes what it is asked for; its closures end as they are told to.
    struct Noting {
        keeps: VecDeque<bool>,
        told: mpsc::Sender<String>,
    }

    impl Noting {
        fn note(&self, what: &str) {
            self.told.send(what.to_owned()).expect("test is there");
        }
    }

    impl Session for Noting {
        fn begin(&mut self) -> Result<(), StoreError> {
            self.note("begin");
            Ok(())
        }
        fn commit(&mut self) -> Result<(), StoreError> {
            self.note("commit");
            Ok(())
        }
        fn rollback(&mut self) {
            self.note("rollback");
        }
        fn begin_part(&mut self) -> Result<(), StoreError> {
            self.note("begin part");
            Ok(())
        }
        fn end_part(&mut self, keep: bool) -> Result<(), StoreError> {
            self.note(if keep { "keep part" } else { "drop part" });
            Ok(())
        }
        fn run(&mut self, _: Job, _: &Cell<bool>) -> Done {
            let (keep, told) = (self.keeps.pop_front().expect("one more"), self.told.clone());
            self.note("run");
            let finish = move |outcome: Result<(), StoreError>| {
                let word = if outcome.is_ok() { "released" } else { "lost" };
                told.send(word.to_owned()).expect("test is there");
            };
            Done { keep, finish: Box::new(finish) }
        }
        fn reconnect(&mut self) -> Result<(), StoreError> {
            Ok(())
        }
    }

    /// What a group of closures, each kept or refused, makes of the connection.
    fn of_group(keeps: &[bool]) -> Vec<String> {
        let (sender, jobs) = crossbeam_channel::unbounded::<(Job, bool)>();
        for _ in keeps {
            sender.send((Box::new(|_| unreachable!("the session here runs none")), true)).expect("open");
        }
        drop(sender);
        let (told, heard) = mpsc::channel();
        let mut session = Noting { keeps: keeps.iter().copied().collect(), told };
        serve_groups(&mut session, &jobs, GroupLimits { max_jobs: 10, max_span: Duration::from_secs(60) });
        drop(session);
        heard.iter().collect()
    }

    #[test]
    fn what_was_refused_is_dropped_and_nobody_is_released_before_the_commit() {
        assert_eq!(
            of_group(&[false, true, false, true]),
            [
                "begin",
                "run",
                "rollback",
                "begin",
                "run",
                "begin part",
                "run",
                "drop part",
                "begin part",
                "run",
                "keep part",
                "commit",
                "released",
                "released",
                "released",
                "released",
            ]
        );
        assert_eq!(of_group(&[true]), ["begin", "run", "commit", "released"]);
    }
}
