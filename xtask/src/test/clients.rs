//! The scripts of `tests/clients`: each drives a running server as a real client does and prints `N passed, N failed`.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use tokio::process::Command;

use super::counted::{Count, run_counted};
use super::server::Server;

/// Programs that run a script, by the script's ending.
const PROGRAMS: &[(&str, &str)] = &[("php", "php"), ("py", "python3"), ("js", "node")];

/// The scripts, by name. Files that begin with an underscore are parts of others.
///
/// # Errors
/// When there is none.
pub fn find(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let folder = root.join("tests/clients");
    let read = std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut scripts = Vec::new();
    for entry in read {
        let path = entry?.path();
        let is_part = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('_'));
        if !is_part && program_of(&path).is_some() {
            scripts.push(path);
        }
    }
    ensure!(!scripts.is_empty(), "no script in {}", folder.display());
    scripts.sort();
    Ok(scripts)
}

/// Runs a script with an account of its own: `SCRIPT BASE_URL USERNAME PASSWORD API_KEY ID_PROJECT ID_KEY KEY`, with the folder of captured mails in `UNDERSTUDY_OUTBOX`, and
/// that of the published envelope schemas, if there is one, in `UNDERSTUDY_ENVELOPE_SCHEMAS`.
///
/// # Errors
/// When the account cannot be made or the script not started.
pub async fn run(server: &Server, script: &Path, envelope_schemas: Option<&Path>) -> anyhow::Result<Count> {
    let account = server.make_account().await?;
    let mut command = Command::new(program_of(script).context("no program runs it")?);
    command.arg(script).args([&server.base_url, &account.username, &account.password, &account.api_key]);
    command.args(&account.project).env("UNDERSTUDY_OUTBOX", &server.outbox);
    if let Some(folder) = envelope_schemas {
        command.env("UNDERSTUDY_ENVELOPE_SCHEMAS", folder);
    }
    let count = run_counted(command).await?;
    // A script that ends before its count has not done what it is for.
    let is_silent = count == Count::default();
    Ok(if is_silent { Count { n_passed: 0, n_failed: 1 } } else { count })
}

fn program_of(script: &Path) -> Option<&'static str> {
    let ending = script.extension()?.to_str()?;
    PROGRAMS.iter().find(|(known, _)| *known == ending).map(|(_, program)| *program)
}
