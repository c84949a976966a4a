//! The way that mail leaves: each relay is connected to, greeted, encrypted and logged into as mail would be, and no mail is sent.

use futures_util::future::join_all;

use super::{Finding, PATIENCE, Round, STEP, span, too_slow};
use crate::config::{RelaySettings, Route};
use crate::delivery::probe::{self, Failure, Seen};
use crate::model::time::UtcTime;
use crate::outgoing::is_public;

/// A certificate that ends sooner, in microseconds, may end unnoticed: those who renew by machine do it earlier.
const SOON: i64 = 14 * 86_400 * 1_000_000;

pub(super) async fn examine(round: &Round) -> Vec<Finding> {
    match round.settings.mail.route() {
        Route::Outbox => {
            let says =
                format!("no mail leaves this machine: it is kept as files in {}", round.settings.outbox().display());
            vec![Finding::warning("relay", says, "fine for a trial; otherwise set [[mail.relays]] or mail.route")]
        }
        Route::Relay => {
            let mut findings: Vec<Finding> =
                join_all(round.settings.mail.relays.iter().map(|relay| one(round, relay))).await;
            findings.extend(unserved(round));
            findings
        }
        // The host's own checks look outwards, see `host`.
        Route::Mx => Vec::new(),
    }
}

async fn one(round: &Round, relay: &RelaySettings) -> Finding {
    let check = format!("relay {}", relay.name);
    match tokio::time::timeout(PATIENCE, probe::relay(relay, &round.settings, STEP)).await {
        Err(_) => too_slow(&check),
        Ok(Ok(seen)) => of_seen(check, relay, &seen, UtcTime::now()),
        Ok(Err(failure)) => {
            let says = format!("{}:{}: {failure}", relay.host, relay.port);
            Finding::problem(check, says, advice(relay, &failure))
        }
    }
}

fn of_seen(check: String, relay: &RelaySettings, seen: &Seen, now: UtcTime) -> Finding {
    let mut says = format!("{}:{} takes mail", relay.host, relay.port);
    if !relay.username.is_empty() {
        says.push_str(", the login is accepted");
    }
    let left = seen.certificate_ends.map(|end| end.0 - now.0);
    says.push_str(match seen.is_encrypted {
        true => ", encrypted",
        false => ", not encrypted",
    });
    if let Some(left) = left {
        says.push_str(&format!(" (certificate good for {})", span(left.max(0))));
    }
    match seen.offers.is_empty() {
        true => says.push_str("; offers no extension"),
        false => says.push_str(&format!("; offers {}", seen.offers.join(", "))),
    }
    if relay.accept_invalid_certificates && seen.is_encrypted {
        let advice = "anybody between could read mail and password: remove accept_invalid_certificates, name a ca_file";
        return Finding::warning(check, says, advice);
    }
    if left.is_some_and(|left| left < SOON) {
        return Finding::warning(
            check,
            says,
            "tell the relay's operator: without a good certificate no mail goes there",
        );
    }
    if !seen.is_encrypted && is_public(seen.there.ip()) {
        return Finding::warning(
            check,
            says,
            "mail crosses the network readable: ask for TLS, tls = \"required-starttls\"",
        );
    }
    Finding::ok(check, says)
}

fn advice(relay: &RelaySettings, failure: &Failure) -> String {
    let RelaySettings { name, host, .. } = relay;
    match failure {
        Failure::Unreachable(_) if relay.port == 25 => {
            "are host and port right? Many networks block port 25 outwards: try 587".to_owned()
        }
        Failure::Unreachable(_) | Failure::NoServer(_) => {
            "are host and port right, does the relay run, and does the firewall let this machine out to it?".to_owned()
        }
        Failure::TurnedAway(_) => "ask the relay's operator whether this machine may send there".to_owned(),
        Failure::Tls(_) => format!(
            "its certificate must be good and name {host}; ca_file names an authority of your own, tls says what is asked"
        ),
        Failure::Login(_) => format!("correct username and password of relay {name}"),
    }
}

/// Sender domains that no relay serves: their mail stays here.
fn unserved(round: &Round) -> Vec<Finding> {
    let relays = &round.settings.mail.relays;
    let serves = |domain: &str| {
        let names = |relay: &RelaySettings| relay.senders.iter().any(|sender| sender.eq_ignore_ascii_case(domain));
        relays.iter().any(|relay| relay.senders.is_empty() || names(relay))
    };
    let left_out = round.domains().into_iter().filter(|domain| !serves(domain));
    left_out
        .map(|domain| {
            let says = format!("no relay serves the sender domain {domain}: its mail stays here");
            Finding::problem("relay", says, format!("add {domain} to the senders of a relay, or leave them empty"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn a_certificate_about_to_end_and_an_open_line_are_told() {
        let now = UtcTime(1_000_000_000_000);
        let relay =
            RelaySettings { name: "main".to_owned(), host: "smtp.example.com".to_owned(), ..RelaySettings::default() };
        let day = 86_400_000_000;
        let seen = |is_encrypted: bool, days: i64| Seen {
            here: "10.0.0.1:1000".parse().expect("address"),
            there: "8.8.8.8:25".parse().expect("address"),
            is_encrypted,
            certificate_ends: is_encrypted.then_some(UtcTime(now.0 + days * day)),
            offers: vec!["8BITMIME".to_owned()],
        };
        let found = |seen: &Seen| of_seen("relay main".to_owned(), &relay, seen, now);
        let good = found(&seen(true, 60));
        assert_eq!(
            (good.grade, good.says.as_str()),
            (Grade::Ok, "smtp.example.com:25 takes mail, encrypted (certificate good for 60 days); offers 8BITMIME")
        );
        assert_eq!(found(&seen(true, 13)).grade, Grade::Warning);
        assert_eq!(found(&seen(false, 0)).grade, Grade::Warning);
        let near = Seen { there: "127.0.0.1:25".parse().expect("address"), ..seen(false, 0) };
        assert_eq!(found(&near).grade, Grade::Ok);
    }
}
