//! SPF records as receivers read them: one for a domain, and no more than ten terms that ask DNS, those of included records among them
//! (ML-11.1).

use super::Finding;
use crate::delivery::dns::{Dns, NoAnswer};

/// RFC 7208 4.6.4: with more, receivers give up.
const MAX_LOOKUPS: usize = 10;

/// A domain's SPF record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spf {
    pub record: String,
    /// Terms that ask DNS, those of included records among them, as far as they were followed.
    pub n_lookups: usize,
    /// Why receivers cannot use it.
    pub fault: Option<String>,
}

/// A domain's SPF record; `None` when it has none.
pub(super) async fn find(dns: &Dns, domain: &str) -> Result<Option<Spf>, NoAnswer> {
    let record = match record_of(dns, domain).await {
        Ok(Some(record)) => record,
        Ok(None) => return Ok(None),
        Err(Trouble::Dns(error)) => return Err(error),
        Err(Trouble::Fault(fault)) => return Ok(Some(Spf { record: String::new(), n_lookups: 0, fault: Some(fault) })),
    };
    let mut n_lookups = 0;
    let fault = match walk(dns, record.clone(), &mut n_lookups).await {
        Ok(()) if n_lookups > MAX_LOOKUPS => Some(format!("it takes more than {MAX_LOOKUPS} questions to DNS")),
        Ok(()) => None,
        Err(Trouble::Fault(fault)) => Some(fault),
        Err(Trouble::Dns(error)) => return Err(error),
    };
    Ok(Some(Spf { record, n_lookups, fault }))
}

/// What a domain that mail is sent by should have. `is_envelope`: it stands in envelope senders, so that receivers ask for it.
pub(super) async fn examine(dns: &Dns, domain: &str, is_envelope: bool) -> Finding {
    let check = format!("{domain} SPF");
    let example =
        format!("publish {domain}. TXT \"v=spf1 … ~all\" with what your relay's manual names, or ip4:ADDRESS");
    match find(dns, domain).await {
        Err(error) => Finding::warning(check, error.to_string(), "are the name servers right?"),
        Ok(None) => Finding::warning(check, "there is no SPF record", example),
        Ok(Some(Spf { fault: Some(fault), .. })) => {
            let advice = "correct the record: as it is, receivers count it as broken";
            if is_envelope { Finding::problem(check, fault, advice) } else { Finding::warning(check, fault, advice) }
        }
        Ok(Some(spf)) => {
            let says = format!("{} ({} of {MAX_LOOKUPS} questions)", spf.record, spf.n_lookups);
            let names_nobody =
                spf.record.split_ascii_whitespace().skip(1).all(|term| term.to_ascii_lowercase().ends_with("all"));
            if is_envelope && names_nobody {
                return Finding::problem(check, says, format!("it names nobody who may send; {example}"));
            }
            Finding::ok(check, says)
        }
    }
}

/// Why a record was not followed to its end.
enum Trouble {
    Fault(String),
    Dns(NoAnswer),
}

async fn record_of(dns: &Dns, domain: &str) -> Result<Option<String>, Trouble> {
    let texts = match dns.txt(domain).await {
        Ok(texts) => texts,
        Err(NoAnswer::NoDomain | NoAnswer::NoRecords) => return Ok(None),
        Err(error) => return Err(Trouble::Dns(error)),
    };
    let is_spf = |text: &String| {
        let version = text.split(' ').next().unwrap_or_default();
        version.eq_ignore_ascii_case("v=spf1")
    };
    let mut records: Vec<String> = texts.into_iter().filter(is_spf).collect();
    match records.len() {
        0 | 1 => Ok(records.pop()),
        n => Err(Trouble::Fault(format!("{domain} has {n} SPF records; there may be one"))),
    }
}

/// Follows a record and those it includes, until there are too many terms that ask.
async fn walk(dns: &Dns, record: String, n_lookups: &mut usize) -> Result<(), Trouble> {
    let mut to_read = vec![record];
    while let Some(record) = to_read.pop() {
        let mut redirect = None;
        let mut has_all = false;
        for term in record.split_ascii_whitespace().skip(1) {
            let (asks, next) = match read(term)? {
                Term::Asks => (true, None),
                Term::Include(domain) => (true, domain),
                Term::Redirect(domain) => {
                    redirect = Some(domain);
                    continue;
                }
                Term::All => {
                    has_all = true;
                    continue;
                }
                Term::Known => (false, None),
            };
            *n_lookups += usize::from(asks);
            if *n_lookups > MAX_LOOKUPS {
                return Ok(());
            }
            to_read.extend(follow(dns, next).await?);
        }
        // RFC 7208 6.1: behind `all` it says nothing.
        if let Some(domain) = redirect.filter(|_| !has_all) {
            *n_lookups += 1;
            if *n_lookups > MAX_LOOKUPS {
                return Ok(());
            }
            to_read.extend(follow(dns, domain).await?);
        }
    }
    Ok(())
}

