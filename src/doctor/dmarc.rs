//! DMARC records: of the domain itself, or of one above it; and whether our mail would pass (ML-11.2, ML-11.4).

use super::Finding;
use super::records::{is_version, tags, value};
use crate::delivery::dns::{Dns, NoAnswer};

/// Domains above that are asked.
const MAX_PARENTS: usize = 5;

/// What is known of a domain's mail beside its DMARC record.
#[derive(Debug, Clone)]
pub(super) struct Mailing<'a> {
    pub domain: &'a str,
    /// Whether a key of ours, or the relay, signs for it.
    pub is_signed: bool,
    /// The domain of envelope senders, which SPF is checked for.
    pub envelope: &'a str,
}

/// A record and the domain that has it.
type Found = (String, String);

/// The record that counts. Without a list of the suffixes that registries sell under, every domain above with a dot in it is asked, the nearest first.
async fn find(dns: &Dns, domain: &str) -> Result<Option<Found>, NoAnswer> {
    let parents = std::iter::successors(Some(domain), |name| name.split_once('.').map(|(_, rest)| rest));
    for name in parents.filter(|name| name.contains('.')).take(MAX_PARENTS) {
        let texts = match dns.txt(&format!("_dmarc.{name}")).await {
            Ok(texts) => texts,
            Err(NoAnswer::NoDomain | NoAnswer::NoRecords) => continue,
            Err(error) => return Err(error),
        };
        let mut records: Vec<String> = texts.into_iter().filter(|text| is_version(text, "DMARC1")).collect();
        match records.len() {
            0 => {}
            1 => return Ok(records.pop().map(|record| (name.to_owned(), record))),
            // RFC 7489 6.6.3: with several, none counts.
            _ => return Ok(None),
        }
    }
    Ok(None)
}

pub(super) async fn examine(dns: &Dns, mailing: &Mailing<'_>) -> Finding {
    let check = format!("{} DMARC", mailing.domain);
    match find(dns, mailing.domain).await {
        Err(error) => Finding::warning(check, error.to_string(), "are the name servers right?"),
        Ok(None) => Finding::warning(
            check,
            "there is no DMARC record, or more than one; large mailbox providers ask for one",
            format!("publish _dmarc.{0}. TXT \"v=DMARC1; p=none; rua=mailto:postmaster@{0}\"", mailing.domain),
        ),
        Ok(Some((owner, record))) => of_record(check, mailing, &owner, &record),
    }
}

fn of_record(check: String, mailing: &Mailing<'_>, owner: &str, record: &str) -> Finding {
    let tags = tags(record);
    let own = value(&tags, "p").unwrap_or("none");
    let policy = if owner == mailing.domain { own } else { value(&tags, "sp").unwrap_or(own) };
    let is_strict = value(&tags, "aspf").is_some_and(|mode| mode.eq_ignore_ascii_case("s"));
    let by_spf = is_aligned(mailing.domain, mailing.envelope, owner, is_strict);
    let mut says = format!("policy {policy}, by the record of {owner}; mail passes ");
    says.push_str(match (mailing.is_signed, by_spf) {
        (true, true) => "by DKIM, and by SPF where that passes",
        (true, false) => "by DKIM only: envelope senders are of another domain",
        (false, true) => "by SPF only, where that passes: nothing is signed",
        (false, false) => "by nothing: it is not signed, and envelope senders are of another domain",
    });
    let key = format!("understudy domain create {}", mailing.domain);
    match (mailing.is_signed, by_spf) {
        (true, _) => Finding::ok(check, says),
        (false, true) => {
            Finding::warning(check, says, format!("have mail signed, so that it passes when it is forwarded: {key}"))
        }
        (false, false) if policy.eq_ignore_ascii_case("none") => {
            Finding::warning(check, says, format!("have mail signed: {key}"))
        }
        (false, false) => {
            Finding::problem(check, says, format!("receivers are told to {policy} it; have it signed: {key}"))
        }
    }
}

/// Whether SPF of the envelope sender's domain says something for the domain of the `From` (RFC 7489 3.1.2).
fn is_aligned(domain: &str, envelope: &str, owner: &str, is_strict: bool) -> bool {
    let is_within = |name: &str, other: &str| name == other || name.ends_with(&format!(".{other}"));
    if is_strict {
        return domain == envelope;
    }
    is_within(envelope, domain)
        || is_within(domain, envelope)
        || (is_within(domain, owner) && is_within(envelope, owner))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::dns::sample::{name_server, txt};
    use crate::doctor::{Grade, STEP};

    #[tokio::test]
    async fn the_policy_that_counts_is_shown_with_whether_our_mail_passes() {
        let server = name_server(vec![
            ("_dmarc.example.org", txt(&["v=DMARC1; p=reject; sp=quarantine"])),
            ("_dmarc.strict.example", txt(&["v=DMARC1;p=reject;aspf=s"])),
            ("_dmarc.lax.example", txt(&["v=DMARC1; p=none"])),
            ("_dmarc.twice.example", txt(&["v=DMARC1; p=none"])),
            ("_dmarc.twice.example", txt(&["v=DMARC1; p=reject"])),
        ]);
        let dns = Dns::new(&[server.await.to_string()], STEP);
        for (domain, is_signed, envelope, grade, part) in [
            (
                "example.org",
                true,
                "returns.net",
                Grade::Ok,
                "policy reject, by the record of example.org; mail passes by DKIM only",
            ),
            (
                "news.example.org",
                true,
                "b.example.org",
                Grade::Ok,
                "policy quarantine, by the record of example.org; mail passes by DKIM, and",
            ),
            ("news.example.org", false, "b.example.org", Grade::Warning, "by SPF only"),
            ("example.org", false, "returns.net", Grade::Problem, "by nothing"),
            ("strict.example", false, "b.strict.example", Grade::Problem, "by nothing"),
            ("lax.example", false, "returns.net", Grade::Warning, "by nothing"),
            ("twice.example", true, "twice.example", Grade::Warning, "more than one"),
            ("none.example", true, "none.example", Grade::Warning, "no DMARC record"),
        ] {
            let found = examine(&dns, &Mailing { domain, is_signed, envelope }).await;
            assert_eq!(found.grade, grade, "{domain}: {found:?}");
            assert!(found.says.contains(part), "{domain}: {found:?}");
        }
    }
}
