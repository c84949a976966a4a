//! How many durable `Subscriber.Subscribe` calls a second: with group commit, without, on PostgreSQL, and beside a bare HTTP server.

use std::time::Duration;

use super::Bench;
use super::bare::Bare;
use super::client::{Api, post};
use super::figures::{Times, against};
use super::load::{self, Load, NUMBER, Plan};
use super::program::{Program, Running};
use crate::test::postgres::Postgres;
use crate::test::tools;

/// Connections of the load.
const N_CONNECTIONS: usize = 64;
/// How a good answer begins.
const GOOD: &str = "{\"Success\":true";
/// A run ends after as many requests, however fast the server is.
const MAX_REQUESTS: u64 = 2_000_000;

/// One contender and what it did so far.
struct Lane {
    name: &'static str,
    plan: Plan,
    micros: Vec<Times>,
    took: Duration,
}

impl Lane {
    fn new(name: &'static str, plan: Plan) -> Self {
        Self { name, plan, micros: Vec::new(), took: Duration::ZERO }
    }

    async fn run(&mut self) -> anyhow::Result<()> {
        let done = load::run(self.plan.clone()).await?;
        self.plan.first += u64::try_from(done.times.len())?;
        self.took += done.took;
        self.micros.push(done.times);
        Ok(())
    }

    /// Requests a second, over all rounds.
    fn rate(&self) -> f64 {
        self.micros.iter().map(Times::len).sum::<usize>() as f64 / self.took.as_secs_f64()
    }

    fn print(&self) {
        println!("  {:<34} {:9.0} {}", self.name, self.rate(), Times::joined(&self.micros).shown());
    }
}

/// Runs all four in turns, several rounds, so that a busy minute of the machine meets each of them.
///
/// # Errors
/// When a server does not start or answers anything but success.
pub async fn run(bench: &Bench<'_>) -> anyhow::Result<()> {
    println!("\nSubscriber.Subscribe, {N_CONNECTIONS} connections, distinct addresses, each answer durable");
    let grouped = start(bench, "grouped", None, Vec::new()).await?;
    let single = start(bench, "single", None, vec![("UNDERSTUDY_DATABASE_GROUP_COMMIT", "1")]).await?;
    let mut postgres = Postgres::start(&tools::ready().await?.postgres).await?;
    postgres.create_database("bench").await?;
    let on_postgres = start(bench, "postgres", Some(postgres.url("bench")), Vec::new()).await?;
    let span = Duration::from_secs(bench.options.seconds);
    let plan = plan_for(&grouped, span).await?;
    let sample = load::run(Plan { max_requests: 200, first: 900_000_000, ..plan.clone() }).await?;
    let bare = Bare::start(bench.folder.join("body.json"), &sample.body).await?;
    let mut lanes = [
        Lane::new("a SQLite, group commit", plan.clone()),
        Lane::new("b SQLite, each by itself", plan_for(&single, span).await?),
        Lane::new("c bare actix, canned body", Plan { address: bare.address, expected: GOOD, ..plan }),
        Lane::new("d PostgreSQL", plan_for(&on_postgres, span).await?),
    ];
    for _ in 0..bench.options.rounds {
        for lane in &mut lanes {
            lane.run().await?;
        }
    }
    println!("  {:<34} {:>9} {:>9} {:>9}", "", "calls/s", "p50 ms", "p99 ms");
    lanes.iter().for_each(Lane::print);
    let [a, b, c, _] = &lanes;
    against("a / b", a.rate() / b.rate(), 5.0);
    against("a / c", a.rate() / c.rate(), 0.25);
    for server in [grouped, single, on_postgres] {
        server.stop().await?;
    }
    postgres.stop().await;
    Ok(())
}

/// The same load into a list that has the first `first` addresses already, to see whether its length matters.
///
/// # Errors
/// As [`run`].
pub async fn into_list(server: &Running, list: i64, first: u64, span: Duration) -> anyhow::Result<Load> {
    load::run(Plan { first, ..plan(server, list, span) }).await
}

async fn start(
    bench: &Bench<'_>,
    name: &str,
    database: Option<String>,
    settings: Vec<(&'static str, &'static str)>,
) -> anyhow::Result<Running> {
    let folder = bench.folder.join(name);
    std::fs::create_dir_all(&folder)?;
    Program { binary: bench.binary.clone(), folder, database, settings }.start().await
}

async fn plan_for(server: &Running, span: Duration) -> anyhow::Result<Plan> {
    let mut api = Api::open(server.address, &server.api_key()?).await?;
    let list = api.make_list("Subscribed", "Single").await?;
    Ok(plan(server, list, span))
}

/// The load on a list of a server.
pub fn plan(server: &Running, list: i64, span: Duration) -> Plan {
    Plan {
        address: server.address,
        n_connections: N_CONNECTIONS,
        request: post(&format!(
            "Command=Subscriber.Subscribe&ListID={list}&EmailAddress=load{NUMBER}%40example.com&IPAddress=192.0.2.7"
        )),
        first: 0,
        max_requests: MAX_REQUESTS,
        span,
        expected: GOOD,
    }
}
