//! Relays that are away, refuse the login, or show a certificate that nobody can trust.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, ensure};

use super::End;
use super::house::{House, Stage, addresses, relay, relay_with, until};
use crate::bench::program::free_address;
use crate::crash::course::Entry;
use crate::crash::reckoning::Reckoning;
use crate::sink::{Manners, Sink, certificate};

/// How long mail may take to be noticed as stuck.
const SOON: Duration = Duration::from_secs(30);
/// A relay that is away is asked again after half a minute, or little more (ML-3.1).
const AGAIN: Duration = Duration::from_secs(60);
const HTML: &str = "<p>Hello</p>";

/// Mail waits with the reason, costs no try, and goes once the relay is there.
pub async fn down_then_up(stage: Arc<Stage>) -> anyhow::Result<End> {
    let port = free_address()?.port();
    let house = House::open(&stage, &relay(port)).await?;
    let everybody = addresses(20);
    let course = house.send(&everybody, HTML).await?;
    let list = house.api().await?.make_list("Asked", "Double").await?;
    let join = format!("Command=Subscriber.Subscribe&ListID={list}&EmailAddress=asked@example.com&IPAddress=192.0.2.1");
    house.api().await?.call(&join).await?;
    let log = until("everybody waits with a reason", SOON, || course.log(), |log| wait(log, 20)).await?;
    ensure!(log.iter().all(|entry| entry.n_tries == 0), "what was not tried counted as a try: {log:?}");
    ensure!(log.iter().any(|entry| entry.reply.contains("cannot reach the server")), "no clear reason: {log:?}");
    let queue = house.tell(&["queue"]).await?;
    let row = queue.as_array().into_iter().flatten().find(|row| row["campaign_id"].is_i64());
    let row = row.with_context(|| format!("no campaign in the queue: {queue}"))?;
    ensure!(row["n_deferred"] == 20 && row["n_failed"] == 0, "the queue shows {row}");

    let sink = Sink::start_at(port, Manners::default()).await;
    let standing = course.wait(AGAIN).await?;
    let taken = || std::future::ready(Ok(sink.recipients()));
    until("the question of the other list", AGAIN, taken, |to: &Vec<String>| to.len() > 20).await?;
    let (asked, campaign): (Vec<_>, Vec<_>) =
        sink.taken().into_iter().partition(|taken| taken.recipient == "asked@example.com");
    let reckoning = Reckoning::new(&everybody, &campaign, &[], &course.log().await?, &standing);
    ensure!(asked.len() == 1 && reckoning.is_exact(), "{} asked; {reckoning}", asked.len());
    house.close().await?;
    Ok(End::Good(String::new()))
}

/// Mail waits with the reason; with the right password new mail goes, and the waiting one is due within minutes.
pub async fn wrong_password(stage: Arc<Stage>) -> anyhow::Result<End> {
    let (acceptor, file) = certificate();
    let manners = Manners { tls: Some(acceptor), login: Some(("lists", "right")), ..Manners::default() };
    let sink = Sink::start(manners).await;
    let settings = |password: &str| {
        let trust = file.path().display();
        let login = format!("username = \"lists\"\npassword = \"{password}\"");
        relay_with(sink.port, &format!("tls = \"required-starttls\"\nca_file = \"{trust}\"\n{login}"))
    };
    let house = House::open(&stage, &settings("wrong")).await?;
    let course = house.send(&addresses(5), HTML).await?;
    let stuck = |log: &Vec<Entry>| log.iter().any(|entry| entry.reply.contains("the login failed: 535 5.7.8 wrong"));
    let log = until("the reason is in the log", SOON, || course.log(), stuck).await?;
    ensure!(log.iter().all(|entry| entry.state == "pending" && entry.n_tries == 0), "not kept: {log:?}");
    ensure!(sink.n(|record| &record.n_logins) > 0 && sink.n_taken() == 0, "{} were taken", sink.n_taken());
    let shown = house.tell(&["log", "--subscriber", "r1@example.com"]).await?.to_string();
    ensure!(!shown.contains("\"wrong\""), "the password is shown: {shown}");

    let house = house.restart_with(&settings("right")).await?;
    let fresh = vec!["fresh@example.com".to_owned()];
    house.send(&fresh, HTML).await?.wait(SOON).await?;
    ensure!(sink.recipients().contains(&fresh[0]), "the right password does not help");
    let queue = house.tell(&["queue"]).await?;
    let waits = queue.as_array().into_iter().flatten().any(|row| row["n_pending"] == 5);
    ensure!(waits && sink.n_taken() == 1, "the waiting mail is not there any more: {queue}");
    ensure!(sink.faults().is_empty(), "{:?}", sink.faults());
    house.close().await?;
    Ok(End::Good(String::new()))
}

/// Neither a mail nor a password goes anywhere, open or encrypted.
pub async fn bad_certificate(stage: Arc<Stage>) -> anyhow::Result<End> {
    let (acceptor, _) = certificate();
    let shown = |is_implicit| Manners { tls: Some(acceptor.clone()), is_implicit, ..Manners::default() };
    let sinks = [
        ("starttls", Sink::start(shown(false)).await),
        ("required-starttls", Sink::start(shown(false)).await),
        ("implicit", Sink::start(shown(true)).await),
        // Offers none at all.
        ("required-starttls", Sink::start(Manners::default()).await),
    ];
    let login = "username = \"lists\"\npassword = \"secret\"";
    let settings: Vec<String> =
        sinks.iter().map(|(tls, sink)| relay_with(sink.port, &format!("tls = \"{tls}\"\n{login}"))).collect();
    let house = House::open(&stage, &settings.concat()).await?;
    let course = house.send(&addresses(5), HTML).await?;
    let log = until("everybody waits with a reason", SOON, || course.log(), |log| wait(log, 5)).await?;
    let is_clear = |entry: &Entry| entry.reply.contains("cannot be encrypted") || entry.reply.contains("no encryption");
    ensure!(log.iter().any(is_clear), "no clear reason: {log:?}");
    for (tls, sink) in &sinks {
        let n = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::SeqCst);
        let record = &sink.record;
        ensure!(n(&record.n_connections) > 0, "{tls}: it was not asked");
        let crossed = (n(&record.n_encrypted), n(&record.n_logins), n(&record.n_begun), sink.n_taken());
        ensure!(crossed == (0, 0, 0, 0), "{tls}: encrypted, logins, begun, taken: {crossed:?}");
    }
    house.close().await?;
    Ok(End::Good(String::new()))
}

/// Whether so many wait, each with a reason.
fn wait(log: &[Entry], n: usize) -> bool {
    log.len() == n && log.iter().all(|entry| entry.state == "pending" && !entry.reply.is_empty())
}
