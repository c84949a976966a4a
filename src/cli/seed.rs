//! `understudy seed FILE.toml`: an account set up from one file: projects with fields, opt-ins, tables, applications, messages and links, and keys and webhooks.
//!
//! The whole file is one transaction: a bad one changes nothing and is told by line and key. What is there already is left alone or brought in line, so
//! that a second run of the same file changes nothing and says so.

mod apply;
mod file;
mod parts;

use std::path::PathBuf;

use anyhow::Context;
use serde_json::{Map, Value, json};

use super::Common;
use super::shown::Shown;
use super::work::Work;
use crate::domain::secrets::new_password;

/// A longer file is refused, in bytes.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Flags of `seed`.
#[derive(Debug, clap::Args)]
pub struct Seed {
    /// The file; see docs/operations.md.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Seed {
    pub fn run(self, common: &Common) -> anyhow::Result<Shown> {
        let name = self.file.display().to_string();
        let size = std::fs::metadata(&self.file).with_context(|| format!("cannot read {name}"))?.len();
        anyhow::ensure!(size <= MAX_FILE_BYTES, "{name} has more than {MAX_FILE_BYTES} bytes");
        let text = std::fs::read_to_string(&self.file).with_context(|| format!("cannot read {name}"))?;
        let mut wanted = file::read(&text).map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
        wanted.load_bodies(self.file.parent()).with_context(|| name.clone())?;
        let chosen = wanted.account.password.clone();
        let password = chosen.clone().unwrap_or_else(new_password);
        let work = Work::open(common)?;
        let hash = work.verifier().hash(&password);
        let applied = work.write(move |cx| apply::apply(cx, &wanted, &text, hash));
        work.end();
        let applied = applied.with_context(|| name.clone())?;
        Ok(show(&applied, chosen.is_none().then_some(password)))
    }
}

/// What was done. Secrets are shown this once.
fn show(applied: &apply::Applied, new_password: Option<String>) -> Shown {
    let mut lines = applied.done.clone();
    if lines.is_empty() {
        lines.push("nothing to do: everything is as the file says".to_owned());
    }
    let mut json = json!({
        "changed": !applied.done.is_empty(),
        "done": applied.done,
        "account_id": applied.account.0,
        "projects": ids(&applied.projects),
        "messages": ids(&applied.messages),
        "links": ids(&applied.links),
        "tables": ids(&applied.tables),
    });
    if applied.is_new_account
        && let Some(password) = new_password
    {
        lines.push(format!("password  {password} (shown this once)"));
        json["password"] = password.into();
    }
    let keys: Vec<Value> = applied
        .keys
        .iter()
        .map(|(note, issued)| {
            lines.push(format!("key {note:?}: idKey {}  Key {} (shown this once)", issued.id, issued.secret));
            json!({ "note": note, "idKey": issued.id.0, "Key": issued.secret })
        })
        .collect();
    json["keys"] = Value::Array(keys);
    let applications: Vec<Value> = applied
        .applications
        .iter()
        .map(|made| {
            lines.push(format!("application {:?}: ApplicationId {} (shown this once)", made.name, made.application_id));
            json!({ "project_id": made.project.0, "name": made.name, "application_id": made.application_id })
        })
        .collect();
    json["applications"] = Value::Array(applications);
    let webhooks: Vec<Value> = applied
        .webhooks
        .iter()
        .map(|made| {
            lines.push(format!("webhook {}: secret {}", made.url, made.secret));
            json!({ "webhook_id": made.id.0, "project_id": made.project.0, "url": made.url, "secret": made.secret })
        })
        .collect();
    json["webhooks"] = Value::Array(webhooks);
    Shown::new(json, lines.join("\n"))
}

fn ids(named: &[(String, i64)]) -> Value {
    Value::Object(named.iter().map(|(name, id)| (name.clone(), Value::from(*id))).collect::<Map<_, _>>())
}
