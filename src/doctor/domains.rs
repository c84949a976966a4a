//! What receivers see of the sender domains: keys that check our signatures, SPF, DMARC, and servers that take answers.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;

use super::dmarc::{self, Mailing};
use super::records::{is_trial, key_fault};
use super::{Finding, PATIENCE, Round, spf, too_slow};
use crate::config::{MailSettings, Route};
use crate::delivery::dns::{Dns, NoAnswer};
use crate::domain::sender_domains::{self, SenderKey};
use crate::model::states::{SenderKeyState, SigningAlgorithm};
use crate::model::time::UtcTime;

/// A record of a key that has signed stays this long, for mail that is still under way (ML-2.5).
const STAYS: Duration = Duration::from_secs(7 * 86_400);

pub(super) async fn examine(round: &Round) -> Vec<Finding> {
    let domains = round.domains();
    let checks = domains.iter().map(|domain| async {
        match timeout(PATIENCE, one(round, domain)).await {
            Ok(found) => found,
            Err(_) => vec![too_slow(domain)],
        }
    });
    let mut findings = join_all(checks).await.concat();
    findings.extend(own_sender(round, &domains));
    findings
}

async fn one(round: &Round, domain: &str) -> Vec<Finding> {
    let returns = &round.settings.returns.domain;
    let envelope = if returns.is_empty() { domain } else { returns };
    let keys: Vec<&SenderKey> = round.keys.iter().filter(|key| key.domain == domain).collect();
    let signs = keys.iter().any(|key| key.state == SenderKeyState::Signing) && our_mail_is_signed(&round.settings.mail);
    let mailing = Mailing { domain, is_signed: signs || relay_signs(&round.settings.mail), envelope };
    let (dkim, spf, dmarc, mx) = tokio::join!(
        join_all(keys.iter().map(|key| dkim(&round.dns, key, UtcTime::now()))),
        spf::examine(&round.dns, domain, envelope == domain),
        dmarc::examine(&round.dns, &mailing),
        takes_mail(&round.dns, domain),
    );
    let mut findings: Vec<Finding> = dkim.into_iter().flatten().collect();
    findings.extend([spf, dmarc, mx]);
    findings
}

/// Whether mail is signed here on some way.
fn our_mail_is_signed(mail: &MailSettings) -> bool {
    match mail.route() {
        Route::Outbox => true,
        Route::Relay => mail.relays.iter().any(|relay| relay.dkim),
        Route::Mx => mail.mx.dkim,
    }
}

/// Whether the settings leave signing to relays.
fn relay_signs(mail: &MailSettings) -> bool {
    mail.route() == Route::Relay && mail.relays.iter().any(|relay| !relay.dkim)
}

/// Whether receivers find a key; nothing to say of one that is off.
async fn dkim(dns: &Dns, key: &SenderKey, now: UtcTime) -> Option<Finding> {
    let name = sender_domains::record_name(key);
    let state = key.state;
    let is_fresh = now.0 < key.changed_at.plus(STAYS).0;
    if state == SenderKeyState::Disabled || (state == SenderKeyState::Retired && !is_fresh) {
        return None;
    }
    let check = format!("{} DKIM", key.domain);
    let fault = match dns.txt(&name).await {
        Err(error @ NoAnswer::Failed(_)) => {
            return Some(Finding::warning(check, format!("{name}: {error}"), "are the name servers right?"));
        }
        Err(_) => "no record is published".to_owned(),
        Ok(records) => match fault_of(&records, key) {
            None => return Some(published(check, &name, key, &records)),
            Some(fault) => fault,
        },
    };
    let says = format!("{name}: {fault}");
    let publish = format!("publish what `understudy domain show {}` prints", key.domain);
    Some(match state {
        SenderKeyState::Signing => {
            Finding::problem(check, says, format!("{publish}; until then `understudy domain disable {}`", key.domain))
        }
        SenderKeyState::Waiting => {
            Finding::warning(check, says, format!("{publish}, then `understudy domain enable {}`", key.domain))
        }
        _ => Finding::warning(check, says, "mail that it signed may still be under way: keep its record for a week"),
    })
}

fn fault_of(records: &[String], key: &SenderKey) -> Option<String> {
    let algorithm = match key.algorithm {
        SigningAlgorithm::RsaSha256 => "rsa",
        SigningAlgorithm::Ed25519 => "ed25519",
    };
    // RFC 6376 3.6.2.2: with several records the outcome is anybody's guess.
    match records {
        [record] => key_fault(record, algorithm, &key.public_key),
        _ => Some(format!("{} records are published; there may be one", records.len())),
    }
}

fn published(check: String, name: &str, key: &SenderKey, records: &[String]) -> Finding {
    let says = format!("{name}: our key is published");
    if records.iter().any(|record| is_trial(record)) {
        return Finding::warning(
            check,
            format!("{says}, marked as a trial (t=y)"),
            "remove t=y: some receivers do not count the signature",
        );
    }
    match key.state {
        SenderKeyState::Waiting => Finding::warning(
            check,
            format!("{says} and does not sign yet"),
            format!("understudy domain enable {}", key.domain),
        ),
        SenderKeyState::Signing => Finding::ok(check, format!("{says} and signs")),
        _ => Finding::ok(check, format!("{says}, for mail that is still under way")),
    }
}

