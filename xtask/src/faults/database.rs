//! PostgreSQL goes away in the midst of a campaign and comes back, once like a crash and once in good order.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;

use super::End;
use super::house::{House, Stage, addresses, relay, until};
use crate::crash::course::Course;
use crate::crash::reckoning::Reckoning;
use crate::sink::{Manners, Sink};
use crate::test::postgres::Postgres;

const SOON: Duration = Duration::from_secs(40);
const RECIPIENTS: usize = 1_500;
/// What a lost answer leaves leased comes back after so many seconds.
const LEASE: &str = "[queue]\nlease_seconds = 20\n";

/// Nobody is missed, and nobody gets it twice without a mark.
pub async fn goes_away(stage: Arc<Stage>) -> anyhow::Result<End> {
    let mut postgres = Postgres::start(&stage.postgres).await?;
    postgres.create_database("faults").await?;
    let ended = send_on(&stage, &mut postgres).await;
    postgres.stop().await;
    ended
}

async fn send_on(stage: &Stage, postgres: &mut Postgres) -> anyhow::Result<End> {
    let sink = Sink::start(Manners { delay: Duration::from_millis(40), ..Manners::default() }).await;
    let settings = format!("{LEASE}{}", relay(sink.port));
    let house = House::open_at(stage, &settings, None, Some(postgres.url("faults")), Vec::new()).await?;
    let everybody = addresses(RECIPIENTS);
    let course = house.send(&everybody, "<p>Hello</p>").await?;
    for (mode, away) in [("immediate", Duration::from_secs(2)), ("fast", Duration::from_millis(500))] {
        more_than(&sink, sink.n_taken() + 150).await?;
        postgres.restart(mode, away).await?;
        still_sending(&course).await?;
    }
    let standing = course.wait(SOON * 2).await?;
    ensure!(standing.state == "sent", "{standing:?}");
    let reckoning = Reckoning::new(&everybody, &sink.taken(), &sink.refused(), &course.log().await?, &standing);
    ensure!(reckoning.is_good(), "{reckoning}");
    house.close().await?;
    Ok(End::Good(reckoning.to_string()))
}

async fn more_than(sink: &Sink, n: usize) -> anyhow::Result<usize> {
    let taken = || std::future::ready(Ok(sink.n_taken()));
    until("the campaign goes on", SOON, taken, |taken| *taken > n).await
}

async fn still_sending(course: &Course) -> anyhow::Result<()> {
    let standing = course.look().await?;
    ensure!(standing.state == "sending", "the campaign was over before: {standing:?}");
    Ok(())
}
