//! A campaign of the real program: its list filled by the API, made, started and looked at by the command line beside the server.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::bench::client::Api;
use crate::bench::program::{Program, Running};
use crate::test::seeder::CommandLine;

/// Between looks.
const LOOK: Duration = Duration::from_millis(200);

/// A campaign that was started.
#[derive(Debug, Clone)]
pub struct Course {
    line: CommandLine,
    campaign: String,
}

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Its subject.
    pub subject: &'a str,
    /// Its HTML.
    pub html: &'a str,
}

/// Where a campaign stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Its state in one word, and the reason of it.
    pub state: String,
    /// Why, when it was paused.
    pub reason: String,
    /// Recipients planned.
    pub n_recipients: u64,
    /// Those that a worker has.
    pub n_leased: u64,
    /// Those that got it.
    pub n_sent: u64,
    /// Those given up.
    pub n_failed: u64,
    /// Those that may have got it twice.
    pub n_uncertain: u64,
}

/// What the log says of one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The address.
    pub to: String,
    /// Sent, failed, skipped, pending or leased.
    pub state: String,
    /// May have got it twice.
    pub is_uncertain: bool,
    /// Tries that something was said to.
    pub n_tries: u64,
    /// What the next hop said last.
    pub reply: String,
}

impl Course {
    /// Makes a list of these people on the account of the first start and starts a campaign to it.
    ///
    /// # Errors
    /// When a call or a subcommand fails.
    pub async fn start(
        program: &Program,
        server: &Running,
        api: &mut Api,
        addresses: &[String],
        message: Message<'_>,
    ) -> anyhow::Result<Self> {
        let line = command_line(program);
        let list = fill(server, &line, api, addresses).await?.to_string();
        let html = program.folder.join("body.html");
        std::fs::write(&html, message.html)?;
        let html = html.to_string_lossy().into_owned();
        let body = ["--subject", message.subject, "--sender-email", "news@example.org", "--html-file", &html];
        let owner = ["--account", "demo", "--name", "m"];
        let made = tell(&line, &[&["message", "create"], &owner[..], &body].concat()).await?;
        let message = number(&made, "message_id")?;
        let whom = ["--message", &message, "--list", &list];
        let made = tell(&line, &[&["campaign", "create"], &owner[..], &whom].concat()).await?;
        let campaign = number(&made, "campaign_id")?;
        tell(&line, &["campaign", "start", &campaign]).await?;
        Ok(Self { line, campaign })
    }

    /// Where it stands now. Needs no running server.
    ///
    /// # Errors
    /// When the program refuses.
    pub async fn look(&self) -> anyhow::Result<Standing> {
        let status = tell(&self.line, &["campaign", "status", &self.campaign]).await?;
        let number = |key: &str| status[key].as_u64().unwrap_or_default();
        let word = |key: &str| status[key].as_str().unwrap_or_default().to_owned();
        Ok(Standing {
            state: word("state"),
            reason: word("reason"),
            n_recipients: number("n_recipients"),
            n_leased: number("n_leased"),
            n_sent: number("n_sent"),
            n_failed: number("n_failed"),
            n_uncertain: number("n_uncertain"),
        })
    }

    /// Waits until it is not being sent any more.
    ///
    /// # Errors
    /// When that does not come within `patience`.
    pub async fn wait(&self, patience: Duration) -> anyhow::Result<Standing> {
        let started = Instant::now();
        loop {
            let standing = self.look().await?;
            if standing.state != "sending" {
                return Ok(standing);
            }
            ensure!(started.elapsed() < patience, "the campaign does not end: {standing:?}");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What the log says of each recipient.
    ///
    /// # Errors
    /// When the program refuses.
    pub async fn log(&self) -> anyhow::Result<Vec<Entry>> {
        let log = tell(&self.line, &["log", "--campaign", &self.campaign]).await?;
        let word =
            |row: &Value, key: &str| row[key].as_str().map(str::to_owned).context("a word is missing in the log");
        let rows = log.as_array().context("the log is no list")?;
        let entry = |row: &Value| {
            Ok(Entry {
                to: word(row, "to")?,
                state: word(row, "state")?,
                is_uncertain: row["is_uncertain"].as_bool().context("no mark in the log")?,
                n_tries: row["n_tries"].as_u64().context("no tries in the log")?,
                reply: word(row, "last_reply")?,
            })
        };
        rows.iter().map(entry).collect()
    }
}

/// The program beside the server.
pub fn command_line(program: &Program) -> CommandLine {
    CommandLine { binary: program.binary.clone(), folder: program.folder.clone(), database: program.database.clone() }
}

/// Runs the program and reads its JSON, off the threads that mail servers of ours answer on.
///
/// # Errors
/// When it refuses.
pub async fn tell(line: &CommandLine, arguments: &[&str]) -> anyhow::Result<Value> {
    let line = line.clone();
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let run = move || line.tell(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    tokio::task::spawn_blocking(run).await?
}

/// Imports these people into a fresh list and answers it.
async fn fill(server: &Running, line: &CommandLine, api: &mut Api, addresses: &[String]) -> anyhow::Result<i64> {
    let list = api.make_list("Campaign", "Single").await?;
    let data = server.told["data"].as_str().context("the server names no data folder")?;
    let accounts = tell(line, &["account", "list"]).await?;
    let owner = accounts.as_array().into_iter().flatten().find(|row| row["username"] == "demo");
    let account = owner.and_then(|row| row["account_id"].as_i64()).context("no account of the first start")?;
    let folder = Path::new(data).join("imports").join(account.to_string());
    std::fs::create_dir_all(&folder)?;
    let file = format!("of-{list}.csv");
    std::fs::write(folder.join(&file), addresses.join("\n") + "\n")?;
    let step = format!("Command=Subscribers.Import&ListID={list}&ImportType=File&ImportFileName={file}");
    let first = api.call(&format!("{step}&ImportStep=1")).await?;
    let import = first["ImportID"].as_i64().with_context(|| format!("no ImportID: {first}"))?;
    let step = format!("Command=Subscribers.Import&ListID={list}&ImportStep=2&ImportID={import}");
    let done = api.call(&format!("{step}&MappedFields%5BFIELD1%5D=EmailAddress")).await?;
    ensure!(done["TotalImported"].as_u64() == Some(addresses.len() as u64), "not everybody was imported: {done}");
    Ok(list)
}

fn number(told: &Value, key: &str) -> anyhow::Result<String> {
    told[key].as_i64().map(|number| number.to_string()).with_context(|| format!("no {key}: {told}"))
}
