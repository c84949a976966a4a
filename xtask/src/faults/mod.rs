//! `cargo xtask faults`: what goes wrong on the way of a mail, done to the real program: mail servers that are away, refuse or cannot be trusted, a full disk,
//! a clock that jumps, a database that goes away, templates and values that are wrong, and returned mail that lies.

mod clock;
mod database;
mod disk;
mod headers;
mod house;
mod letters;
mod relays;
mod returns;

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::test::counted::Count;
use crate::test::server_of;
use crate::test::tools;
use house::Stage;

/// Scenarios at once: most of them wait most of the time.
const AT_ONCE: usize = 4;
/// None may take longer.
const PATIENCE: Duration = Duration::from_secs(180);

/// Flags of `faults`.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// A built server instead of a fresh development build.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Only scenarios whose name contains this.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
}

/// How a scenario ended that did not fail.
pub enum End {
    /// What was asked for was so; figures, if there are any worth showing.
    Good(String),
    /// The fault cannot be made on this machine, and why.
    NotMade(String),
}

type Work = Pin<Box<dyn Future<Output = anyhow::Result<End>> + Send>>;

/// Runs them and prints a line for each. False when one failed.
///
/// # Errors
/// When the program does not build.
pub fn run(root: &Path, options: &Options) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let binary = server_of(root, options.binary.as_ref()).await?;
        let count = run_on(&binary, &options.only).await?;
        println!("{} passed, {} failed", count.n_passed, count.n_failed);
        Ok(count.n_failed == 0)
    })
}

/// Runs those whose name contains `only` with this program.
///
/// # Errors
/// When what they need is not on the machine.
pub async fn run_on(binary: &Path, only: &str) -> anyhow::Result<Count> {
    let stage = Arc::new(Stage { binary: binary.to_owned(), postgres: tools::ready().await?.postgres });
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for (name, work) in scenarios(&stage).into_iter().filter(|(name, _)| name.contains(only)) {
        let places = Arc::clone(&places);
        running.spawn(async move {
            let _place = places.acquire_owned().await;
            let started = Instant::now();
            let end = tokio::time::timeout(PATIENCE, work).await;
            (name, end.unwrap_or_else(|_| Err(anyhow::anyhow!("it took too long"))), started.elapsed())
        });
    }
    let mut count = Count::default();
    while let Some(joined) = running.join_next().await {
        let (name, end, took) = joined?;
        let (mark, note) = match end {
            Ok(End::Good(note)) => {
                count.n_passed += 1;
                ("good", note)
            }
            Ok(End::NotMade(why)) => ("NOT MADE", why),
            Err(error) => {
                count.n_failed += 1;
                ("FAILED", format!("{error:#}"))
            }
        };
        println!("  {mark:<8} {name:<52} {:>5.1} s  {note}", took.as_secs_f64());
    }
    Ok(count)
}

fn scenarios(stage: &Arc<Stage>) -> Vec<(&'static str, Work)> {
    let s = || Arc::clone(stage);
    vec![
        ("a relay that is down at first, then up", Box::pin(relays::down_then_up(s()))),
        ("a relay that refuses the password", Box::pin(relays::wrong_password(s()))),
        ("relays whose certificate nobody can trust", Box::pin(relays::bad_certificate(s()))),
        ("a full disk in the midst of a campaign", Box::pin(disk::full(s()))),
        ("a clock that jumps in the midst of a campaign", Box::pin(clock::jumps(s()))),
        ("a database that goes away in the midst of a campaign", Box::pin(database::goes_away(s()))),
        ("templates with missing and broken tags", Box::pin(letters::missing_tags(s()))),
        ("a line of a megabyte", Box::pin(letters::long_line(s()))),
        ("values that would begin a header", Box::pin(headers::injected(s()))),
        ("returned mail that is huge, broken, looping or forged", Box::pin(returns::bad_mail(s()))),
    ]
}
