//! A campaign through a mail server of ours while the program that sends it is killed again and again.

use std::ops::Range;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rand::Rng;
use rand::rngs::StdRng;

use super::course::{Course, Message};
use super::reckoning::Reckoning;
use crate::bench::client::Api;
use crate::bench::program::{Program, Running};
use crate::sink::{Manners, Sink};

/// After a start, the first message must reach the mail server within this.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between looks at the mail server.
const LOOK: Duration = Duration::from_millis(2);
/// Connections to the mail server.
const CONNECTIONS: u32 = 10;
/// What a killed process had comes back after so long where other processes may be alive.
const NODE_SECONDS: u64 = 2;

/// How a campaign is hurt.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whom it goes to.
    pub n_recipients: u32,
    /// How often the program is killed while it sends.
    pub n_kills: u32,
    /// A kill comes this many milliseconds after the first message of that start was taken.
    pub after_ms: Range<u64>,
    /// How many are under way at once; `None` as by default.
    pub at_once: Option<u32>,
    /// The campaign must be over this long after the last start.
    pub patience: Duration,
}

/// What became of it.
pub struct Outcome {
    /// A row for each kill.
    pub kills: Vec<Kill>,
    /// The account at the end.
    pub reckoning: Reckoning,
    /// Breaches of the protocol that the mail server saw.
    pub breaches: Vec<String>,
    /// From the first start to the end of the campaign.
    pub took: Duration,
}

/// What a kill met.
#[derive(Debug)]
pub struct Kill {
    after: Duration,
    /// Messages that the mail server had taken.
    pub n_taken: usize,
    /// What the database said before the next start.
    n_sent: u64,
    n_leased: u64,
    n_uncertain: u64,
}

impl Kill {
    /// What the columns are.
    pub const HEADINGS: &'static str =
        "kill   after ms  taken by the sink  sent in the database  under way  marked uncertain so far";

    /// The row of the kill of this number.
    pub fn row(&self, number: usize) -> String {
        let Self { after, n_taken, n_sent, n_leased, n_uncertain } = self;
        format!("{number:>4} {:>10} {n_taken:>18} {n_sent:>21} {n_leased:>10} {n_uncertain:>24}", after.as_millis())
    }
}

impl Outcome {
    /// Whether nobody was missed, every repeat was marked, and the protocol was kept.
    pub fn is_good(&self) -> bool {
        self.reckoning.is_good() && self.breaches.is_empty()
    }
}

/// Sends a campaign, kills the program in the midst of it as planned, and reckons up. Each kill is told to `note` when it has happened.
///
/// # Errors
/// When a server does not start, the campaign is over before the last kill, or it does not end.
pub async fn run(
    program: &Program,
    manners: Manners,
    plan: &Plan,
    moments: &mut StdRng,
    note: impl Fn(usize, &Kill),
) -> anyhow::Result<Outcome> {
    let sink = Sink::start(Manners { keeps_messages: false, ..manners }).await;
    let program = through(program, sink.port, plan.at_once)?;
    let addresses: Vec<String> = (1..=plan.n_recipients).map(|number| format!("r{number}@example.com")).collect();
    let mut server = program.start().await?;
    let mut api = Api::open(server.address, &server.api_key()?).await?;
    let message =
        Message { subject: "News for %Subscriber:EmailAddress%", html: "<p>Hello %Subscriber:EmailAddress%</p>" };
    let started = Instant::now();
    let course = Course::start(&program, &server, &mut api, &addresses, message).await?;
    let mut kills = Vec::new();
    let mut n_before = 0;
    for number in 1..=plan.n_kills {
        let after = Duration::from_millis(moments.random_range(plan.after_ms.clone()));
        wait_for_more(&sink, n_before, &course).await.with_context(|| format!("before kill {number}"))?;
        tokio::time::sleep(after).await;
        let kill = kill(server, &sink, &course, after).await.with_context(|| format!("kill {number}"))?;
        note(kills.len() + 1, &kill);
        n_before = kill.n_taken;
        kills.push(kill);
        server = program.start().await.with_context(|| format!("start after kill {number}"))?;
    }
    let standing = course.wait(plan.patience).await?;
    let took = started.elapsed();
    ensure!(standing.state == "sent", "the campaign ended otherwise: {standing:?}");
    server.stop().await?;
    let reckoning = Reckoning::new(&addresses, &sink.taken(), &sink.refused(), &course.log().await?, &standing);
    Ok(Outcome { kills, reckoning, breaches: sink.faults(), took })
}

/// Kills the program and looks at what it left.
async fn kill(server: Running, sink: &Sink, course: &Course, after: Duration) -> anyhow::Result<Kill> {
    server.kill().await?;
    // Connections of a killed process end at once; what they had sent is read to its end.
    sink.quiet(PATIENCE).await?;
    let standing = course.look().await?;
    ensure!(standing.state == "sending", "the campaign was over before: {standing:?}");
    // What it had counts as a try. Broken off in the next one, it would wait for five minutes and more (ML-3.1).
    for entry in course.log().await?.into_iter().filter(|entry| entry.state == "leased") {
        sink.spare(entry.to);
    }
    let n_taken = sink.n_taken();
    Ok(Kill { after, n_taken, n_sent: standing.n_sent, n_leased: standing.n_leased, n_uncertain: standing.n_uncertain })
}

/// Waits until the mail server has taken more than before.
async fn wait_for_more(sink: &Sink, n_before: usize, course: &Course) -> anyhow::Result<()> {
    let started = Instant::now();
    while sink.n_taken() <= n_before {
        if started.elapsed() > PATIENCE {
            anyhow::bail!("nothing is sent after the start: {:?}", course.look().await?);
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

/// The program with this mail server as its relay.
fn through(program: &Program, port: u16, at_once: Option<u32>) -> anyhow::Result<Program> {
    let config = program.folder.join("understudy.toml");
    std::fs::write(&config, settings(port, at_once))?;
    let mut program = program.clone();
    program.settings.push(("UNDERSTUDY_CONFIG", config.to_string_lossy().into_owned().leak()));
    Ok(program)
}

fn settings(port: u16, at_once: Option<u32>) -> String {
    let bound = at_once.map(|n| format!("at_once = {n}\nclaimed_ahead = {n}\n")).unwrap_or_default();
    format!(
        "[queue]
node_seconds = {NODE_SECONDS}
{bound}[[mail.relays]]
name = \"sink\"
host = \"127.0.0.1\"
port = {port}
tls = \"none\"
connections = {CONNECTIONS}
[returns]
domain = \"returns.example.org\"
"
    )
}
