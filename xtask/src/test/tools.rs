//! What the tests need besides Rust: PostgreSQL's programs, PHP with four modules, Python and Node with what installs their packages, Postfix, faketime, Chromium. Installed with apt-get where that is possible.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, bail, ensure};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Names of the browser that pages are tried in; `CHROMIUM` names another program.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Where PostgreSQL's programs are.
#[derive(Debug, Clone)]
pub struct Tools {
    /// The folder with `initdb` and `postgres`.
    pub postgres: PathBuf,
}

/// Something that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Missing {
    what: String,
    /// The Debian package that has it.
    package: &'static str,
}

impl Missing {
    fn new(what: impl Into<String>, package: &'static str) -> Self {
        Self { what: what.into(), package }
    }
}

/// What is missing, in words.
fn words(missing: &[Missing]) -> String {
    missing.iter().map(|one| one.what.as_str()).collect::<Vec<_>>().join(", ")
}

/// The packages of what is missing and no others: where a program came from elsewhere, Debian's package of it may refuse to stand beside it.
fn packages(missing: &[Missing]) -> Vec<&'static str> {
    let mut packages = vec!["ca-certificates"];
    for one in missing {
        if !packages.contains(&one.package) {
            packages.push(one.package);
        }
    }
    packages
}

/// Makes sure that everything is there.
///
/// # Errors
/// What is missing, when it cannot be installed.
pub async fn ready() -> anyhow::Result<Tools> {
    let missing = missing().await;
    if missing.is_empty() {
        return found();
    }
    println!("missing: {}", words(&missing));
    let packages = packages(&missing);
    if !is_root().await || !runs("apt-get", &["--version"]).await {
        bail!(
            "install what is missing ({}); on Debian: apt-get install --no-install-recommends {}",
            words(&missing),
            packages.join(" ")
        );
    }
    install(&packages).await?;
    let still = self::missing().await;
    if !still.is_empty() {
        bail!("still missing after apt-get install: {}", words(&still));
    }
    found()
}

fn found() -> anyhow::Result<Tools> {
    Ok(Tools { postgres: postgres_folder().context("PostgreSQL's programs are gone again")? })
}

async fn missing() -> Vec<Missing> {
    let mut missing = Vec::new();
    if postgres_folder().is_none() {
        missing.push(Missing::new("PostgreSQL server (initdb, postgres)", "postgresql"));
    }
    let modules = output("php", &["-m"]).await;
    if modules.is_none() {
        missing.push(Missing::new("php", "php-cli"));
    }
    let modules = modules.unwrap_or_default();
    for (module, package) in [("curl", "php-curl"), ("dom", "php-xml"), ("soap", "php-soap"), ("SimpleXML", "php-xml")]
    {
        if !modules.lines().any(|line| line.trim().eq_ignore_ascii_case(module)) {
            missing.push(Missing::new(format!("PHP module {module}"), package));
        }
    }
    if !runs("python3", &["--version"]).await {
        missing.push(Missing::new("python3", "python3"));
    }
    // Debian has the module venv everywhere and what it cannot work without in a package of its own.
    if !runs("python3", &["-c", "import ensurepip, venv"]).await {
        missing.push(Missing::new("Python modules venv and ensurepip", "python3-venv"));
    }
    if !std::path::Path::new("/usr/sbin/postfix").exists() {
        missing.push(Missing::new("Postfix", "postfix"));
    }
    for (program, package) in [("node", "nodejs"), ("npm", "npm"), ("faketime", "faketime")] {
        if !runs(program, &["--version"]).await {
            missing.push(Missing::new(program, package));
        }
    }
    if !BROWSERS.iter().any(|name| in_path(name)) && std::env::var_os("CHROMIUM").is_none() {
        missing.push(Missing::new("Chromium", "chromium"));
    }
    missing
}

/// Whether a program of this name is in the search path.
fn in_path(name: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).any(|folder| folder.join(name).is_file())
}

/// The newest version under Debian's folder, else the folder of `initdb` in the search path.
fn postgres_folder() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok().into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    folders.sort_by_key(|folder| {
        let version = folder.parent().and_then(|version| version.file_name()?.to_str()?.parse::<u32>().ok());
        version.unwrap_or(0)
    });
    folders.reverse();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

async fn install(packages: &[&str]) -> anyhow::Result<()> {
    if packages.contains(&"postfix") {
        leave_unconfigured("postfix postfix/main_mailer_type select No configuration").await?;
    }
    let mut args = vec!["install", "--yes", "--no-install-recommends"];
    args.extend(packages);
    for attempt in 1..=2 {
        // A stale package index makes the install fail; both are tried again once.
        let is_updated = apt(&["update"]).await;
        if apt(&args).await {
            return Ok(());
        }
        println!("apt-get failed (attempt {attempt}, index updated: {is_updated})");
    }
    bail!("apt-get install failed twice: {}", packages.join(" "))
}

/// Answers a question of a package beforehand, so that it is installed without a service of its own that starts.
async fn leave_unconfigured(answer: &str) -> anyhow::Result<()> {
    let mut command = Command::new("debconf-set-selections");
    let mut child = command.stdin(Stdio::piped()).kill_on_drop(true).spawn().context("debconf-set-selections")?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    stdin.write_all(format!("{answer}\n").as_bytes()).await?;
    drop(stdin);
    let ended = child.wait().await?;
    ensure!(ended.success(), "debconf-set-selections: {ended}");
    Ok(())
}

/// Cargo as somebody at a terminal calls it. What the cargo that runs this program says of the program is taken out: build scripts that look at it would
/// run again, and all that depends on them would be compiled anew.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    for (name, _) in std::env::vars_os() {
        let is_of_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        if name.to_str().is_some_and(is_of_package) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs `apt-get` with these arguments; whether it succeeded.
pub async fn apt(args: &[&str]) -> bool {
    println!("apt-get {}", args.join(" "));
    let mut command = Command::new("apt-get");
    command.arg("-qq").args(args).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).kill_on_drop(true);
    command.status().await.is_ok_and(|status| status.success())
}

/// Whether this runs as root.
pub async fn is_root() -> bool {
    output("id", &["-u"]).await.is_some_and(|id| id.trim() == "0")
}

/// The number `id` answers for a user, with the given flag.
pub async fn id_of(flag: &str, user: &str) -> anyhow::Result<u32> {
    let id = output("id", &[flag, user]).await.with_context(|| format!("there is no user {user}"))?;
    id.trim().parse().with_context(|| format!("id answered {id:?}"))
}

/// Asks a process to end, as a service manager does. By the shell's own `kill`: a small system has no program of that name.
pub async fn terminate(id: u32) -> anyhow::Result<std::process::ExitStatus> {
    Ok(Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id.to_string()]).status().await?)
}

async fn runs(program: &str, args: &[&str]) -> bool {
    output(program, args).await.is_some()
}

async fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).kill_on_drop(true).output().await.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_installed_and_each_package_once() {
        let missing = [
            Missing::new("PHP module dom", "php-xml"),
            Missing::new("PHP module SimpleXML", "php-xml"),
            Missing::new("npm", "npm"),
        ];
        assert_eq!(packages(&missing), ["ca-certificates", "php-xml", "npm"]);
        assert_eq!(words(&missing), "PHP module dom, PHP module SimpleXML, npm");
    }
}
