//! `cargo xtask soap-suite`: the request and answer pairs of PHP's own SOAP tests against our SOAP layer. They are fetched when they are needed,
//! from the source package of PHP, and never become part of the project.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// Flags of `soap-suite`.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// The folder `ext/soap/tests` of PHP's source, instead of fetching it.
    #[arg(long, value_name = "FOLDER")]
    tests: Option<PathBuf>,
}

/// The Debian package that holds the tests.
const PACKAGE: &str = "php8.2";
/// The release of Debian that has it.
const SUITE: &str = "bookworm";

/// Runs the pairs and prints how many were answered as PHP does, and why the others were not.
///
/// # Errors
/// When the tests cannot be fetched or the run not started.
pub fn run(root: &Path, options: &Options) -> anyhow::Result<bool> {
    let tests = match &options.tests {
        Some(tests) => tests.canonicalize().with_context(|| format!("no folder {}", tests.display()))?,
        None => fetch(&root.join("target/php-tests"))?,
    };
    ensure!(tests.join("soap12").is_dir(), "{} does not hold PHP's SOAP tests", tests.display());
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["test", "--quiet", "--test", "soap_suite", "--"])
        .arg(&tests)
        .current_dir(root)
        .status()
        .context("cargo could not be started")?;
    Ok(status.success())
}

/// The tests out of the source package, kept in the build's folder.
fn fetch(folder: &Path) -> anyhow::Result<PathBuf> {
    if let Some(found) = find(folder) {
        return Ok(found);
    }
    std::fs::create_dir_all(folder.join("lists/partial"))?;
    std::fs::create_dir_all(folder.join("cache/archives/partial"))?;
    let list = folder.join("sources.list");
    std::fs::write(&list, format!("deb-src http://deb.debian.org/debian {SUITE} main\n"))?;
    let own = [
        format!("Dir::Etc::sourcelist={}", list.display()),
        "Dir::Etc::sourceparts=/dev/null".to_owned(),
        format!("Dir::State::lists={}", folder.join("lists").display()),
        format!("Dir::Cache={}", folder.join("cache").display()),
    ];
    let own: Vec<&str> = own.iter().flat_map(|option| ["-o", option.as_str()]).collect();
    println!("fetching the source of {PACKAGE}");
    command(folder, "apt-get", &[&own[..], &["--quiet", "update"]].concat())?;
    command(folder, "apt-get", &[&own[..], &["--quiet", "source", "--download-only", PACKAGE]].concat())?;
    let archive = entries(folder)
        .find(|path| path.to_string_lossy().ends_with(".orig.tar.xz"))
        .context("apt-get left no archive")?;
    let archive = archive.to_string_lossy().into_owned();
    command(folder, "tar", &["--extract", "--wildcards", "--file", &archive, "*/ext/soap/tests/*"])?;
    find(folder).context("the archive holds no SOAP tests")
}

fn find(folder: &Path) -> Option<PathBuf> {
    entries(folder).map(|path| path.join("ext/soap/tests")).find(|path| path.is_dir())
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn command(folder: &Path, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let status = Command::new(program).args(arguments).current_dir(folder).status();
    let status = status.with_context(|| {
        format!("{program} could not be started; elsewhere than on Debian name ext/soap/tests by --tests")
    })?;
    ensure!(status.success(), "{program} failed");
    Ok(())
}
