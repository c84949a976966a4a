//! Makes the Ofsys project that goldens begin with, by the program's own command line beside the running server.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::contract::steps::Seeder;

/// The program and where its data is.
#[derive(Debug, Clone)]
pub struct CommandLine {
    /// The program.
    pub binary: PathBuf,
    /// Its data folder.
    pub folder: PathBuf,
    /// Its database, if it is not the folder's own.
    pub database: Option<String>,
}

impl CommandLine {
    /// A seeder that works by this command line.
    pub fn seeder(self) -> Seeder {
        Box::new(move |account| self.seed(account))
    }

    /// A project with the fields, the opt-in, the table, the key and the application that the goldens know.
    fn seed(&self, account: i64) -> anyhow::Result<Vec<(&'static str, String)>> {
        let accounts = self.tell(&["account", "list"])?;
        let is_it = |row: &&Value| row["account_id"].as_i64() == Some(account);
        let owner = accounts.as_array().into_iter().flatten().find(is_it).and_then(|row| row["username"].as_str());
        let owner = owner.with_context(|| format!("no account {account}"))?;
        let made = self.tell(&[
            "project",
            "create",
            "--account",
            owner,
            "--name",
            "Club",
            "--language",
            "fr-CA",
            "--language",
            "en-CA",
            "--time-zone",
            "America/Montreal",
        ])?;
        let project = number(&made, "project_id")?;
        for (code, kind) in [("City", "text"), ("Age", "integer"), ("Birthday", "date"), ("Vip", "boolean")] {
            self.tell(&["project", "field", &project, "--code", code, "--type", kind])?;
        }
        let choices = ["--type", "multi-choice", "--choice", "Sport", "--choice", "Music"];
        self.tell(&[&["project", "field", &project, "--code", "Interests"][..], &choices].concat())?;
        self.tell(&["project", "opt-in", &project, "--code", "News"])?;
        let table = self.tell(&[
            "table",
            "create",
            "--project",
            &project,
            "--code",
            "Bookings",
            "--field",
            "Course:text",
            "--field",
            "Day:date",
            "--field",
            "Seats:integer",
            "--field",
            "Price:decimal",
            "--key",
            "Course",
            "--key",
            "Day",
        ])?;
        let key = self.tell(&["key", "create", "--account", owner])?;
        let application = self.tell(&["application", "create", "--project", &project, "--name", "App"])?;
        let text = |value: &Value| value.as_str().map(str::to_owned).context("a text is missing");
        Ok(vec![
            ("project", project),
            ("idKey", number(&key, "idKey")?),
            ("Key", text(&key["Key"])?),
            ("table", number(&table, "table_id")?),
            ("application", text(&application["application_id"])?),
        ])
    }

    /// Runs the program; the JSON it prints.
    ///
    /// # Errors
    /// When it refuses.
    pub fn tell(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let mut command = Command::new(&self.binary);
        command.arg("--data").arg(&self.folder).stdin(Stdio::null());
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        let output = command.args(arguments).arg("--json").output()?;
        ensure!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).with_context(|| format!("{arguments:?} printed no JSON"))
    }
}

fn number(told: &Value, name: &str) -> anyhow::Result<String> {
    told[name].as_i64().map(|number| number.to_string()).with_context(|| format!("no {name} in {told}"))
}