/// Whether answers to addresses of a domain find a mail server. Without any, many servers take no mail from it either.
pub(super) async fn takes_mail(dns: &Dns, domain: &str) -> Finding {
    let check = format!("{domain} MX");
    let unknown =
        |error: &NoAnswer| Finding::warning(format!("{domain} MX"), error.to_string(), "are the name servers right?");
    match dns.mx(domain).await {
        Ok(found) if found.iter().all(|(_, host)| host.is_empty()) => Finding::problem(
            check,
            "the domain says that it takes no mail (null MX)",
            "publish an MX record: answers and bounces are lost, and many servers refuse its mail",
        ),
        Ok(mut found) => {
            found.sort();
            let hosts: Vec<String> = found.into_iter().map(|(_, host)| host).collect();
            Finding::ok(check, format!("mail goes to {}", hosts.join(", ")))
        }
        Err(error @ NoAnswer::Failed(_)) => unknown(&error),
        Err(absent) => match dns.addresses(domain).await {
            Ok(_) => Finding::warning(
                check,
                "there is no MX record; mail goes to the domain's own address",
                "publish an MX record, unless a mail server listens there",
            ),
            Err(error @ NoAnswer::Failed(_)) => unknown(&error),
            Err(_) => Finding::problem(
                check,
                format!("the domain {absent}, and no address: mail to it goes nowhere"),
                "publish an MX record: answers and bounces are lost, and many servers refuse its mail",
            ),
        },
    }
}

/// The sender of mails that have none of their own.
fn own_sender(round: &Round, domains: &[String]) -> Option<Finding> {
    const CHECK: &str = "mail.from_email";
    let mail = &round.settings.mail;
    let sender = &mail.from_email;
    if !round.sends() {
        return None;
    }
    let domain = sender.rsplit_once('@').map_or("", |(_, domain)| domain).to_ascii_lowercase();
    if *sender == MailSettings::default().from_email {
        let advice = "set mail.from_name and mail.from_email to an address of a domain of yours";
        return Some(Finding::problem(
            CHECK,
            format!("mails without a sender of their own come from {sender}"),
            advice,
        ));
    }
    let is_covered = domains.iter().any(|known| domain == *known || domain.ends_with(&format!(".{known}")));
    if is_covered || relay_signs(mail) {
        return Some(Finding::ok(CHECK, format!("mails without a sender of their own come from {sender}")));
    }
    let says = format!("mails of {sender} are not signed: {domain} has no key");
    Some(Finding::warning(CHECK, says, format!("understudy domain create {domain}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::dns::sample::{a, mx, name_server, txt};
    use crate::doctor::{Grade, STEP};
    use crate::model::ids::{AccountId, SenderKeyId};

    fn key(selector: &str, state: SenderKeyState) -> SenderKey {
        SenderKey {
            id: SenderKeyId(1),
            account_id: AccountId::NONE,
            domain: "example.org".to_owned(),
            selector: selector.to_owned(),
            algorithm: SigningAlgorithm::RsaSha256,
            private_key: String::new(),
            public_key: "QUJDREVG".to_owned(),
            state,
            created_at: UtcTime(0),
            changed_at: UtcTime(0),
        }
    }

    #[tokio::test]
    async fn a_key_is_found_under_its_name_and_is_ours() {
        let server = name_server(vec![
            ("good._domainkey.example.org", txt(&["v=DKIM1; k=rsa; p=QUJD", "REVG"])),
            ("trial._domainkey.example.org", txt(&["v=DKIM1; t=y; p=QUJDREVG"])),
            ("other._domainkey.example.org", txt(&["v=DKIM1; p=WFla"])),
            ("twice._domainkey.example.org", txt(&["v=DKIM1; p=QUJDREVG"])),
            ("twice._domainkey.example.org", txt(&["v=DKIM1; p=QUJDREVG"])),
        ]);
        let dns = Dns::new(&[server.await.to_string()], STEP);
        let now = UtcTime(0).plus(Duration::from_secs(86_400));
        for (selector, state, grade, part) in [
            ("good", SenderKeyState::Signing, Grade::Ok, "signs"),
            ("good", SenderKeyState::Waiting, Grade::Warning, "does not sign yet"),
            ("good", SenderKeyState::Retired, Grade::Ok, "under way"),
            ("trial", SenderKeyState::Signing, Grade::Warning, "t=y"),
            ("other", SenderKeyState::Signing, Grade::Problem, "another key"),
            ("twice", SenderKeyState::Signing, Grade::Problem, "2 records"),
            ("gone", SenderKeyState::Signing, Grade::Problem, "no record"),
            ("gone", SenderKeyState::Waiting, Grade::Warning, "no record"),
            ("gone", SenderKeyState::Retired, Grade::Warning, "no record"),
        ] {
            let found = dkim(&dns, &key(selector, state), now).await.expect("finding");
            assert_eq!(found.grade, grade, "{selector} {state:?}: {found:?}");
            assert!(found.says.contains(part), "{selector} {state:?}: {found:?}");
        }
        assert_eq!(dkim(&dns, &key("gone", SenderKeyState::Disabled), now).await, None);
        assert_eq!(dkim(&dns, &key("gone", SenderKeyState::Retired), now.plus(STAYS)).await, None);
    }

    #[tokio::test]
    async fn a_domain_that_sends_must_take_answers() {
        let server = name_server(vec![
            ("good.example", mx(20, "b.good.example")),
            ("good.example", mx(10, "a.good.example")),
            ("null.example", mx(0, ".")),
            ("bare.example", a([192, 0, 2, 1])),
            ("empty.example", txt(&["x"])),
        ]);
        let dns = Dns::new(&[server.await.to_string()], STEP);
        for (domain, grade, part) in [
            ("good.example", Grade::Ok, "a.good.example, b.good.example"),
            ("null.example", Grade::Problem, "null MX"),
            ("bare.example", Grade::Warning, "own address"),
            ("empty.example", Grade::Problem, "no such record"),
            ("gone.example", Grade::Problem, "does not exist"),
        ] {
            let found = takes_mail(&dns, domain).await;
            assert_eq!(found.grade, grade, "{domain}: {found:?}");
            assert!(found.says.contains(part), "{domain}: {found:?}");
        }
    }
}
