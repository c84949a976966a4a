//! SOAP without a store, beside a bare HTTP server that gives the same bytes, and the codecs by themselves.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::Bench;
use super::bare::Bare;
use super::figures::{Times, against, below};
use super::load::{self, Plan};
use super::program;

/// Connections of the load.
const N_CONNECTIONS: usize = 32;
/// How a good answer begins.
const GOOD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SOAP-ENV:Envelope";
/// The share of the bare server that is wanted.
const SHARE: f64 = 0.45;
/// The 99th percentile wanted, in milliseconds.
const SLOWEST: f64 = 10.0;
/// Resident memory wanted, in MiB.
const MEMORY_LIMIT: f64 = 30.0;

/// Runs the codecs, then both servers in turns.
///
/// # Errors
/// When something does not build, or an answer is wrong.
pub async fn run(bench: &Bench<'_>) -> anyhow::Result<()> {
    let binary = program::build_bench(&bench.root, "soap").await?;
    println!();
    let status = Command::new(&binary).arg("figures").status().await?;
    ensure!(status.success(), "the codecs could not be measured");
    let message = Command::new(&binary).arg("message").output().await?.stdout;
    let server = Server::start(&binary).await?;
    let plan = Plan {
        address: server.address.parse()?,
        n_connections: N_CONNECTIONS,
        request: request(&message)?,
        first: 0,
        max_requests: u64::MAX,
        span: Duration::from_secs(bench.options.seconds),
        expected: GOOD,
    };
    let sample = load::run(Plan { max_requests: 100, ..plan.clone() }).await?;
    let bare = Bare::start(bench.folder.join("body.xml"), &sample.body).await?;
    let (mut ours, mut theirs) = (Rounds::default(), Rounds::default());
    for _ in 0..bench.options.rounds {
        ours.add(load::run(plan.clone()).await?);
        theirs.add(load::run(Plan { address: bare.address, ..plan.clone() }).await?);
    }
    println!("\nUSER.CREATE over HTTP without a store, {N_CONNECTIONS} connections");
    println!("  {:<34} {:>9} {:>9} {:>9}", "", "calls/s", "p50 ms", "p99 ms");
    println!("  {:<34} {:9.0} {}", "a SOAP, all limits on", ours.rate(), ours.times().shown());
    println!("  {:<34} {:9.0} {}", "b bare actix, the same bytes", theirs.rate(), theirs.times().shown());
    against("a / b", ours.rate() / theirs.rate(), SHARE);
    below("99th percentile", ours.times().at(99), SLOWEST, "ms");
    below("resident memory", server.memory()?, MEMORY_LIMIT, "MiB");
    Ok(())
}

#[derive(Default)]
struct Rounds {
    times: Vec<Times>,
    took: Duration,
}

impl Rounds {
    fn add(&mut self, load: load::Load) {
        self.took += load.took;
        self.times.push(load.times);
    }

    fn times(&self) -> Times {
        Times::joined(&self.times)
    }

    fn rate(&self) -> f64 {
        self.times.iter().map(Times::len).sum::<usize>() as f64 / self.took.as_secs_f64()
    }
}

fn request(message: &[u8]) -> anyhow::Result<Vec<u8>> {
    let message = std::str::from_utf8(message).context("the message is no text")?;
    let head = "POST /webservices/soap HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml; charset=utf-8\r\nSOAPAction: \"urn:ofsys:soap#USER.CREATE\"";
    Ok(format!("{head}\r\nContent-Length: {}\r\n\r\n{message}", message.len()).into_bytes())
}

/// The service in a process of its own.
struct Server {
    address: String,
    child: Child,
}

impl Server {
    async fn start(binary: &PathBuf) -> anyhow::Result<Self> {
        let mut command = Command::new(binary);
        command.arg("serve").stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().context("no standard output")?;
        let line = BufReader::new(stdout).lines().next_line().await?.context("the service ended at once")?;
        Ok(Self { address: line.trim().to_owned(), child })
    }

    fn memory(&self) -> anyhow::Result<f64> {
        Ok(program::memory_of(self.child.id().context("the service has ended")?)?.now)
    }
}
