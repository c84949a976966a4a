//! The database: there, sound, with the tables of this program.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::time::timeout;

use super::{Finding, PATIENCE, bytes, span};
use crate::config::Settings;
use crate::config::masked::masked_url;
use crate::domain::core::Core;
use crate::store::checkup::{self, Checkup, Engine, Schema};
use crate::store::db::DbAddress;
use crate::store::{Db, StoreError};

/// A larger file is not read from end to end.
const LARGEST_CHECKED: u64 = 1 << 30;
/// Nodes whose clock differs more from the database's, in microseconds, begin and end leases at other times than they think.
const MAX_SKEW: i64 = 2_000_000;
/// And by so much that mails are due at other times than people think.
const BAD_SKEW: i64 = 60_000_000;

const CHECK: &str = "database";

/// What is found, and the way in for the checks that look further; `None` when its tables cannot be read by this program.
pub(super) async fn examine(settings: &Arc<Settings>) -> (Vec<Finding>, Option<Core>) {
    let url = settings.database_url();
    let address = match DbAddress::parse(&url) {
        Ok(address) => address,
        Err(error) => return (vec![Finding::problem(CHECK, error.to_string(), "correct database.url")], None),
    };
    if let DbAddress::Sqlite(path) = &address
        && !path.exists()
    {
        let says = format!("there is no file {}", path.display());
        let advice = "name the right folder (--data) or database (--database); the first `understudy serve` makes one";
        return (vec![Finding::problem(CHECK, says, advice)], None);
    }
    let looked = off_thread({
        let address = address.clone();
        move || checkup::look(&address)
    });
    let found = match looked.await {
        Ok(found) => found,
        Err(reason) => return (vec![unreachable(&url, &reason)], None),
    };
    let mut findings = vec![tables(&url, &found.schema)];
    findings.extend(engine(settings, &found));
    if let DbAddress::Sqlite(path) = &address {
        findings.push(integrity(path.clone()).await);
    }
    if found.schema != Schema::Current {
        return (findings, None);
    }
    match off_thread(move || Db::open_to_look(&address)).await {
        Ok(db) => (findings, Some(Core::new(db, Arc::clone(settings)))),
        Err(reason) => {
            findings.push(unreachable(&url, &reason));
            (findings, None)
        }
    }
}

/// What waits for the disk or the network, within the time that a check has; failures in one line.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, String> {
    match timeout(PATIENCE, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(Ok(found))) => Ok(found),
        Ok(Ok(Err(error))) => Err(format!("{:#}", anyhow::Error::from(error))),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

fn unreachable(url: &str, reason: &str) -> Finding {
    let advice = if url.starts_with("postgres") {
        "is PostgreSQL running, and are host, user, password and database in database.url right?"
    } else {
        "may this user read and write the file and its folder?"
    };
    Finding::problem(CHECK, format!("{}: {reason}", masked_url(url)), advice)
}

fn tables(url: &str, schema: &Schema) -> Finding {
    let url = masked_url(url);
    match schema {
        Schema::Current => Finding::ok(CHECK, format!("{url} is reached and up to date")),
        Schema::Empty => Finding::warning(
            CHECK,
            format!("{url} has no tables yet"),
            "`understudy serve` or `understudy migrate` makes them",
        ),
        Schema::Behind(n) => Finding::warning(
            CHECK,
            format!("{url}: {n} migrations are not applied"),
            "back it up; the next start, or `understudy migrate`, applies them",
        ),
        Schema::Newer(version) => Finding::problem(
            CHECK,
            format!("{url} was used by a newer program (migration {version})"),
            "run that version, or restore the backup from before the upgrade",
        ),
    }
}

fn engine(settings: &Settings, found: &Checkup) -> Vec<Finding> {
    match &found.engine {
        Engine::Sqlite { version, journal_mode } => {
            let says = format!("SQLite {version}, journal mode {journal_mode}");
            vec![match journal_mode.as_str() {
                "wal" => Finding::ok(CHECK, says),
                _ => Finding::warning(
                    CHECK,
                    says,
                    "the next start sets wal; if it does not, the file is on a disk without shared memory, such as a network folder: move it",
                ),
            }]
        }
        Engine::Postgres { version, clock_ahead, max_connections } => {
            let n = match settings.database.connections {
                0 => 16,
                n => i64::try_from(n).unwrap_or(i64::MAX),
            };
            let says = format!("PostgreSQL {version}; this server opens {n} of its {max_connections} connections");
            let connections = if n < *max_connections {
                Finding::ok(CHECK, says)
            } else {
                Finding::problem(CHECK, says, "lower database.connections or raise max_connections")
            };
            vec![connections, skew(*clock_ahead)]
        }
    }
}

/// How far this machine's clock is from the database's.
fn skew(ahead: i64) -> Finding {
    let direction = if ahead > 0 { "behind" } else { "ahead of" };
    if ahead.abs() <= MAX_SKEW {
        return Finding::ok("clock", "this clock and the database's agree");
    }
    let says = format!("this clock is {} {direction} the database's", span(ahead));
    let advice = "have both machines keep time by NTP; leases and due mails depend on it";
    if ahead.abs() <= BAD_SKEW {
        Finding::warning("clock", says, advice)
    } else {
        Finding::problem("clock", says, advice)
    }
}

/// Whether the file is sound, as far as it is small enough to be read in time.
async fn integrity(path: PathBuf) -> Finding {
    let n_bytes = std::fs::metadata(&path).map_or(0, |file| file.len());
    let by_hand = format!("by hand: sqlite3 {} 'PRAGMA quick_check'", path.display());
    if n_bytes > LARGEST_CHECKED {
        return Finding::ok(CHECK, format!("{} are too many to be checked here; {by_hand}", bytes(n_bytes)));
    }
    let checked = timeout(PATIENCE, tokio::task::spawn_blocking(move || checkup::quick_check(&path)));
    match checked.await {
        Err(_) => Finding::ok(CHECK, format!("{} could not be checked in time; {by_hand}", bytes(n_bytes))),
        Ok(Ok(Ok(lines))) if lines.is_empty() => Finding::ok(CHECK, format!("the file is sound, {}", bytes(n_bytes))),
        Ok(Ok(Ok(lines))) => damaged(&lines.join("; ")),
        Ok(Ok(Err(error))) => damaged(&format!("{:#}", anyhow::Error::from(error))),
        Ok(Err(error)) => damaged(&error.to_string()),
    }
}

fn damaged(reason: &str) -> Finding {
    Finding::problem(
        CHECK,
        format!("the file is damaged: {}", reason.lines().collect::<Vec<_>>().join(" ")),
        "stop the server, keep the file, restore the last backup; look for a failing disk",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn a_clock_that_differs_is_told_in_the_right_direction() {
        assert_eq!(skew(-900_000).grade, Grade::Ok);
        let slow = skew(30_000_000);
        assert_eq!(
            (slow.grade, slow.says.as_str()),
            (Grade::Warning, "this clock is 30 seconds behind the database's")
        );
        let fast = skew(-7_200_000_000);
        assert_eq!((fast.grade, fast.says.as_str()), (Grade::Problem, "this clock is 2 hours ahead of the database's"));
    }
}
