//! `cargo xtask bench`: figures of the release build, printed and never asserted. Ratios are of one run on one machine.

pub mod bare;
pub mod client;
mod delivery;
mod figures;
mod lists;
mod load;
mod logins;
pub mod program;
mod sink;
mod soap;
mod subscribe;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::ensure;

use client::Api;
use figures::below;
use program::{Program, Running};

/// Flags of `bench`.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Lines of the long list.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    rows: u64,
    /// Only this part: `subscribe`, `lists` (with imports, memory and start), `logins`, `soap` or `delivery`.
    #[arg(long, value_name = "NAME", value_parser = ["subscribe", "lists", "logins", "soap", "delivery"])]
    only: Option<String>,
    /// Seconds of load for each contender in each round.
    #[arg(long, value_name = "S", default_value_t = 5)]
    seconds: u64,
    /// Rounds of load.
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: u32,
    /// A built server to measure instead of a fresh release build.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// What every part needs.
pub struct Bench<'b> {
    /// The flags.
    pub options: &'b Options,
    /// The project's folder.
    pub root: PathBuf,
    /// The built server.
    pub binary: PathBuf,
    /// A folder for data, on the disk the project is on.
    pub folder: PathBuf,
}

impl Bench<'_> {
    fn wants(&self, part: &str) -> bool {
        self.options.only.as_deref().is_none_or(|only| only == part)
    }
}

/// Rows of the short list.
const SHORT: u64 = 10_000;
/// Resident memory wanted at most, in MiB.
const MEMORY_LIMIT: f64 = 60.0;
/// Start to first answer wanted at most, in milliseconds.
const START_LIMIT: f64 = 200.0;

/// Runs the parts and prints their figures.
///
/// # Errors
/// When a server does not start, or an answer is wrong.
pub fn run(root: &Path, options: &Options) -> anyhow::Result<bool> {
    ensure!(options.rows >= SHORT, "--rows must be {SHORT} at least");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        // A load generator that was not optimised would take the time it measures.
        if cfg!(debug_assertions) { again_in_release(root).await } else { measure(root, options).await }
    })
}

async fn again_in_release(root: &Path) -> anyhow::Result<bool> {
    let own = program::build(root, "xtask", "release").await?;
    let mut command = tokio::process::Command::new(own);
    let status = command.args(std::env::args_os().skip(1)).kill_on_drop(true).status().await?;
    Ok(status.success())
}

async fn measure(root: &Path, options: &Options) -> anyhow::Result<bool> {
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => program::build(root, "understudy", "release").await?,
    };
    let target = root.join("target");
    std::fs::create_dir_all(&target)?;
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(target)?;
    let bench = Bench { options, root: root.to_owned(), binary, folder: folder.path().to_owned() };
    if bench.wants("subscribe") {
        subscribe::run(&bench).await?;
    }
    if bench.wants("soap") {
        soap::run(&bench).await?;
    }
    if bench.wants("delivery") {
        delivery::run(&bench).await?;
    }
    if bench.wants("lists") || bench.wants("logins") {
        one_server(&bench).await?;
    }
    Ok(true)
}

/// Everything on one server, so that its memory at the end is that of a server that has done it all.
async fn one_server(bench: &Bench<'_>) -> anyhow::Result<()> {
    let folder = bench.folder.join("lists");
    std::fs::create_dir_all(&folder)?;
    let program = Program { binary: bench.binary.clone(), folder, database: None, settings: Vec::new() };
    let server = program.start().await?;
    let (api_key, password) = (server.api_key()?, server.first("account_password")?);
    let mut api = Api::open(server.address, &api_key).await?;
    if bench.wants("lists") {
        long_list(bench, &server, &mut api).await?;
    }
    if bench.wants("logins") {
        logins::run(&server, &password).await?;
    }
    let memory = server.memory()?;
    println!("\nAfter all that");
    below("resident memory", memory.now, MEMORY_LIMIT, "MiB");
    println!("  its peak: {:.1} MiB", memory.peak);
    server.stop().await?;
    let mut starts = Vec::new();
    for _ in 0..5 {
        let (again, took) = program.time_to_first_answer(&api_key, "Command=Lists.Get").await?;
        starts.push(took);
        again.stop().await?;
    }
    below("start to first answer, median of 5", figures::Times::of(&starts).at(50), START_LIMIT, "ms");
    Ok(())
}

async fn long_list(bench: &Bench<'_>, server: &Running, api: &mut Api) -> anyhow::Result<()> {
    println!("\nLists of {SHORT} and {} subscribers, SQLite", bench.options.rows);
    let short = lists::fill(server, api, SHORT).await?;
    let long = lists::fill(server, api, bench.options.rows).await?;
    lists::compare(api, short, long).await?;
    let span = Duration::from_secs(bench.options.seconds);
    let done = subscribe::into_list(server, long.list, long.n, span).await?;
    println!(
        "\n  Subscriber.Subscribe into the long list: {:.0} calls/s, p50 and p99 ms: {}",
        done.rate(),
        done.times.shown()
    );
    Ok(())
}
