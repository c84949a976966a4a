//! What recipients' mail servers see of this machine when mail goes to them directly: whether it gets out by port 25, and whether its address
//! resolves to the name it greets with and back (ML-11.5).

use std::net::IpAddr;

use futures_util::future::join_all;
use tokio::time::timeout;

use super::{Finding, PATIENCE, Round, STEP, too_slow};
use crate::config::Route;
use crate::delivery::dns::{Dns, NoAnswer};
use crate::delivery::probe::{self, Failure, Seen};
use crate::outgoing::is_public;

const WAY_OUT: &str = "port 25";
const NAME: &str = "own name";
/// What providers ask of an address that sends.
const PTR_ADVICE: &str = "have whoever gave you the address set its PTR record; many servers refuse mail without it";

pub(super) async fn examine(round: &Round) -> Vec<Finding> {
    if round.settings.mail.route() != Route::Mx {
        return Vec::new();
    }
    let name = round.settings.hello_name();
    let ((mut findings, seen), names) = tokio::join!(way_out(round), timeout(PATIENCE, names(&round.dns, &name)));
    match names {
        Ok((addresses, found)) => {
            findings.extend(found);
            findings.extend(seen.and_then(|seen| other_address(&name, &addresses, seen.here.ip())));
        }
        Err(_) => findings.push(too_slow(NAME)),
    }
    findings
}

/// Whether a mail server out there can be spoken to. Somebody has to be asked: one of our own sender domains.
async fn way_out(round: &Round) -> (Vec<Finding>, Option<Seen>) {
    let own = round.settings.mail.from_email.rsplit_once('@').map(|(_, domain)| domain.to_owned());
    let Some(domain) = round.domains().into_iter().next().or(own) else { return (Vec::new(), None) };
    match timeout(PATIENCE, probe::mail_server(&domain, &round.settings, STEP)).await {
        Err(_) => (vec![too_slow(WAY_OUT)], None),
        Ok(Ok((server, seen))) => {
            let tls = if seen.is_encrypted { "encrypted" } else { "not encrypted" };
            let says = format!("{server}, the mail server of {domain}, talks to us ({tls})");
            (vec![Finding::ok(WAY_OUT, says)], Some(seen))
        }
        Ok(Err(Failure::NoServer(reason))) => {
            let says = format!("unknown: {domain} names no mail server that could be asked ({reason})");
            (vec![Finding::warning(WAY_OUT, says, "see the finding about its MX record")], None)
        }
        Ok(Err(failure)) => {
            let says = format!("the mail server of {domain}: {failure}");
            let advice = "networks often block port 25 outwards: have it opened, or send by a relay";
            (vec![Finding::problem(WAY_OUT, says, advice)], None)
        }
    }
}

/// The addresses that the greeting resolves to, and how each resolves back.
async fn names(dns: &Dns, name: &str) -> (Vec<IpAddr>, Vec<Finding>) {
    let addresses = match dns.addresses(name).await {
        Ok(addresses) => addresses,
        Err(error @ NoAnswer::Failed(_)) => {
            return (
                Vec::new(),
                vec![Finding::warning(NAME, format!("{name}: {error}"), "are the name servers right?")],
            );
        }
        Err(absent) => {
            let says = format!("the name we greet with, {name}, {absent}");
            let advice = "publish an A record for it with the address that mail leaves from, or set mail.hello_name";
            return (Vec::new(), vec![Finding::problem(NAME, says, advice)]);
        }
    };
    let findings = join_all(addresses.iter().map(|address| back(dns, name, *address))).await;
    (addresses, findings)
}

/// Whether an address resolves back to the name, and that to the address.
async fn back(dns: &Dns, name: &str, address: IpAddr) -> Finding {
    if !is_public(address) {
        let says = format!("{name} resolves to {address}, which is no public address");
        return Finding::problem(NAME, says, "publish the address that mail leaves from");
    }
    let found = match dns.names_of(address).await {
        Ok(found) => found,
        Err(error @ NoAnswer::Failed(_)) => {
            return Finding::warning(NAME, format!("{address}: {error}"), "are the name servers right?");
        }
        Err(_) => return Finding::problem(NAME, format!("{address} resolves back to no name"), PTR_ADVICE),
    };
    if found.iter().any(|other| other.eq_ignore_ascii_case(name)) {
        return Finding::ok(NAME, format!("{name} resolves to {address} and back"));
    }
    let other = found.first().map_or("", String::as_str);
    if dns.addresses(other).await.is_ok_and(|addresses| addresses.contains(&address)) {
        let says = format!("{name} resolves to {address}, which resolves back to {other}");
        return Finding::warning(NAME, says, format!("set mail.hello_name = {other:?}, or the PTR record to {name}"));
    }
    let says = format!("{address} resolves back to {other}, which does not resolve to it");
    Finding::problem(NAME, says, PTR_ADVICE)
}

/// What is wrong when mail leaves from another address than the greeting names. Behind a gateway that cannot be seen.
fn other_address(name: &str, addresses: &[IpAddr], here: IpAddr) -> Option<Finding> {
    let is_other = is_public(here) && !addresses.is_empty() && !addresses.contains(&here);
    is_other.then(|| {
        let says = format!("mail leaves from {here}, which {name} does not resolve to");
        Finding::problem(NAME, says, format!("publish {here} as an address of {name} too, and its PTR record"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::dns::sample::{a, name_server, ptr};
    use crate::doctor::Grade;

    async fn dns() -> Dns {
        let server = name_server(vec![
            ("good.example", a([8, 8, 8, 8])),
            ("8.8.8.8.in-addr.arpa", ptr("good.example")),
            ("named.example", a([9, 9, 9, 9])),
            ("9.9.9.9.in-addr.arpa", ptr("other.example")),
            ("other.example", a([9, 9, 9, 9])),
            ("liar.example", a([1, 1, 1, 1])),
            ("1.1.1.1.in-addr.arpa", ptr("good.example")),
            ("bare.example", a([1, 0, 0, 1])),
            ("inside.example", a([10, 0, 0, 1])),
        ]);
        Dns::new(&[server.await.to_string()], STEP)
    }

    #[tokio::test]
    async fn an_address_must_resolve_back_to_the_name_and_that_to_the_address() {
        let dns = dns().await;
        for (name, grade, part) in [
            ("good.example", Grade::Ok, "and back"),
            ("named.example", Grade::Warning, "resolves back to other.example"),
            ("liar.example", Grade::Problem, "does not resolve to it"),
            ("bare.example", Grade::Problem, "no name"),
            ("inside.example", Grade::Problem, "no public address"),
            ("gone.example", Grade::Problem, "does not exist"),
        ] {
            let (_, found) = names(&dns, name).await;
            assert_eq!((found.len(), found[0].grade), (1, grade), "{name}: {found:?}");
            assert!(found[0].says.contains(part), "{name}: {found:?}");
        }
    }

    #[test]
    fn mail_that_leaves_from_another_address_is_told() {
        let [known, other]: [IpAddr; 2] = [[8, 8, 8, 8].into(), [8, 8, 4, 4].into()];
        assert_eq!(other_address("good.example", &[known], known), None);
        assert_eq!(other_address("good.example", &[known], [10, 0, 0, 1].into()), None, "behind a gateway");
        assert!(other_address("good.example", &[known], other).is_some());
    }
}
