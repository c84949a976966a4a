//! Makes the SOAP clients ready: a Python environment and a Node folder of their own in the build's folder, with fixed versions, and Debian's packages
//! for the others. What is ready once is used again, without network.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tokio::process::Command;

use super::tools::{apt, is_root};

/// How long one installation may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// What runs a client's script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runner {
    /// `client.js`, with the packages of `package-lock.json`.
    Node,
    /// `client.pl`.
    Perl,
    /// `client.php`.
    Php,
    /// `client.py`, with the packages of `requirements.txt`.
    Python,
    /// `client.sh`, with a folder for what it makes in `BUILD`.
    Shell,
}

/// The folders in which clients are made ready and run.
#[derive(Debug)]
pub struct Workshop {
    scripts: PathBuf,
    build: PathBuf,
    is_index_fresh: bool,
    /// Why a folder with packages could not be made; that is not tried again and again.
    refused: Vec<(Runner, String)>,
}

impl Workshop {
    /// The workshop of a project.
    pub fn new(root: &Path) -> Self {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let build = root.join(target).join("soap-clients");
        Self { scripts: root.join("tests/clients/soap"), build, is_index_fresh: false, refused: Vec::new() }
    }

    /// Installs what a client needs and this machine lacks.
    ///
    /// # Errors
    /// What has to be installed by hand, or why an installation failed.
    pub async fn make_ready(&mut self, runner: Runner, packages: &[(&str, &str)]) -> anyhow::Result<()> {
        self.install(packages).await?;
        if let Some((_, reason)) = self.refused.iter().find(|(refused, _)| *refused == runner) {
            bail!("{reason}");
        }
        let made = match runner {
            Runner::Node => self.make_node_folder().await,
            Runner::Python => self.make_python().await,
            Runner::Perl | Runner::Php | Runner::Shell => Ok(()),
        };
        if let Err(error) = &made {
            self.refused.push((runner, format!("{error:#}")));
        }
        made
    }

