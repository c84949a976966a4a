//! A server for one scenario: a folder, settings, and the process.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::bench::client::Api;
use crate::bench::program::{Program, Running};
use crate::crash::course::{self, Course, Message};
use crate::test::seeder::CommandLine;

/// Between looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(100);

/// What all scenarios share.
#[derive(Debug)]
pub struct Stage {
    /// The built server.
    pub binary: PathBuf,
    /// The folder of PostgreSQL's programs.
    pub postgres: PathBuf,
}

/// A running server with a folder of its own.
pub struct House {
    /// What runs, and where.
    pub program: Program,
    /// The process.
    pub server: Running,
    /// The key of its first account.
    pub api_key: String,
    config: PathBuf,
    _folder: TempDir,
}

impl House {
    /// Starts one on SQLite with these settings.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn open(stage: &Stage, settings: &str) -> anyhow::Result<Self> {
        Self::open_at(stage, settings, None, None, Vec::new()).await
    }

    /// Starts one with its data in another folder, or on another database, or with more in its environment.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn open_at(
        stage: &Stage,
        settings: &str,
        data: Option<&Path>,
        database: Option<String>,
        environment: Vec<(&'static str, &'static str)>,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("understudy-faults-").tempdir()?;
        let config = folder.path().join("understudy.toml");
        std::fs::write(&config, settings)?;
        // It lives as long as this process, as the names beside it do.
        let shown: &'static str = config.to_string_lossy().into_owned().leak();
        let mut settings = vec![
            ("UNDERSTUDY_CONFIG", shown),
            ("UNDERSTUDY_LOG_FILTER", "off"),
            ("UNDERSTUDY_SECURITY_ARGON2_MEMORY_KIB", "64"),
            ("UNDERSTUDY_SECURITY_ARGON2_PASSES", "1"),
        ];
        settings.extend(environment);
        let data = data.map_or_else(|| folder.path().join("data"), Path::to_owned);
        std::fs::create_dir_all(&data)?;
        let program = Program { binary: stage.binary.clone(), folder: data, database, settings };
        let server = program.start().await?;
        let api_key = server.api_key()?;
        Ok(Self { program, server, api_key, config, _folder: folder })
    }

    /// A connection for calls.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn api(&self) -> anyhow::Result<Api> {
        Api::open(self.server.address, &self.api_key).await
    }

    /// Stops it and starts it again, with other settings.
    ///
    /// # Errors
    /// When it does not stop or start.
    pub async fn restart_with(mut self, settings: &str) -> anyhow::Result<Self> {
        std::fs::write(&self.config, settings)?;
        self.server.stop().await?;
        self.server = self.program.start().await?;
        Ok(self)
    }

    /// Ends it.
    ///
    /// # Errors
    /// When it does not end well.
    pub async fn close(self) -> anyhow::Result<()> {
        self.server.stop().await
    }

    /// The program beside the server.
    pub fn line(&self) -> CommandLine {
        course::command_line(&self.program)
    }

    /// Runs a subcommand and reads its JSON.
    ///
    /// # Errors
    /// When it refuses.
    pub async fn tell(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        course::tell(&self.line(), arguments).await
    }

    /// Sends a small campaign to these people.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn send(&self, addresses: &[String], html: &str) -> anyhow::Result<Course> {
        let message = Message { subject: "News for %Subscriber:EmailAddress%", html };
        Course::start(&self.program, &self.server, &mut self.api().await?, addresses, message).await
    }
}

/// So many addresses.
pub fn addresses(n: usize) -> Vec<String> {
    (1..=n).map(|number| format!("r{number}@example.com")).collect()
}

/// A relay on loopback, in the settings, open and without more.
pub fn relay(port: u16) -> String {
    relay_with(port, "tls = \"none\"")
}

/// A relay on loopback, in the settings.
pub fn relay_with(port: u16, more: &str) -> String {
    format!("[[mail.relays]]\nname = \"sink-{port}\"\nhost = \"127.0.0.1\"\nport = {port}\n{more}\n")
}

/// Asks until the answer is yes, and answers what was seen then.
///
/// # Errors
/// When the asking fails, or the answer is no for too long; what was seen last is in the error.
pub async fn until<T, F>(
    what: &str,
    patience: Duration,
    mut ask: impl FnMut() -> F,
    is_so: impl Fn(&T) -> bool,
) -> anyhow::Result<T>
where
    T: std::fmt::Debug,
    F: Future<Output = anyhow::Result<T>>,
{
    let started = Instant::now();
    loop {
        let seen = ask().await.with_context(|| what.to_owned())?;
        if is_so(&seen) {
            return Ok(seen);
        }
        ensure!(started.elapsed() < patience, "{what}: not within {} s: {seen:?}", patience.as_secs());
        tokio::time::sleep(LOOK).await;
    }
}
