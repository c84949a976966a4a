//! What an operator sees from outside: whether settings, database, disk, clock, relays, DNS and queues are as they should be, and what to do where
//! they are not. For `understudy doctor`.
//!
//! Every check is bounded in time, those over the network run side by side, and none changes anything: the database is opened read-only, no mail is
//! sent, no file made. So it may be asked beside a running server and without one.

mod clock;
mod database;
mod disk;
mod dmarc;
mod domains;
mod host;
mod permissions;
mod queues;
mod records;
mod relays;
mod returns;
mod spf;
mod web;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::config::{Route, Settings};
use crate::delivery::dns::Dns;
use crate::domain::core::Core;
use crate::domain::cx::{Actor, Ctx, Origin};
use crate::domain::sender_domains::{self, SenderKey};

/// One step over the network may take this long.
const STEP: Duration = Duration::from_secs(4);
/// One check may take this long.
const PATIENCE: Duration = Duration::from_secs(10);

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// As it should be.
    Ok,
    /// It works; somebody should look at it.
    Warning,
    /// Mail is not sent, not delivered, or lost sight of until somebody does something.
    Problem,
}

impl Grade {
    /// In one word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub check: String,
    /// How it stands.
    pub grade: Grade,
    /// What was seen.
    pub says: String,
    /// What to do about it; empty where nothing is to be done.
    pub advice: String,
}

impl Finding {
    /// As it should be.
    pub fn ok(check: impl Into<String>, says: impl Into<String>) -> Self {
        Self { check: check.into(), grade: Grade::Ok, says: says.into(), advice: String::new() }
    }

    /// Something to look at.
    pub fn warning(check: impl Into<String>, says: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check: check.into(), grade: Grade::Warning, says: says.into(), advice: advice.into() }
    }

    /// Something to do.
    pub fn problem(check: impl Into<String>, says: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { grade: Grade::Problem, ..Self::warning(check, says, advice) }
    }
}

/// What several checks have in common.
struct Round {
    settings: Arc<Settings>,
    dns: Dns,
    keys: Vec<SenderKey>,
}

impl Round {
    fn sends(&self) -> bool {
        self.settings.mail.route() != Route::Outbox
    }

    /// The domains that have keys, each once.
    fn domains(&self) -> Vec<String> {
        let mut domains: Vec<String> = self.keys.iter().map(|key| key.domain.clone()).collect();
        domains.sort();
        domains.dedup();
        domains
    }
}

/// Makes every check. `file`: the settings file, if one was named.
pub async fn examine(settings: Settings, file: Option<PathBuf>) -> Vec<Finding> {
    let settings = Arc::new(settings);
    let disk = bounded("disk", blocking(Arc::clone(&settings), |settings| disk::examine(&settings)));
    let permissions =
        bounded("permissions", blocking(Arc::clone(&settings), move |settings| permissions::examine(&settings, file)));
    let (database, disk, permissions, web) = tokio::join!(
        database::examine(&settings),
        disk,
        permissions,
        bounded("public address", web::examine(&settings)),
    );
    let (mut findings, core) = database;
    findings.extend([disk, permissions].concat());
    findings.extend(clock::examine(&settings, core.as_ref()).await);
    let keys = match &core {
        None => Vec::new(),
        Some(core) => keys_of(core, &mut findings).await,
    };
    findings.extend(web);
    let round = Round { dns: Dns::new(&settings.mail.name_servers, STEP), settings, keys };
    let (relays, host, domains, returns, queues) = tokio::join!(
        relays::examine(&round),
        host::examine(&round),
        domains::examine(&round),
        bounded("returns", returns::examine(&round)),
        bounded("queues", queues::examine(core.as_ref())),
    );
    findings.extend([relays, host, domains, returns, queues].concat());
    if let Some(core) = core {
        // Its threads end by themselves when the program does.
        drop(timeout(STEP, core.close()).await);
    }
    findings
}

/// The keys of all sender domains.
async fn keys_of(core: &Core, findings: &mut Vec<Finding>) -> Vec<SenderKey> {
    look(core, |cx| Ok(sender_domains::list(cx)?)).await.unwrap_or_else(|error| {
        findings.push(Finding::problem("sender domains", error, "see the finding about the database"));
        Vec::new()
    })
}

/// What a check found, or that it took too long.
async fn bounded(check: &str, work: impl Future<Output = Vec<Finding>>) -> Vec<Finding> {
    within(PATIENCE, check, work).await
}

async fn within(patience: Duration, check: &str, work: impl Future<Output = Vec<Finding>>) -> Vec<Finding> {
    timeout(patience, work).await.unwrap_or_else(|_| vec![too_slow(check)])
}

fn too_slow(check: &str) -> Finding {
    let says = format!("no result within {} s", PATIENCE.as_secs());
    Finding::warning(check, says, "try again; if it stays so, whatever this check asks is overloaded or cut off")
}

/// Work that waits for the system, off the async threads.
async fn blocking<T: Send + 'static>(
    settings: Arc<Settings>,
    work: impl FnOnce(Arc<Settings>) -> T + Send + 'static,
) -> T {
    match tokio::task::spawn_blocking(move || work(settings)).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Looks into the database; what went wrong is told in one line.
async fn look<T: Send + 'static>(
    core: &Core,
    work: impl FnOnce(&mut Ctx<'_>) -> anyhow::Result<T> + Send + 'static,
) -> Result<T, String> {
    let looked = core.read(Arc::new(Origin::of_program("doctor")), move |cx| {
        cx.actor = Actor::System;
        work(cx)
    });
    match timeout(PATIENCE, looked).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(format!("{error:#}")),
        Err(_) => Err(format!("the database gave no answer within {} s", PATIENCE.as_secs())),
    }
}

/// A number of bytes for people.
#[allow(clippy::cast_precision_loss, reason = "shown with one digit")]
fn bytes(n: u64) -> String {
    let units = [("TiB", 1_u64 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match units.iter().find(|(_, size)| n >= *size) {
        Some((unit, size)) => format!("{:.1} {unit}", n as f64 / *size as f64),
        None => format!("{n} bytes"),
    }
}

/// A span for people, to its largest unit.
fn span(micros: i64) -> String {
    let seconds = micros.unsigned_abs() / 1_000_000;
    let units = [("day", 86_400), ("hour", 3_600), ("minute", 60)];
    let (word, n) = units
        .iter()
        .find(|(_, size)| seconds >= 2 * size)
        .map_or(("second", seconds), |(word, size)| (*word, seconds / size));
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_spans_read_well() {
        assert_eq!([bytes(512), bytes(1_536), bytes(3 << 30)], ["512 bytes", "1.5 KiB", "3.0 GiB"]);
        let seconds = |n: i64| span(n * 1_000_000);
        assert_eq!(
            [seconds(1), seconds(90), seconds(-7_200), seconds(200_000)],
            ["1 second", "90 seconds", "2 hours", "2 days"]
        );
    }

    #[tokio::test]
    async fn a_check_that_hangs_is_told_and_holds_nothing_up() {
        let found = within(Duration::from_millis(10), "relay main", std::future::pending()).await;
        assert_eq!((found[0].check.as_str(), found[0].grade), ("relay main", Grade::Warning));
    }
}
