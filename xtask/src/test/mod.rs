//! `cargo xtask test`: everything, on both databases, with real clients. What is missing on the machine is installed or named; nothing is skipped.

mod clients;
pub mod counted;
mod mail_server;
mod postfix;
pub mod postgres;
pub mod seeder;
pub mod server;
mod soap_clients;
mod soap_tools;
pub mod tools;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use tokio::process::Command;

use crate::contract::http::Server as Address;
use crate::contract::steps::Stage;
use crate::contract::suite::Suite;
use crate::faults;
use crate::hostile;
use counted::{Count, run_counted};
use postgres::Postgres;
use server::Server;
use soap_clients::Choice;
use soap_tools::Workshop;

/// Flags of `test`.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// Also call with the SOAP clients that take long to install or to compile: Perl, NuSOAP, gSOAP, Java, Mono.
    #[arg(long)]
    all_clients: bool,
    /// Run the SOAP clients alone.
    #[arg(long)]
    only_soap_clients: bool,
    /// Send mail through a real mail server, and nothing else.
    #[arg(long)]
    only_mail_server: bool,
}

/// One line of the summary.
struct Done {
    name: String,
    count: Count,
    seconds: f64,
}

/// Runs everything and prints a summary; the last line is `N passed, N failed`.
///
/// # Errors
/// When a tool is missing and cannot be installed, or a server does not start.
pub fn run(root: &Path, options: Options) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        tokio::select! {
            result = run_all(root, options) => result,
            // Dropping `run_all` kills every process it started and removes their folders.
            signal = interrupted() => Err(anyhow::anyhow!("stopped by {signal}")),
        }
    })
}

async fn run_all(root: &Path, options: Options) -> anyhow::Result<bool> {
    let tools = tools::ready().await?;
    let choice = if options.all_clients { Choice::All } else { Choice::Light };
    if options.only_mail_server {
        return run_mail_server(root).await;
    }
    if options.only_soap_clients {
        return run_soap_clients(root, choice).await;
    }
    let mut postgres = Postgres::start(&tools.postgres).await.context("cannot start a private PostgreSQL")?;
    let mut summary = Vec::new();
    let result = run_steps(root, &postgres, choice, &mut summary).await;
    postgres.stop().await;
    result?;
    Ok(print_summary(&summary))
}

/// The SOAP clients alone, on SQLite.
async fn run_soap_clients(root: &Path, choice: Choice) -> anyhow::Result<bool> {
    let mut summary = Vec::new();
    let mut workshop = Workshop::new(root);
    let server = Server::start(&build_server(root).await?, None).await?;
    step(&mut summary, "SOAP clients", soap_clients::run(&mut workshop, &server, choice)).await?;
    server.stop().await?;
    Ok(print_summary(&summary))
}

/// The real mail server alone.
async fn run_mail_server(root: &Path) -> anyhow::Result<bool> {
    let mut summary = Vec::new();
    let binary = build_server(root).await?;
    step(&mut summary, "a real mail server", mail_server::run(&mut Workshop::new(root), &binary)).await?;
    Ok(print_summary(&summary))
}

