//! Campaigns through mail servers that behave badly, each killed in the midst of it.

use std::time::Duration;

use rand::rngs::StdRng;

use super::Place;
use super::campaign::{self, Plan};
use super::reckoning::Reckoning;
use crate::sink::Manners;

/// Before each answer to a message, so that there is a midst.
const DELAY: Duration = Duration::from_millis(25);
/// Where the last answer is late.
const LONG_DELAY: Duration = Duration::from_millis(400);

/// What is sent through each. Who is broken off waits for a minute.
const PLAN: Plan =
    Plan { n_recipients: 300, n_kills: 2, after_ms: 20..250, at_once: None, patience: Duration::from_secs(240) };

/// Sends a campaign through each, on SQLite, and prints a table. False when somebody was missed or a repeat not marked.
///
/// # Errors
/// When a server does not start or a campaign does not end.
pub async fn run(place: &Place, moments: &mut StdRng) -> anyhow::Result<bool> {
    println!(
        "\nMail servers that behave badly; {} recipients and {} kills each, SQLite",
        PLAN.n_recipients, PLAN.n_kills
    );
    println!("  {:<36} {:>14} {}", "", "killed at", Reckoning::HEADINGS);
    let mut is_good = true;
    for (name, manners) in behaviours() {
        // Nobody whom it breaks off is to have been leased in vain before: that counts as a try, and the next pause is longer.
        let at_once = manners.drops_every.map(|_| 10);
        let plan = Plan { at_once, ..PLAN };
        let data = place.folder("behaviour")?;
        let outcome = campaign::run(&place.on_sqlite(data.path()), manners, &plan, moments, |_, _| {}).await?;
        let kills: Vec<String> = outcome.kills.iter().map(|kill| kill.n_taken.to_string()).collect();
        let seconds = outcome.took.as_secs_f64();
        println!("  {name:<36} {:>14} {}  {seconds:.0} s", kills.join(", "), outcome.reckoning.row());
        for breach in &outcome.breaches {
            println!("    breach of the protocol: {breach}");
        }
        is_good &= outcome.is_good();
    }
    Ok(is_good)
}

fn behaviours() -> [(&'static str, Manners); 5] {
    let plain = || Manners { delay: DELAY, ..Manners::default() };
    [
        ("421 after every five messages", Manners { close_after: Some(5), ..plain() }),
        ("closes in every seventh message", Manners { drops_every: Some(7), ..plain() }),
        ("refuses every third recipient", Manners { refuses_thirds: true, ..plain() }),
        ("answers messages late", Manners { delay: LONG_DELAY, ..plain() }),
        ("knows HELO only", Manners { is_old: true, pipelining: false, size: None, eight_bit: false, ..plain() }),
    ]
}
