//! The built server on a folder that outlives it, so that it can be stopped, killed and started again.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::client::Api;
use crate::test::tools;

/// How long a start and an end may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What to start.
#[derive(Debug, Clone)]
pub struct Program {
    /// The built program.
    pub binary: PathBuf,
    /// Its data folder.
    pub folder: PathBuf,
    /// Its database; `None` for SQLite in the folder.
    pub database: Option<String>,
    /// Settings, as environment variables.
    pub settings: Vec<(&'static str, &'static str)>,
}

/// A running server.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it said at its start, with the first secrets when the database was empty.
    pub told: Value,
    child: Child,
    _stdout: Lines<BufReader<ChildStdout>>,
}

/// Resident memory of a process, in MiB.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Now.
    pub now: f64,
    /// The most there ever was.
    pub peak: f64,
}

/// Builds a package's program and answers where it is.
///
/// # Errors
/// When it does not build.
pub async fn build(root: &Path, package: &str, profile: &str) -> anyhow::Result<PathBuf> {
    println!("building {package}, profile {profile}");
    built(root, package, &["build", "--package", package, "--profile", profile]).await
}

/// Builds one of the product's benches as it is released, and answers where it is.
///
/// # Errors
/// When it does not build.
pub async fn build_bench(root: &Path, name: &str) -> anyhow::Result<PathBuf> {
    println!("building bench {name}");
    built(root, name, &["build", "--profile", "release", "--bench", name]).await
}

async fn built(root: &Path, name: &str, arguments: &[&str]) -> anyhow::Result<PathBuf> {
    let mut command = tools::cargo();
    command.args(arguments).arg("--message-format=json-render-diagnostics");
    let output = command.current_dir(root).stderr(Stdio::inherit()).kill_on_drop(true).output().await?;
    ensure!(output.status.success(), "{name} does not build");
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let executable = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == name)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    executable.context("cargo names no executable")
}

/// Resident memory of a process.
///
/// # Errors
/// When there is no such process.
pub fn memory_of(id: u32) -> anyhow::Result<Memory> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let mebibytes = |key: &str| {
        let line = status.lines().find(|line| line.starts_with(key))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib / 1024.0)
    };
    Ok(Memory { now: mebibytes("VmRSS:").context("no VmRSS")?, peak: mebibytes("VmHWM:").context("no VmHWM")? })
}

/// A port that is free now.
///
/// # Errors
/// When there is none.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Program {
    /// Starts it and waits until it says where it listens.
    ///
    /// # Errors
    /// When it does not.
    pub async fn start(&self) -> anyhow::Result<Running> {
        self.start_at(free_address()?).await
    }

    async fn start_at(&self, address: SocketAddr) -> anyhow::Result<Running> {
        let mut child = self.spawn(address)?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let line =
            tokio::time::timeout(PATIENCE, lines.next_line()).await.context("it does not say that it serves")??;
        let told: Value = serde_json::from_str(&line.context("it ended at once")?).context("it printed no JSON")?;
        Ok(Running { address, told, child, _stdout: lines })
    }

    fn spawn(&self, address: SocketAddr) -> anyhow::Result<Child> {
        let mut command = Command::new(&self.binary);
        command.args(["serve", "--json", "--listen", &address.to_string(), "--data"]).arg(&self.folder);
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        command.env("UNDERSTUDY_LOG_FILTER", "warn").envs(self.settings.iter().copied());
        Ok(command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?)
    }

    /// Starts it and answers how long it took from the start of the process to the answer of a first call.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn time_to_first_answer(&self, api_key: &str, form: &str) -> anyhow::Result<(Running, Duration)> {
        let address = free_address()?;
        let started = Instant::now();
        let start = self.start_at(address);
        let call = async {
            while started.elapsed() < PATIENCE {
                if let Ok(mut api) = Api::open(address, api_key).await {
                    api.call(form).await?;
                    return Ok(started.elapsed());
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            anyhow::bail!("nobody listens at {address}")
        };
        tokio::try_join!(start, call)
    }
}

impl Running {
    /// The key of the account that the first start made.
    ///
    /// # Errors
    /// When this was not the first start.
    pub fn api_key(&self) -> anyhow::Result<String> {
        self.first("api_key")
    }

    /// Something that the first start said.
    ///
    /// # Errors
    /// When this was not the first start.
    pub fn first(&self, key: &str) -> anyhow::Result<String> {
        let value = &self.told["first_run"][key];
        value.as_str().map(str::to_owned).with_context(|| format!("no {key} in {}", self.told))
    }

    /// Where mails are captured.
    pub fn outbox(&self) -> PathBuf {
        PathBuf::from(self.told["outbox"].as_str().unwrap_or_default())
    }

    /// Its resident memory.
    ///
    /// # Errors
    /// When it has ended.
    pub fn memory(&self) -> anyhow::Result<Memory> {
        memory_of(self.child.id().context("the server has ended")?)
    }

    /// Kills it with SIGKILL.
    ///
    /// # Errors
    /// When it has ended before.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        ensure!(self.child.try_wait()?.is_none(), "the server ended before it was killed");
        Ok(self.child.kill().await?)
    }

    /// Stops it as a service manager does.
    ///
    /// # Errors
    /// When it does not end, or not well.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let id = self.child.id().context("the server has ended before its time")?;
        let asked = tools::terminate(id).await?;
        ensure!(asked.success(), "cannot signal the server");
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await.context("the server does not end")??;
        ensure!(ended.success(), "the server ended with {ended}");
        Ok(())
    }
}
