//! `cargo xtask crash`: kills the server under load, starts it again, and looks for every write it had acknowledged and everybody it had to mail. On both
//! databases.

mod behaviours;
mod campaign;
pub mod course;
mod ledger;
mod outbox;
pub mod reckoning;
mod writers;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tempfile::TempDir;

use crate::bench::client::Api;
use crate::bench::program::{self, Program, Running};
use crate::sink::Manners;
use crate::test::postgres::Postgres;
use crate::test::tools;
use campaign::Plan;
use ledger::Ledger;

/// Flags of `crash`.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Only this part.
    #[arg(long, value_enum, value_name = "PART")]
    only: Option<Part>,
    /// How often to kill on each database.
    #[arg(long, value_name = "N", default_value_t = 10)]
    kills: u32,
    /// Whom the campaign of part `campaign` goes to.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    recipients: u32,
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

/// A part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Sign-ups while it is killed: every acknowledged one is there.
    Writes,
    /// A campaign while it is killed: nobody is missed, and repeats are marked.
    Campaign,
    /// The same with mail servers that behave badly, on SQLite.
    Behaviours,
}

/// The two lists that are written to. Each subscription to the second one queues a mail.
#[derive(Debug, Clone, Copy)]
pub struct Lists {
    /// Single opt-in.
    pub single: i64,
    /// Double opt-in.
    pub double: i64,
}

/// What is killed, and where its folders are.
pub struct Place {
    binary: PathBuf,
    target: PathBuf,
}

/// A kill comes this many milliseconds after the load has begun.
const KILL_AFTER_MS: std::ops::Range<u64> = 200..2_000;
/// A kill comes this many milliseconds after the first message of a campaign.
const KILL_CAMPAIGN_AFTER_MS: std::ops::Range<u64> = 50..1_500;
/// Before each answer to a message of a campaign, so that it lasts longer than its kills.
const CAMPAIGN_DELAY: Duration = Duration::from_millis(5);
/// A campaign must be over this long after the last kill.
const CAMPAIGN_PATIENCE: Duration = Duration::from_secs(300);

/// Runs it on SQLite, then on PostgreSQL. False when an acknowledged write is missing, a total is wrong, a mail not there exactly once, somebody
/// missed by a campaign, or reached twice without a mark.
///
/// # Errors
/// When a server does not start again or answers nonsense.
pub fn run(root: &Path, options: &Options) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run_parts(root, options))
}

async fn run_parts(root: &Path, options: &Options) -> anyhow::Result<bool> {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.subsec_nanos());
    let seed = options.seed.unwrap_or(u64::from(clock));
    println!("seed {seed}");
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => program::build(root, "understudy", &options.profile).await?,
    };
    let place = Place { binary, target: root.join("target") };
    let mut moments = StdRng::seed_from_u64(seed);
    let wants = |part: Part| options.only.is_none_or(|only| only == part);
    let mut is_good = true;
    if wants(Part::Behaviours) {
        is_good &= behaviours::run(&place, &mut moments).await?;
    }
    if wants(Part::Writes) || wants(Part::Campaign) {
        println!("\nSQLite");
        is_good &= run_on(&place, options, None, &mut moments).await?;
        println!("\nPostgreSQL");
        let mut postgres = Postgres::start(&tools::ready().await?.postgres).await?;
        let is_good_too = run_on(&place, options, Some(&mut postgres), &mut moments).await;
        postgres.stop().await;
        is_good &= is_good_too?;
    }
    Ok(is_good)
}

/// The parts that run on either database.
async fn run_on(
    place: &Place,
    options: &Options,
    mut postgres: Option<&mut Postgres>,
    moments: &mut StdRng,
) -> anyhow::Result<bool> {
    let mut is_good = true;
    if options.only.is_none_or(|only| only == Part::Writes) {
        let data = place.folder("writes")?;
        let program = place.program(data.path(), postgres.as_deref(), "writes").await?;
        is_good &= kill_again_and_again(&program, postgres.as_deref_mut(), options.kills, moments).await?;
    }
    if options.only.is_none_or(|only| only == Part::Campaign) {
        let data = place.folder("campaign")?;
        let program = place.program(data.path(), postgres.as_deref(), "campaign").await?;
        is_good &= kill_campaign(&program, options, moments).await?;
    }
    Ok(is_good)
}

impl Place {
    /// A folder that goes when it is dropped.
    fn folder(&self, name: &str) -> anyhow::Result<TempDir> {
        Ok(tempfile::Builder::new().prefix(&format!("crash-{name}-")).tempdir_in(&self.target)?)
    }

    fn on_sqlite(&self, folder: &Path) -> Program {
        // While a database is away every refused call is logged; here that is no news.
        let settings = vec![("UNDERSTUDY_LOG_FILTER", "off")];
        Program { binary: self.binary.clone(), folder: folder.to_owned(), database: None, settings }
    }

    async fn program(&self, folder: &Path, postgres: Option<&Postgres>, name: &str) -> anyhow::Result<Program> {
        let mut program = self.on_sqlite(folder);
        if let Some(postgres) = postgres {
            postgres.create_database(name).await?;
            program.database = Some(postgres.url(name));
        }
        Ok(program)
    }
}

async fn kill_campaign(program: &Program, options: &Options, moments: &mut StdRng) -> anyhow::Result<bool> {
    let plan = Plan {
        n_recipients: options.recipients,
        n_kills: options.kills,
        after_ms: KILL_CAMPAIGN_AFTER_MS,
        at_once: None,
        patience: CAMPAIGN_PATIENCE,
    };
    println!("  a campaign to {} recipients over a relay", plan.n_recipients);
    println!("  {}", campaign::Kill::HEADINGS);
    let manners = Manners { delay: CAMPAIGN_DELAY, ..Manners::default() };
    let outcome =
        campaign::run(program, manners, &plan, moments, |number, kill| println!("  {}", kill.row(number))).await?;
    println!("  after {:.0} s: {}", outcome.took.as_secs_f64(), outcome.reckoning);
    for breach in &outcome.breaches {
        println!("  breach of the protocol: {breach}");
    }
    Ok(outcome.is_good())
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
    if postgres.is_some() {
        println!("  in every second round PostgreSQL is stopped without a checkpoint first");
    }
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
