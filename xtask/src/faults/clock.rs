//! A clock that is set by hours while a campaign is sent: forward, back by twice as much, and right again. By `faketime`, which shows a program another time.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::process::Command;

use super::End;
use super::house::{House, Stage, addresses, relay, until};
use crate::crash::reckoning::Reckoning;
use crate::sink::{Manners, Sink};

/// Nothing may wait longer, whatever the clock says.
const SOON: Duration = Duration::from_secs(30);
const RECIPIENTS: usize = 1_000;
/// After so many messages each, the clock is set to so far from the true time.
const STEPS: [(usize, &str); 3] = [(150, "+3h"), (150, "-3h"), (150, "+0")];

/// Nobody gets it twice or may have, and nobody waits for hours; mail that is asked for in between comes at once.
pub async fn jumps(stage: Arc<Stage>) -> anyhow::Result<End> {
    let Some(library) = library().await else {
        return Ok(End::NotMade("faketime does not work here".to_owned()));
    };
    let sink = Sink::start(Manners { delay: Duration::from_millis(40), ..Manners::default() }).await;
    let folder = tempfile::tempdir()?;
    let clock = Clock { file: folder.path().join("clock") };
    clock.set("+0")?;
    let environment = vec![
        ("LD_PRELOAD", shown(&library)),
        ("FAKETIME_TIMESTAMP_FILE", shown(&clock.file)),
        ("FAKETIME_NO_CACHE", "1"),
        // A step changes what the clock on the wall says, not how long anything takes.
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    let house = House::open_at(&stage, &relay(sink.port), None, None, environment).await?;
    let list = house.api().await?.make_list("Asked", "Double").await?;
    let everybody = addresses(RECIPIENTS);
    let course = house.send(&everybody, "<p>Hello</p>").await?;
    for (number, (n_more, time)) in STEPS.into_iter().enumerate() {
        let n_taken = sink.n_taken() + n_more;
        let taken = || std::future::ready(Ok(sink.n_taken()));
        until("the campaign goes on", SOON, taken, |n| *n > n_taken).await.with_context(|| format!("before {time}"))?;
        ensure!(course.look().await?.state == "sending", "the campaign was over before the clock was set to {time}");
        clock.set(time)?;
        let asked = format!("asked{number}@example.com");
        let join = format!("Command=Subscriber.Subscribe&ListID={list}&EmailAddress={asked}&IPAddress=192.0.2.1");
        house.api().await?.call(&join).await?;
        let taken = || std::future::ready(Ok(sink.recipients()));
        let what = format!("the question at {time}");
        until(&what, SOON, taken, |to: &Vec<String>| to.contains(&asked)).await?;
    }
    let standing = course.wait(SOON).await?;
    let (asked, campaign): (Vec<_>, Vec<_>) =
        sink.taken().into_iter().partition(|taken| taken.recipient.starts_with("asked"));
    let reckoning = Reckoning::new(&everybody, &campaign, &[], &course.log().await?, &standing);
    ensure!(reckoning.is_exact(), "{reckoning}");
    ensure!(asked.len() == STEPS.len(), "{} questions in place of {}", asked.len(), STEPS.len());
    house.close().await?;
    Ok(End::Good(String::new()))
}

/// The time that a program sees.
struct Clock {
    file: PathBuf,
}

impl Clock {
    fn set(&self, time: &str) -> anyhow::Result<()> {
        // Whoever reads it never sees half of it.
        let draft = self.file.with_extension("draft");
        std::fs::write(&draft, format!("{time}\n"))?;
        Ok(std::fs::rename(&draft, &self.file)?)
    }
}

/// What `faketime` has programs load; `None` when it is not there.
async fn library() -> Option<PathBuf> {
    let mut command = Command::new("faketime");
    command.args(["-f", "+0", "sh", "-c", "printf %s \"$LD_PRELOAD\""]).stdin(Stdio::null());
    let output = command.output().await.ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !path.is_empty()).then(|| PathBuf::from(path))
}

/// As text that lives as long as this process.
fn shown(path: &Path) -> &'static str {
    path.to_string_lossy().into_owned().leak()
}
