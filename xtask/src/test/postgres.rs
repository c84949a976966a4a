//! A private PostgreSQL: fresh, on a free loopback port, in a folder that goes with it. PostgreSQL refuses to run as root, so it runs as `postgres` then.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::tools::{id_of, is_root};

/// How long it may take to accept connections, and to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server.
pub struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    password: String,
    owner: Option<(u32, u32)>,
    child: Child,
}

impl Postgres {
    /// Makes a cluster and starts it, with `fsync` on as it is by default.
    ///
    /// # Errors
    /// When that fails; the server's own words are in the error.
    pub async fn start(programs: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("understudy-postgres-").tempdir()?;
        let owner =
            if is_root().await { Some((id_of("-u", "postgres").await?, id_of("-g", "postgres").await?)) } else { None };
        let password = password()?;
        let password_file = folder.path().join("password");
        std::fs::write(&password_file, &password)?;
        if let Some((user, group)) = owner {
            for path in [folder.path(), &password_file] {
                std::os::unix::fs::chown(path, Some(user), Some(group))?;
            }
        }
        initialise(programs, folder.path(), owner).await?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = serve(programs, folder.path(), port, owner)?;
        let mut postgres = Self { programs: programs.to_owned(), folder, port, password, owner, child };
        postgres.wait_until_ready().await?;
        Ok(postgres)
    }

    /// The address of a database; of the server, when `database` is empty.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://understudy:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// Makes a database.
    ///
    /// # Errors
    /// When that fails.
    pub async fn create_database(&self, name: &str) -> anyhow::Result<()> {
        let mut command = as_owner(self.programs.join("createdb"), self.folder.path(), self.owner);
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "understudy", name]);
        let output = command.env("PGPASSWORD", &self.password).output().await?;
        ensure!(output.status.success(), "createdb: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// Ends it; its folder goes with it.
    pub async fn stop(&mut self) {
        let mut command = as_owner(self.programs.join("pg_ctl"), self.folder.path(), self.owner);
        let stopped = command.args(["-D", "data", "-m", "fast", "-w", "stop"]).stdout(Stdio::null()).status().await;
        let has_stopped = stopped.is_ok_and(|status| status.success());
        if !has_stopped || tokio::time::timeout(PATIENCE, self.child.wait()).await.is_err() {
            eprintln!("PostgreSQL does not end by itself and is killed");
            if let Err(error) = self.child.kill().await {
                eprintln!("cannot kill PostgreSQL: {error}");
            }
        }
    }

    /// Stops it as a crash would, without a checkpoint, and starts it again on what it left.
    ///
    /// # Errors
    /// When it does not stop or does not come back.
    pub async fn crash_and_recover(&mut self) -> anyhow::Result<()> {
        self.restart("immediate", Duration::ZERO).await
    }

    /// Stops it in one of `pg_ctl`'s modes and starts it again after this time.
    ///
    /// # Errors
    /// When it does not stop or does not come back.
    pub async fn restart(&mut self, mode: &str, away: Duration) -> anyhow::Result<()> {
        let mut command = as_owner(self.programs.join("pg_ctl"), self.folder.path(), self.owner);
        let stopped = command.args(["-D", "data", "-m", mode, "-w", "stop"]).stdout(Stdio::null()).status().await?;
        ensure!(stopped.success(), "pg_ctl stop: {stopped}");
        tokio::time::timeout(PATIENCE, self.child.wait()).await.context("PostgreSQL does not end")??;
        tokio::time::sleep(away).await;
        self.child = serve(&self.programs, self.folder.path(), self.port, self.owner)?;
        self.wait_until_ready().await
    }

    async fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let started = Instant::now();
        loop {
            let mut command = as_owner(self.programs.join("pg_isready"), self.folder.path(), self.owner);
            let ready = command.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]).status().await?;
            if ready.success() {
                return Ok(());
            }
            let ended = self.child.try_wait()?;
            if ended.is_some() || started.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                bail!("PostgreSQL does not accept connections: {log}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Starts the server on its folder; its words are appended to `log` there.
fn serve(programs: &Path, folder: &Path, port: u16, owner: Option<(u32, u32)>) -> anyhow::Result<Child> {
    let log = std::fs::File::options().create(true).append(true).open(folder.join("log"))?;
    let mut command = as_owner(programs.join("postgres"), folder, owner);
    command
        .args(["-D", "data", "-p", &port.to_string(), "-k", "", "-c", "listen_addresses=127.0.0.1"])
        .args(["-c", "max_connections=200"])
        .stdout(Stdio::null())
        .stderr(log);
    Ok(command.spawn()?)
}

async fn initialise(programs: &Path, folder: &Path, owner: Option<(u32, u32)>) -> anyhow::Result<()> {
    let output = as_owner(programs.join("initdb"), folder, owner)
        .args([
            "-D",
            "data",
            "-U",
            "understudy",
            "--auth=scram-sha-256",
            "--pwfile=password",
            "-E",
            "UTF8",
            "--no-locale",
        ])
        .output()
        .await?;
    ensure!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn as_owner(program: PathBuf, folder: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}

/// A password nobody knows: other users of the machine reach the port too.
fn password() -> anyhow::Result<String> {
    use std::io::Read;
    let mut bytes = [0_u8; 16];
    std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes)).context("no /dev/urandom")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
