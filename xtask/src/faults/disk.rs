//! A disk that gets full while a campaign is sent and people sign up, and has room again later.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use super::End;
use super::house::{House, Stage, addresses, relay, until};
use crate::bench::client::Api;
use crate::crash::reckoning::Reckoning;
use crate::sink::{Manners, Sink};

/// Size of the disk.
const DISK: &str = "size=32m";
/// How long anything may take to be noticed.
const SOON: Duration = Duration::from_secs(40);
const RECIPIENTS: usize = 1_500;
/// Sign-ups refused before room is made.
const REFUSED: usize = 20;

/// Calls are refused and leave nothing behind, what was acknowledged stays, and both sign-ups and the campaign go on once there is room.
pub async fn full(stage: Arc<Stage>) -> anyhow::Result<End> {
    let disk = match SmallDisk::mount().await {
        Ok(disk) => disk,
        Err(error) => return Ok(End::NotMade(format!("no small file system can be mounted here: {error:#}"))),
    };
    let sink = Sink::start(Manners { delay: Duration::from_millis(40), ..Manners::default() }).await;
    let house = House::open_at(&stage, &relay(sink.port), Some(&disk.path().join("data")), None, Vec::new()).await?;
    let mut api = house.api().await?;
    let list = api.make_list("Sign-ups", "Single").await?;
    let everybody = addresses(RECIPIENTS);
    let course = house.send(&everybody, "<p>Hello</p>").await?;
    let taken = || std::future::ready(Ok(sink.n_taken()));
    until("the campaign is in its midst", SOON, taken, |n| *n > 100).await?;

    let mut signed_up = SignUps { list, ..SignUps::default() };
    signed_up.some(&mut api, 20).await?;
    ensure!(signed_up.refused.is_empty(), "refused with room: {:?}", signed_up.refused);
    disk.fill()?;
    let n_before = sink.n_taken();
    // Room in files that are there already is used up first.
    until_refused(&mut signed_up, &mut api).await?;
    let well = course.look().await;
    disk.clear()?;

    let started = tokio::time::Instant::now();
    while !signed_up.one(&mut api).await? {
        ensure!(started.elapsed() < SOON, "sign-ups do not work again: {:?}", signed_up.last);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let recovery = started.elapsed();
    signed_up.compare(&mut api).await?;
    let standing = course.wait(SOON).await?;
    let reckoning = Reckoning::new(&everybody, &sink.taken(), &sink.refused(), &course.log().await?, &standing);
    ensure!(reckoning.is_exact(), "{reckoning}");
    let n_refused = signed_up.refused.len();
    ensure!(n_before < RECIPIENTS, "the campaign was over before the disk was full");
    well.context("nobody can look while the disk is full")?;
    // What was written is read again by a new process.
    let (program, server, api_key) = (house.program.clone(), house.server, house.api_key.clone());
    server.stop().await?;
    let server = program.start().await?;
    signed_up.compare(&mut Api::open(server.address, &api_key).await?).await?;
    server.stop().await?;
    Ok(End::Good(format!(
        "{n_refused} calls refused with {}, good again after {:.1} s",
        signed_up.shown,
        recovery.as_secs_f64()
    )))
}

async fn until_refused(signed_up: &mut SignUps, api: &mut Api) -> anyhow::Result<()> {
    let started = tokio::time::Instant::now();
    while signed_up.refused.len() < REFUSED {
        signed_up.one(api).await?;
        ensure!(started.elapsed() < SOON, "the full disk is not noticed; {} were taken", signed_up.taken.len());
    }
    signed_up.shown = signed_up.last.to_string();
    let is_clear = signed_up.last["Success"] == false && !signed_up.last["ErrorCode"].is_null();
    ensure!(is_clear, "an unclear refusal: {}", signed_up.last);
    Ok(())
}

/// Sign-ups, and how each was answered.
#[derive(Default)]
struct SignUps {
    list: i64,
    taken: BTreeSet<String>,
    refused: BTreeSet<String>,
    last: Value,
    /// A refusal.
    shown: String,
}

impl SignUps {
    async fn some(&mut self, api: &mut Api, n: usize) -> anyhow::Result<()> {
        for _ in 0..n {
            self.one(api).await?;
        }
        Ok(())
    }

    /// One more; whether it was taken.
    async fn one(&mut self, api: &mut Api) -> anyhow::Result<bool> {
        let email = format!("s{}@example.com", self.taken.len() + self.refused.len());
        let form = "Command=Subscriber.Subscribe&IPAddress=192.0.2.1";
        let (answer, _) = api.timed(&format!("{form}&ListID={}&EmailAddress={email}", self.list)).await?;
        let is_taken = answer["Success"] == true;
        self.last = answer;
        if is_taken { &mut self.taken } else { &mut self.refused }.insert(email);
        Ok(is_taken)
    }

    /// Everybody who was acknowledged is on the list, and nobody else.
    async fn compare(&self, api: &mut Api) -> anyhow::Result<()> {
        let form = "Command=Subscribers.Get&SubscriberSegment=Active&RecordsFrom=0&RecordsPerRequest=100000";
        let answer = api.call(&format!("{form}&SubscriberListID={}", self.list)).await?;
        let rows = answer["Subscribers"].as_array().context("no Subscribers")?;
        let there: BTreeSet<String> =
            rows.iter().filter_map(|row| row["EmailAddress"].as_str().map(str::to_owned)).collect();
        let (lost, half_done) = (self.taken.difference(&there).count(), there.difference(&self.taken).count());
        ensure!((lost, half_done) == (0, 0), "{lost} acknowledged are lost, {half_done} refused are there");
        let total = answer["TotalSubscribers"].as_u64();
        ensure!(total == Some(self.taken.len() as u64), "{} are there, the total says {total:?}", self.taken.len());
        Ok(())
    }
}

/// A file system of its own, in memory.
struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    async fn mount() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("understudy-disk-").tempdir()?;
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", DISK, "none"]).arg(folder.path()).stdin(Stdio::null());
        let output = command.output().await.context("mount")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(Self { folder })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }

    /// Writes until nothing more fits.
    fn fill(&self) -> anyhow::Result<()> {
        let mut file = std::fs::File::create(self.filler())?;
        for size in [64 * 1024, 4096] {
            let piece = vec![0; size];
            while let Ok(()) = file.write_all(&piece) {}
        }
        Ok(())
    }

    fn clear(&self) -> anyhow::Result<()> {
        Ok(std::fs::remove_file(self.filler())?)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Whoever still has files open there is killed by then, or soon.
        let _ = std::process::Command::new("umount").arg("-l").arg(self.path()).output();
    }
}
