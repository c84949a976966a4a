//! The command line: one file a subcommand. Each answers something to show, as text or JSON; failures are one line and exit code 1.

mod account;
mod application;
mod batch;
mod campaign;
mod commands;
mod config;
mod credential;
mod doctor;
mod domain;
mod first_calls;
mod intake;
mod key;
mod link;
mod log;
mod message;
mod migrate;
mod operator;
mod password;
mod project;
mod queue;
mod returns;
mod seed;
mod serve;
mod shown;
mod subscriber;
mod table;
mod webhook;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Settings, load};
use shown::Shown;

/// Steps into the part of an e-mail-list or membership platform that a company is leaving.
///
/// Without a subcommand it serves. Settings come from the file, then UNDERSTUDY_<SECTION>_<KEY> variables, then flags; the later wins.
#[derive(Debug, Parser)]
#[command(name = "understudy", version, about)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Flags that every subcommand takes.
#[derive(Debug, clap::Args)]
struct Common {
    /// Settings file (TOML).
    #[arg(long, global = true, env = "UNDERSTUDY_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder for everything kept in files.
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// `sqlite:PATH` or `postgres://…`; without it, a SQLite file in the data folder.
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    /// Answer in JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve every dialect over HTTP (the default).
    Serve(serve::Serve),
    /// Create, list, enable and disable accounts: the tenants that own lists.
    #[command(subcommand)]
    Account(account::Account),
    /// Create, list, enable and disable operators: who administers all accounts.
    #[command(subcommand)]
    Operator(operator::Operator),
    /// Create, list, disable and rotate the keys of accounts and operators.
    #[command(subcommand)]
    Credential(credential::Credential),
    /// Create, list, show, enable, rotate and disable the keys that sign mail (DKIM), and slow the start of a new sender domain.
    #[command(subcommand)]
    Domain(domain::Domain),
    /// Create, list and show projects: lists as the Ofsys web services know them; add, list and remove fields and opt-ins.
    #[command(subcommand)]
    Project(project::Project),
    /// Create, list, disable and rotate keys for the Ofsys web services (`AuthKey`).
    #[command(subcommand)]
    Key(key::Key),
    /// Create, list, show and remove messages.
    #[command(subcommand)]
    Message(message::Message),
    /// List, show and remove operational links: links in messages that change whoever follows them.
    #[command(subcommand)]
    Link(link::Link),
    /// List batches, and approve those that wait for it.
    #[command(subcommand)]
    Batch(batch::Action),
    /// Create, start, pause and watch campaigns: one message to the subscribers of lists.
    #[command(subcommand)]
    Campaign(campaign::Campaign),
    /// Show what waits to be sent or done.
    Queue(queue::Queue),
    /// Show what was sent to an address, or whom a campaign went to, with what the next hop said.
    Log(log::Log),
    /// Create and list relational tables of projects.
    #[command(subcommand)]
    Table(table::Table),
    /// Create, list, enable and disable mobile and web applications of projects.
    #[command(subcommand)]
    Application(application::Application),
    /// Create, list, test and remove web addresses that are told of changes of contacts.
    #[command(subcommand)]
    Webhook(webhook::Webhook),
    /// Set an account up from one TOML file: projects with fields, opt-ins, tables, applications, messages and links, keys, webhooks. A second run changes nothing.
    Seed(seed::Seed),
    /// Show or erase everything that is kept about a person.
    #[command(subcommand)]
    Subscriber(subscriber::Subscriber),
    /// Take one returned mail from standard input: a bounce, a complaint, an unsubscription by mail.
    Intake(intake::Intake),
    /// List and show returned mails that nobody could read.
    #[command(subcommand)]
    Returns(returns::Returns),
    /// Check or show the settings in force.
    #[command(subcommand)]
    Config(config::Config),
    /// Check settings, database, disk, clock, relays, DNS and queues, and say what to do; exit code 1 when something is wrong. Changes nothing.
    Doctor(doctor::Doctor),
    /// Bring the database up to date and exit.
    Migrate(migrate::Migrate),
    /// List the commands that are answered, with their error codes.
    Commands(commands::Commands),
}

impl Common {
    fn settings(&self, more: &[load::Override]) -> anyhow::Result<Settings> {
        let mut flags = more.to_vec();
        if let Some(folder) = &self.data {
            flags.push(("server.data", folder.display().to_string()));
        }
        if let Some(url) = &self.database {
            flags.push(("database.url", url.clone()));
        }
        Ok(load::load(self.config.as_deref(), std::env::vars(), &flags)?)
    }
}

/// Runs the command line. Exit code 1 (`intake`: 75) with one line on standard error when something failed, 2 when the call itself is wrong. `doctor`
/// ends with 1 also when it found a problem.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.common.json;
    let is_intake = matches!(cli.command, Some(Command::Intake(_)));
    let printed = perform(cli).and_then(|shown| {
        shown.print(json)?;
        Ok(shown.is_failure())
    });
    match printed {
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => ExitCode::FAILURE,
        Err(error) => {
            report(&error, json);
            if is_intake { ExitCode::from(intake::TEMPORARY_FAILURE) } else { ExitCode::FAILURE }
        }
    }
}

fn perform(cli: Cli) -> anyhow::Result<Shown> {
    let common = &cli.common;
    match cli.command.unwrap_or(Command::Serve(serve::Serve::default())) {
        Command::Serve(serve) => serve.run(common),
        Command::Account(account) => account.run(common),
        Command::Operator(operator) => operator.run(common),
        Command::Credential(credential) => credential.run(common),
        Command::Domain(domain) => domain.run(common),
        Command::Project(project) => project.run(common),
        Command::Key(key) => key.run(common),
        Command::Message(message) => message.run(common),
        Command::Link(link) => link.run(common),
        Command::Batch(batch) => batch.run(common),
        Command::Campaign(campaign) => campaign.run(common),
        Command::Queue(queue) => queue.run(common),
        Command::Log(log) => log.run(common),
        Command::Table(table) => table.run(common),
        Command::Application(application) => application.run(common),
        Command::Webhook(webhook) => webhook.run(common),
        Command::Seed(seed) => seed.run(common),
        Command::Subscriber(subscriber) => subscriber.run(common),
        Command::Intake(intake) => intake.run(common),
        Command::Returns(returns) => returns.run(common),
        Command::Config(config) => config.run(common),
        Command::Doctor(doctor) => doctor.run(common),
        Command::Migrate(migrate) => migrate.run(common),
        Command::Commands(commands) => Ok(commands.run()),
    }
}

fn report(error: &anyhow::Error, json: bool) {
    let chain = format!("{error:#}");
    let line = chain.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    eprintln!("understudy: {line}");
    if json {
        // Nobody is left to be told when standard output is closed.
        drop(Shown::new(serde_json::json!({ "error": line }), "").print(true));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_that_every_subcommand_takes_may_stand_behind_it() {
        let line = ["understudy", "account", "list", "--json", "--data", "d"];
        let cli = Cli::try_parse_from(line).expect("good call");
        assert!(cli.common.json && cli.common.data.is_some());
        assert!(Cli::try_parse_from(["understudy", "account", "set-wire", "--username", "u", "row_ids=both"]).is_err());
    }
}