    /// A client's script, without its arguments.
    pub fn command(&self, runner: Runner, name: &str) -> Command {
        let (program, ending) = match runner {
            Runner::Node => (PathBuf::from("node"), "js"),
            Runner::Perl => (PathBuf::from("perl"), "pl"),
            Runner::Php => (PathBuf::from("php"), "php"),
            Runner::Python => (self.build.join("python/bin/python"), "py"),
            Runner::Shell => (PathBuf::from("sh"), "sh"),
        };
        let mut command = Command::new(program);
        command
            .arg(self.scripts.join(name).join(format!("client.{ending}")))
            .env("NODE_PATH", self.build.join("node/node_modules"))
            .env("BUILD", self.build.join(name))
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    /// Python's interpreter with a script of `tests/clients/soap`, or beside it; without its arguments.
    pub fn python(&self, script: &str) -> Command {
        let mut command = Command::new(self.build.join("python/bin/python"));
        command.arg(self.scripts.join(script)).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    /// The folder of a Node package that ships the published schemas of both envelopes; nothing, and why, when the packages cannot be made ready.
    pub async fn envelope_schemas(&mut self) -> Option<PathBuf> {
        if let Err(error) = self.make_ready(Runner::Node, &[]).await {
            println!("answers are validated without the published envelope schemas: {error:#}");
            return None;
        }
        Some(self.build.join("node/node_modules/strong-soap/xsds"))
    }

    async fn install(&mut self, packages: &[(&str, &str)]) -> anyhow::Result<()> {
        let lacks = |(file, _): &&(&str, &str)| !Path::new(file).exists();
        let missing: Vec<&str> = packages.iter().filter(lacks).map(|(_, package)| *package).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let by_hand = format!("apt-get install --no-install-recommends {}", missing.join(" "));
        if !is_root().await {
            bail!("needs: {by_hand}");
        }
        if !self.is_index_fresh {
            self.is_index_fresh = apt(&["update"]).await;
        }
        let arguments = [&["install", "--yes", "--no-install-recommends"], &missing[..]].concat();
        ensure!(apt(&arguments).await, "this failed: {by_hand}");
        let still: Vec<&str> = packages.iter().filter(lacks).map(|(file, _)| *file).collect();
        ensure!(still.is_empty(), "{} is still missing after: {by_hand}", still.join(", "));
        Ok(())
    }

    /// A Python environment of exactly the packages that the list names.
    async fn make_python(&self) -> anyhow::Result<()> {
        let list = self.scripts.join("requirements.txt");
        let folder = self.build.join("python");
        let Some(mark) = Mark::unless_ready(&list, &folder)? else { return Ok(()) };
        let venv = ["-m", "venv", "--clear", &folder.to_string_lossy()].map(str::to_owned);
        run(Path::new("python3"), &self.build, &venv)
            .await
            .context("needs python3 with its module venv (python3-venv)")?;
        let install = ["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"];
        let arguments = install.iter().map(|word| (*word).to_owned()).chain([list.to_string_lossy().into_owned()]);
        run(&folder.join("bin/pip"), &self.build, &arguments.collect::<Vec<_>>()).await?;
        mark.set()
    }

    /// A folder of exactly the Node packages that the lock file names. Their install scripts do not run.
    async fn make_node_folder(&self) -> anyhow::Result<()> {
        let lock = self.scripts.join("package-lock.json");
        let folder = self.build.join("node");
        let Some(mark) = Mark::unless_ready(&lock, &folder)? else { return Ok(()) };
        for file in ["package.json", "package-lock.json"] {
            std::fs::copy(self.scripts.join(file), folder.join(file)).with_context(|| format!("cannot copy {file}"))?;
        }
        let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"].map(str::to_owned);
        run(Path::new("npm"), &folder, &arguments).await.context("needs npm and its registry")?;
        mark.set()
    }
}

/// Remembers in a folder what it was made from.
struct Mark {
    path: PathBuf,
    source: Vec<u8>,
}

impl Mark {
    /// Nothing when the folder was made from this very list, else what marks it once it is. The folder is there afterwards.
    fn unless_ready(list: &Path, folder: &Path) -> anyhow::Result<Option<Self>> {
        let source = std::fs::read(list).with_context(|| format!("cannot read {}", list.display()))?;
        let path = folder.with_extension("made-from");
        if std::fs::read(&path).is_ok_and(|made_from| made_from == source) {
            return Ok(None);
        }
        std::fs::create_dir_all(folder)?;
        Ok(Some(Self { path, source }))
    }

    fn set(&self) -> anyhow::Result<()> {
        std::fs::write(&self.path, &self.source).with_context(|| format!("cannot write {}", self.path.display()))
    }
}

async fn run(program: &Path, folder: &Path, arguments: &[String]) -> anyhow::Result<()> {
    println!("{} {}", program.display(), arguments.join(" "));
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(std::process::Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output())
        .await
        .with_context(|| format!("{} does not end", program.display()))?
        .with_context(|| format!("cannot start {}", program.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {}", program.display(), reason(&said));
    Ok(())
}

/// The line in which a program says what went wrong: the first with the word error, else its last.
fn reason(said: &str) -> &str {
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let named = lines.clone().find(|line| line.to_ascii_lowercase().contains("error"));
    named.or_else(|| lines.next_back()).unwrap_or("it says nothing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_the_first_error_that_a_program_names() {
        let said = "WARNING: Retrying\nERROR: No matching distribution found for zeep\n\nnotice: a new version\n";
        assert_eq!(reason(said), "ERROR: No matching distribution found for zeep");
        assert_eq!(reason("no such\nmodule venv\n"), "module venv");
        assert_eq!(reason("\n"), "it says nothing");
    }

    #[test]
    fn a_folder_is_made_once_for_one_list() {
        let parent = tempfile::tempdir().expect("a folder");
        let (list, folder) = (parent.path().join("list"), parent.path().join("made"));
        std::fs::write(&list, "zeep==1").expect("the list");
        let mark = Mark::unless_ready(&list, &folder).expect("it can be read").expect("it is not made yet");
        assert!(Mark::unless_ready(&list, &folder).expect("it can be read").is_some());
        mark.set().expect("the mark");
        assert!(Mark::unless_ready(&list, &folder).expect("it can be read").is_none());
        std::fs::write(&list, "zeep==2").expect("the list");
        assert!(Mark::unless_ready(&list, &folder).expect("it can be read").is_some());
    }
}
