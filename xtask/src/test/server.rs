//! The built program, started as its users start it: an empty folder, a free port, and what it prints.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::seeder::CommandLine;
use super::tools;

/// How long a start and an end may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server.
pub struct Server {
    /// `http://host:port`.
    pub base_url: String,
    /// The operator that the first start made.
    pub admin_username: String,
    /// Its password.
    pub admin_password: String,
    /// Where mails are captured.
    pub outbox: PathBuf,
    binary: PathBuf,
    folder: TempDir,
    database: Option<String>,
    n_accounts: AtomicU32,
    child: Child,
}

/// An account for a client script.
#[derive(Debug)]
pub struct ClientAccount {
    /// Its user name.
    pub username: String,
    /// Its password.
    pub password: String,
    /// Its API key.
    pub api_key: String,
    /// A project of it for the Ofsys web services: `idProject`, `idKey`, `Key`.
    pub project: [String; 3],
}

impl Server {
    /// Starts the program on an empty folder.
    ///
    /// # Errors
    /// When it does not start or does not say where it listens.
    pub async fn start(binary: &Path, database: Option<&str>) -> anyhow::Result<Self> {
        Self::start_with(binary, database, None).await
    }

    /// Starts the program on an empty folder, with this settings file.
    ///
    /// # Errors
    /// When it does not start or does not say where it listens.
    pub async fn start_with(binary: &Path, database: Option<&str>, settings: Option<&Path>) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("understudy-server-").tempdir()?;
        let mut command = program(binary, folder.path(), database);
        if let Some(file) = settings {
            command.arg("--config").arg(file);
        }
        let mut child = command
            .args(["serve", "--json", "--listen", "127.0.0.1:0"])
            .env("UNDERSTUDY_SECURITY_FREE_LOGIN_FAILURES", "1000000")
            .env("UNDERSTUDY_LOG_FILTER", "warn")
            // GNU's allocator keeps large pieces for later once some were freed. Told its own first threshold it does not, so that what a
            // request takes can be seen from outside, whatever came before it.
            .env("MALLOC_MMAP_THRESHOLD_", "131072")
            .env("MALLOC_TRIM_THRESHOLD_", "131072")
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let line =
            tokio::time::timeout(PATIENCE, lines.next_line()).await.context("it does not say that it serves")??;
        let told: Value = serde_json::from_str(&line.context("it ended at once")?).context("it printed no JSON")?;
        let text = |value: &Value| value.as_str().map(str::to_owned).with_context(|| format!("it printed {told}"));
        Ok(Self {
            base_url: text(&told["address"])?,
            admin_username: text(&told["first_run"]["operator_username"])?,
            admin_password: text(&told["first_run"]["operator_password"])?,
            outbox: PathBuf::from(text(&told["outbox"])?),
            binary: binary.to_owned(),
            folder,
            database: database.map(str::to_owned),
            n_accounts: AtomicU32::new(0),
            child,
        })
    }

    /// Makes an account with the program itself while the server runs.
    ///
    /// # Errors
    /// When the program refuses.
    pub async fn make_account(&self) -> anyhow::Result<ClientAccount> {
        let n = self.n_accounts.fetch_add(1, Ordering::Relaxed);
        let (username, password) = (format!("client{n}"), format!("Pass word+{n}&ü"));
        let email = format!("{username}@example.com");
        let told = self
            .tell(&["account", "create", "--username", &username, "--password", &password, "--email", &email])
            .await?;
        let api_key = told["api_key"].as_str().with_context(|| format!("account create printed no api_key: {told}"))?;
        let owned = ["--account", username.as_str()];
        let project = self.tell(&[&["project", "create", "--name", "Club"][..], &owned].concat()).await?["project_id"]
            .to_string();
        self.tell(&["project", "field", &project, "--code", "City"]).await?;
        self.tell(&["project", "opt-in", &project, "--code", "News"]).await?;
        let key = self.tell(&[&["key", "create"][..], &owned].concat()).await?;
        let secret = key["Key"].as_str().with_context(|| format!("key create printed no Key: {key}"))?.to_owned();
        let project = [project, key["idKey"].to_string(), secret];
        Ok(ClientAccount { username, password, api_key: api_key.to_owned(), project })
    }

    /// The number of its process.
    ///
    /// # Errors
    /// When it has ended.
    pub fn id(&self) -> anyhow::Result<u32> {
        self.child.id().context("the server has ended before its time")
    }

    /// The program beside the server, for work that is not asynchronous.
    pub fn command_line(&self) -> CommandLine {
        CommandLine {
            binary: self.binary.clone(),
            folder: self.folder.path().to_owned(),
            database: self.database.clone(),
        }
    }

    /// Runs the program beside the server; the JSON it prints.
    ///
    /// # Errors
    /// When it fails or prints something else.
    pub async fn tell(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let mut command = program(&self.binary, self.folder.path(), self.database.as_deref());
        let output = command.args(arguments).arg("--json").output().await?;
        ensure!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).with_context(|| format!("{arguments:?} printed no JSON"))
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

fn program(binary: &Path, folder: &Path, database: Option<&str>) -> Command {
    let mut command = Command::new(binary);
    command.arg("--data").arg(folder).stdin(Stdio::null()).kill_on_drop(true);
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    command
}
