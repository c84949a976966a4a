//! `cargo xtask crash`: kills the server under load, starts it again, and looks for every write it had acknowledged. On both databases.

mod ledger;
mod outbox;
mod writers;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tempfile::TempDir;

use crate::bench::client::Api;
use crate::bench::program::{self, Program, Running};
use crate::test::postgres::Postgres;
use crate::test::tools;
use ledger::Ledger;

/// Flags of `crash`.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// How often to kill on each database.
    #[arg(long, value_name = "N", default_value_t = 10)]
    kills: u32,
    /// The build to kill.
    #[arg(long, value_name = "NAME", default_value = "release")]
    profile: String,
    /// A built server to kill instead.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Makes the moments of killing the same as in the run that printed it.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

/// The two lists that are written to. Each subscription to the second one queues a mail.
#[derive(Debug, Clone, Copy)]
pub struct Lists {
    /// Single opt-in.
    pub single: i64,
    /// Double opt-in.
    pub double: i64,
}

/// A kill comes this many milliseconds after the load has begun.
const KILL_AFTER_MS: std::ops::Range<u64> = 200..2_000;

/// Runs it on SQLite, then on PostgreSQL. False when an acknowledged write is missing, a total is wrong or a mail not there exactly once.
///
/// # Errors
/// When a server does not start again or answers nonsense.
pub fn run(root: &Path, options: &Options) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run_both(root, options))
}

async fn run_both(root: &Path, options: &Options) -> anyhow::Result<bool> {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.subsec_nanos());
    let seed = options.seed.unwrap_or(u64::from(clock));
    println!("seed {seed}");
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => program::build(root, "understudy", &options.profile).await?,
    };
    let target = root.join("target");
    let folder = |name: &str| -> anyhow::Result<TempDir> {
        Ok(tempfile::Builder::new().prefix(&format!("crash-{name}-")).tempdir_in(&target)?)
    };
    let mut moments = StdRng::seed_from_u64(seed);
    println!("\nSQLite");
    let data = folder("sqlite")?;
    // While a database is away every refused call is logged; here that is no news.
    let settings = vec![("UNDERSTUDY_LOG_FILTER", "off")];
    let on_sqlite = Program { binary, folder: data.path().to_owned(), database: None, settings };
    let is_good = kill_again_and_again(&on_sqlite, None, options.kills, &mut moments).await?;

    println!("\nPostgreSQL; in every second round its own server is stopped without a checkpoint first");
    let mut postgres = Postgres::start(&tools::ready().await?.postgres).await?;
    postgres.create_database("crash").await?;
    let data = folder("postgres")?;
    let on_postgres =
        Program { folder: data.path().to_owned(), database: Some(postgres.url("crash")), ..on_sqlite.clone() };
    let is_good_too = kill_again_and_again(&on_postgres, Some(&mut postgres), options.kills, &mut moments).await;
    postgres.stop().await;
    Ok(is_good & is_good_too?)
}

async fn kill_again_and_again(
    program: &Program,
    mut postgres: Option<&mut Postgres>,
    n_kills: u32,
    moments: &mut StdRng,
) -> anyhow::Result<bool> {
    let mut server = program.start().await?;
    let api_key = server.api_key()?;
    let mut api = Api::open(server.address, &api_key).await?;
    let lists =
        Lists { single: api.make_list("Single", "Single").await?, double: api.make_list("Double", "Double").await? };
    let mut ledger = Ledger::new(lists);
    println!(
        "  kill   after ms  acknowledged  found  missing  unacknowledged but there  totals (counts of all rounds so far)"
    );
    let mut is_good = true;
    for kill in 1..=n_kills {
        let after = Duration::from_millis(moments.random_range(KILL_AFTER_MS));
        let writers = writers::start(server.address, lists, kill);
        tokio::time::sleep(after).await;
        if let (Some(postgres), true) = (postgres.as_deref_mut(), kill % 2 == 0) {
            postgres.crash_and_recover().await?;
        }
        server.kill().await?;
        ledger.add(writers.finish().await?);
        server = program.start().await.with_context(|| format!("start after kill {kill}"))?;
        let found = ledger.look(&mut Api::open(server.address, &api_key).await?).await?;
        println!("  {kill:>4} {:>10}  {found}", after.as_millis());
        is_good &= found.is_good();
    }
    is_good &= mails_once(&server, &ledger).await?;
    server.stop().await?;
    Ok(is_good)
}

/// Waits until the mails of everybody who was asked to confirm are there, and checks that each is there once.
async fn mails_once(server: &Running, ledger: &Ledger) -> anyhow::Result<bool> {
    let mails = outbox::wait_for(&server.outbox(), ledger.pending()).await?;
    println!(
        "  mails: {} asked to confirm, {} mailed once, {} more than once, {} not at all, {} nobody asked for",
        ledger.pending().len(),
        mails.n_once,
        mails.n_repeated,
        mails.n_missing,
        mails.n_unasked
    );
    Ok(mails.is_good())
}
