//! `cargo xtask coverage`: the command list against the registry and the goldens.

mod exceptions;
mod judge;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use serde::Deserialize;

use crate::contract::catalog::{self, Listed};
use exceptions::Exceptions;
use judge::{Row, State};

/// A row of the registry, as `understudy commands --json` shows it.
#[derive(Debug, Clone, Deserialize)]
pub struct Registered {
    /// Whose command it is.
    pub dialect: String,
    /// Its name.
    pub name: String,
    /// Whose credential it asks for.
    pub auth: String,
    /// The codes it explains.
    pub texts: Vec<RegisteredCode>,
}

/// A code that a command explains.
#[derive(Debug, Clone, Deserialize)]
pub struct RegisteredCode {
    /// The number or word.
    #[serde(deserialize_with = "catalog::code")]
    pub code: String,
}

/// Dialects with a command list of their own.
const DIALECTS: &[&str] = &["oempro", "ofsys"];

/// Prints the coverage of the project at `root`.
///
/// # Errors
/// When the registry, a list, the goldens or the exceptions cannot be read.
pub fn run(root: &Path) -> anyhow::Result<bool> {
    let registry = read_registry(root)?;
    let mut n_findings = 0;
    for dialect in DIALECTS {
        let list = catalog::read(root, dialect)?;
        let own: Vec<Registered> = registry.iter().filter(|row| row.dialect == *dialect).cloned().collect();
        let mut goldens = Vec::new();
        for command in names(&root.join("tests/golden").join(dialect))? {
            let cases = names(&root.join("tests/golden").join(dialect).join(&command))?;
            goldens.push((
                command,
                cases.iter().filter_map(|name| name.strip_suffix(".http")).map(str::to_owned).collect(),
            ));
        }
        let exceptions = Exceptions::read(root, dialect)?;
        let (rows, findings) = judge::judge(&list, &own, &goldens, &exceptions);
        print_rows(dialect, &list, &rows);
        for finding in &findings {
            println!("{finding}");
        }
        n_findings += findings.len();
    }
    println!("coverage: {n_findings} findings");
    Ok(n_findings == 0)
}

fn print_rows(dialect: &str, list: &[Listed], rows: &[Row]) {
    println!("{dialect}: commands of 4.x");
    let mut group = "";
    for row in rows {
        if group != row.group {
            group = &row.group;
            println!("  {group}");
        }
        match &row.state {
            State::NotBuilt => println!("    {:<52} not built", row.name),
            State::Built(goldens) => println!("    {:<52} built: {}", row.name, goldens.join(" ")),
        }
    }
    let n_built = rows.iter().filter(|row| matches!(row.state, State::Built(_))).count();
    let n_v4 = list.iter().filter(|row| row.is_v4()).count();
    println!("{dialect}: {n_v4} commands of 4.x, {n_built} built, {} not built", rows.len() - n_built);
}

fn read_registry(root: &Path) -> anyhow::Result<Vec<Registered>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["run", "--quiet", "--package", "understudy", "--", "commands", "--json"])
        .current_dir(root)
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    ensure!(output.status.success(), "`understudy commands --json` failed");
    serde_json::from_slice(&output.stdout).context("cannot read what `understudy commands --json` printed")
}

/// The names in a folder, sorted; none when it does not exist.
fn names(folder: &Path) -> anyhow::Result<BTreeSet<String>> {
    if !folder.is_dir() {
        return Ok(BTreeSet::new());
    }
    let read = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    read.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}