async fn run_steps(root: &Path, postgres: &Postgres, choice: Choice, summary: &mut Vec<Done>) -> anyhow::Result<()> {
    let workspace = ["test", "--workspace", "--no-fail-fast"];
    step(summary, "workspace, SQLite", run_counted(cargo(root, &workspace))).await?;
    // The whole workspace decides on the features of shared crates: asked for alone, the program would be compiled once more.
    let mut again = cargo(root, &["test", "--workspace", "--test", "it", "--no-fail-fast"]);
    again.env("UNDERSTUDY_TEST_DATABASE", postgres.url(""));
    step(summary, "integration, PostgreSQL", run_counted(again)).await?;
    let binary = build_server(root).await?;
    postgres.create_database("clients").await?;
    let mut workshop = Workshop::new(root);
    let schemas = workshop.envelope_schemas().await;
    for (name, database) in [("SQLite", None), ("PostgreSQL", Some(postgres.url("clients")))] {
        let server = Server::start(&binary, database.as_deref()).await.with_context(|| format!("server on {name}"))?;
        for script in clients::find(root)? {
            let shown = script.file_name().map(|file| file.to_string_lossy().into_owned()).unwrap_or_default();
            step(summary, &format!("{shown}, {name}"), clients::run(&server, &script, schemas.as_deref())).await?;
        }
        step(summary, &format!("SOAP clients, {name}"), soap_clients::run(&mut workshop, &server, choice)).await?;
        step(summary, &format!("goldens by base URL, {name}"), goldens(root, &server)).await?;
        // What a message costs before it is let through has nothing to do with the database.
        if database.is_none() {
            step(summary, &format!("hostile set, {name}"), hostile::run_on(&server)).await?;
        }
        server.stop().await?;
    }
    step(summary, "a real mail server", mail_server::run(&mut workshop, &binary)).await?;
    step(summary, "faults", faults::run_on(&binary, "")).await?;
    Ok(())
}

async fn step(
    summary: &mut Vec<Done>,
    name: &str,
    work: impl Future<Output = anyhow::Result<Count>>,
) -> anyhow::Result<()> {
    println!("\n== {name}");
    let started = Instant::now();
    let count = work.await.with_context(|| name.to_owned())?;
    summary.push(Done { name: name.to_owned(), count, seconds: started.elapsed().as_secs_f64() });
    Ok(())
}

async fn goldens(root: &Path, server: &Server) -> anyhow::Result<Count> {
    let suite = Suite::read(root, "")?;
    let address = Address::parse(&server.base_url)?;
    let mut stage = Stage::new(address, &server.admin_username, &server.admin_password, Some(server.outbox.clone()));
    stage.seeder = Some(server.command_line().seeder());
    let report = tokio::task::spawn_blocking(move || suite.run(&stage)).await?;
    print!("{}", report.text());
    Ok(Count { n_passed: report.n_passed, n_failed: report.failed.len() + report.not_run.len() })
}

fn cargo(root: &Path, args: &[&str]) -> Command {
    let mut command = tools::cargo();
    // Tests that need the tools that are there now are run too.
    command.args(args).current_dir(root).env("UNDERSTUDY_TEST_CLIENTS", "1").kill_on_drop(true);
    command
}

/// The program that was named, or a fresh development build.
///
/// # Errors
/// When it does not build.
pub async fn server_of(root: &Path, named: Option<&PathBuf>) -> anyhow::Result<PathBuf> {
    match named {
        Some(binary) => Ok(binary.clone()),
        None => build_server(root).await,
    }
}

/// Builds the program and answers where it is.
///
/// # Errors
/// When it does not build.
async fn build_server(root: &Path) -> anyhow::Result<PathBuf> {
    let mut build =
        cargo(root, &["build", "--workspace", "--bin", "understudy", "--message-format=json-render-diagnostics"]);
    let output = build.stderr(std::process::Stdio::inherit()).output().await?;
    anyhow::ensure!(output.status.success(), "the server does not build");
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let executable = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "understudy")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    executable.context("cargo names no executable")
}

fn print_summary(summary: &[Done]) -> bool {
    println!("\n{:<44} {:>7} {:>7} {:>9}", "run", "passed", "failed", "seconds");
    for done in summary {
        println!("{:<44} {:>7} {:>7} {:>9.1}", done.name, done.count.n_passed, done.count.n_failed, done.seconds);
    }
    let n_passed: usize = summary.iter().map(|done| done.count.n_passed).sum();
    let n_failed: usize = summary.iter().map(|done| done.count.n_failed).sum();
    println!("{n_passed} passed, {n_failed} failed");
    n_failed == 0
}

async fn interrupted() -> &'static str {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminated) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => "Ctrl-C",
        _ = terminated.recv() => "SIGTERM",
    }
}