/// The record of an included domain, which must have one (RFC 7208 5.2).
async fn follow(dns: &Dns, domain: Option<String>) -> Result<Option<String>, Trouble> {
    let Some(domain) = domain else { return Ok(None) };
    match record_of(dns, &domain).await? {
        Some(record) => Ok(Some(record)),
        None => Err(Trouble::Fault(format!("it includes {domain}, which has no SPF record"))),
    }
}

/// What a term means for counting. Domains with macros are known to the receiver only: `None`.
enum Term {
    Asks,
    Include(Option<String>),
    Redirect(Option<String>),
    All,
    Known,
}

fn read(term: &str) -> Result<Term, Trouble> {
    let bare = term.trim_start_matches(['+', '-', '~', '?']);
    let end = bare.find([':', '/', '=']).unwrap_or(bare.len());
    let (name, rest) = bare.split_at(end);
    let domain =
        || Some(rest[1.min(rest.len())..].to_owned()).filter(|domain| !domain.is_empty() && !domain.contains('%'));
    Ok(match name.to_ascii_lowercase().as_str() {
        "include" => Term::Include(domain()),
        "a" | "mx" | "ptr" | "exists" => Term::Asks,
        "all" => Term::All,
        "ip4" | "ip6" => Term::Known,
        "redirect" if rest.starts_with('=') => Term::Redirect(domain()),
        // RFC 7208 6: unknown modifiers are passed over.
        _ if rest.starts_with('=') => Term::Known,
        _ => return Err(Trouble::Fault(format!("{term:?} is no term of SPF"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::dns::sample::{name_server, txt};
    use crate::doctor::{Grade, STEP};

    async fn dns() -> Dns {
        let server = name_server(vec![
            ("good.example", txt(&["v=spf1 ip4:192.0.2.1 include:one.example ", "a mx:x.example ~all"])),
            ("good.example", txt(&["google-site-verification=x"])),
            ("one.example", txt(&["v=spf1 include:two.example exp=%{i}.why.example -all"])),
            ("two.example", txt(&["v=spf1 exists:%{i}.list.example redirect=three.example"])),
            ("three.example", txt(&["v=spf1 ip6:2001:db8::/32 -all redirect=nowhere.example"])),
            ("twice.example", txt(&["v=spf1 -all"])),
            ("twice.example", txt(&["v=spf1 mx -all"])),
            ("loop.example", txt(&["v=spf1 include:loop.example -all"])),
            ("dead.example", txt(&["v=spf1 include:good.example include:gone.example -all"])),
            ("typo.example", txt(&["v=spf1 ipv4:192.0.2.1 -all"])),
            ("nobody.example", txt(&["v=spf1 -all"])),
            ("other.example", txt(&["v=spf10 -all"])),
        ]);
        Dns::new(&[server.await.to_string()], STEP)
    }

    #[tokio::test]
    async fn terms_that_ask_are_counted_through_included_records() {
        let dns = dns().await;
        let spf = find(&dns, "good.example").await.expect("answer").expect("record");
        assert_eq!((spf.n_lookups, spf.fault), (6, None));
        for (domain, part) in [
            ("twice.example", "2 SPF records"),
            ("loop.example", "more than 10"),
            ("dead.example", "includes gone.example"),
            ("typo.example", "ipv4"),
        ] {
            let fault = find(&dns, domain).await.expect("answer").expect("record").fault.expect(domain);
            assert!(fault.contains(part), "{domain}: {fault}");
        }
        assert_eq!(find(&dns, "other.example").await, Ok(None));
        assert_eq!(find(&dns, "gone.example").await, Ok(None));
    }

    #[tokio::test]
    async fn a_broken_record_is_a_problem_where_receivers_ask_for_it() {
        let dns = dns().await;
        for (domain, is_envelope, grade) in [
            ("good.example", true, Grade::Ok),
            ("gone.example", true, Grade::Warning),
            ("typo.example", true, Grade::Problem),
            ("typo.example", false, Grade::Warning),
            ("nobody.example", true, Grade::Problem),
            ("nobody.example", false, Grade::Ok),
        ] {
            let found = examine(&dns, domain, is_envelope).await;
            assert_eq!(found.grade, grade, "{domain}: {found:?}");
        }
    }
}
