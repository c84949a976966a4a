//! Where a domain's mail goes: its MX records, or the host of its own name (RFC 5321 5.1, RFC 7505), by DNS or by what the settings name instead
//! (ML-1.17).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use rand::seq::SliceRandom;
use tokio::time::timeout;

use super::Reply;
use super::envelope::wire_domain;
use crate::config::MailSettings;
use crate::delivery::dns::{Dns, NoAnswer};
use crate::outgoing::is_public;

/// An answer of DNS is there within this time.
const PATIENCE: Duration = Duration::from_secs(30);
/// More mail servers of a domain are not asked.
const MAX_HOSTS: usize = 8;
/// More addresses of a mail server are not tried.
const MAX_ADDRESSES: usize = 4;
/// The name in the settings for all domains that are not named.
const ALL: &str = "*";

/// Looks mail servers up.
#[derive(Debug)]
pub(super) struct Resolver {
    dns: Dns,
    routes: BTreeMap<String, Vec<String>>,
    port: u16,
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::delivery) struct Host {
    pub name: String,
    /// From the settings, so it may stand anywhere.
    pub is_set: bool,
    /// The domain itself, which names no mail server.
    pub is_domain: bool,
    pub port: u16,
}

impl Resolver {
    /// Asks the name servers that the settings name, or the system's.
    pub fn new(settings: &MailSettings) -> Self {
        let dns = Dns::new(&settings.name_servers, PATIENCE);
        if !dns.has_servers() {
            tracing::warn!("the system names no name servers: no domain is found");
        }
        let named = settings.mx.routes.iter();
        let routes = named.map(|(name, hosts)| (name.to_ascii_lowercase(), hosts.clone())).collect();
        Self { dns, routes, port: settings.mx.port }
    }

    /// A domain's mail servers, the nearest first; or what a server would say of a domain that has none.
    pub async fn hosts(&self, domain: &str) -> Result<Vec<Host>, Reply> {
        let domain = wire_domain(domain).map_err(|reason| never(550, (5, 1, 2), reason))?;
        if let Some(hosts) = self.routes.get(&domain).or_else(|| self.routes.get(ALL)) {
            return Ok(hosts.iter().filter_map(|host| set_host(host)).collect());
        }
        if domain.starts_with('[') {
            return Err(never(550, (5, 1, 2), "an address in brackets is no domain".to_owned()));
        }
        let found = self.mx(&domain).await?;
        // RFC 7505 3: one record with the root as its host.
        if found.len() == 1 && found[0].1.is_empty() {
            return Err(never(556, (5, 1, 10), format!("{domain} takes no mail (null MX)")));
        }
        let mut found: Vec<(u16, String)> = found.into_iter().filter(|(_, name)| !name.is_empty()).collect();
        if found.is_empty() {
            return Ok(vec![Host { name: domain, is_set: false, is_domain: true, port: self.port }]);
        }
        // RFC 5321 5.1: those alike share the mail by chance.
        found.shuffle(&mut rand::rng());
        found.sort_by_key(|(preference, _)| *preference);
        found.truncate(MAX_HOSTS);
        let host = |(_, name)| Host { name, is_set: false, is_domain: false, port: self.port };
        Ok(found.into_iter().map(host).collect())
    }

    /// The MX records: preference and host. Empty when the domain has none.
    async fn mx(&self, domain: &str) -> Result<Vec<(u16, String)>, Reply> {
        match self.dns.mx(domain).await {
            Ok(found) => Ok(found),
            Err(NoAnswer::NoDomain) => Err(no_domain(domain)),
            Err(NoAnswer::NoRecords) => Ok(Vec::new()),
            Err(NoAnswer::Failed(reason)) => Err(later(reason)),
        }
    }

    /// A mail server's addresses. Those of other people's servers must be public, so that no recipient makes this one knock at its own network.
    pub async fn addresses(&self, host: &Host) -> Result<Vec<SocketAddr>, Reply> {
        if host.is_set {
            let found = timeout(PATIENCE, tokio::net::lookup_host((host.name.as_str(), host.port))).await;
            return match found {
                Ok(Ok(found)) => Ok(found.take(MAX_ADDRESSES).collect()),
                Ok(Err(error)) => Err(later(error.to_string())),
                Err(_) => Err(later("no answer".to_owned())),
            };
        }
        let found = match self.dns.addresses(&host.name).await {
            Ok(found) => found,
            Err(NoAnswer::Failed(reason)) => return Err(later(reason)),
            Err(_) if host.is_domain => return Err(no_domain(&host.name)),
            Err(absent) => return Err(later(format!("{} {absent}", host.name))),
        };
        let usable: Vec<SocketAddr> = found
            .into_iter()
            .filter(|address| is_public(*address))
            .map(|address| SocketAddr::new(address, host.port))
            .take(MAX_ADDRESSES)
            .collect();
        if usable.is_empty() {
            Err(never(550, (5, 4, 4), format!("{} has no public address", host.name)))
        } else {
            Ok(usable)
        }
    }
}

fn set_host(text: &str) -> Option<Host> {
    let (name, port) = text.rsplit_once(':')?;
    Some(Host {
        name: name.trim_matches(['[', ']']).to_owned(),
        is_set: true,
        is_domain: false,
        port: port.parse().ok()?,
    })
}

fn no_domain(domain: &str) -> Reply {
    never(550, (5, 4, 4), format!("there is no domain {domain}"))
}

/// What a server would say of a domain that has none, for good.
fn never(code: u16, enhanced: (u8, u16, u16), text: String) -> Reply {
    Reply { code, enhanced: Some(enhanced), text }
}

/// The same, for now: DNS does not answer.
fn later(reason: String) -> Reply {
    Reply { code: 451, enhanced: Some((4, 4, 3)), text: format!("DNS does not answer: {reason}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::MxSettings;
    use crate::delivery::dns::sample::{a, mx, name_server};

    fn of(mx: MxSettings) -> Resolver {
        Resolver::new(&MailSettings { mx, ..MailSettings::default() })
    }

    #[tokio::test]
    async fn settings_stand_in_for_dns() {
        let servers = |list: &[&str]| list.iter().map(|server| (*server).to_owned()).collect::<Vec<_>>();
        let routes = BTreeMap::from([
            ("Example.com".to_owned(), servers(&["127.0.0.1:2525", "[::1]:26"])),
            ("*".to_owned(), servers(&["localhost:2626"])),
        ]);
        let resolver = of(MxSettings { routes, ..MxSettings::default() });
        let hosts = resolver.hosts("EXAMPLE.com").await.expect("hosts");
        assert_eq!(
            hosts.iter().map(|host| (host.name.as_str(), host.port)).collect::<Vec<_>>(),
            [("127.0.0.1", 2525), ("::1", 26)]
        );
        assert_eq!(resolver.addresses(&hosts[0]).await.expect("address"), ["127.0.0.1:2525".parse().expect("address")]);
        assert_eq!(resolver.hosts("other.example").await.expect("hosts")[0].port, 2626);
        assert_eq!(resolver.hosts("exa mple").await.expect_err("no domain").code, 550);
    }

    /// A resolver that asks a name server on loopback.
    async fn with_name_server() -> Resolver {
        let server = name_server(vec![
            ("two.example", mx(20, "b.two.example")),
            ("two.example", mx(10, "A.two.example")),
            ("null.example", mx(0, ".")),
            ("bare.example", a([8, 8, 4, 4])),
            ("b.two.example", a([8, 8, 8, 8])),
            ("a.two.example", a([127, 0, 0, 1])),
            ("a.two.example", a([10, 0, 0, 1])),
        ]);
        let name_servers = vec![server.await.to_string()];
        Resolver::new(&MailSettings { name_servers, ..MailSettings::default() })
    }

    #[tokio::test]
    async fn mail_servers_come_by_preference_and_a_domain_without_any_is_its_own() {
        let resolver = with_name_server().await;
        let names = |hosts: Vec<Host>| hosts.into_iter().map(|host| host.name).collect::<Vec<_>>();
        assert_eq!(names(resolver.hosts("two.example").await.expect("hosts")), ["a.two.example", "b.two.example"]);
        assert_eq!(names(resolver.hosts("bare.example").await.expect("hosts")), ["bare.example"]);
        assert_eq!(resolver.hosts("null.example").await.expect_err("null").enhanced, Some((5, 1, 10)));
        assert_eq!(resolver.hosts("gone.example").await.expect_err("gone").enhanced, Some((5, 4, 4)));
    }

    #[tokio::test]
    async fn only_public_addresses_are_knocked_at() {
        let resolver = with_name_server().await;
        let host = |name: &str| Host { name: name.to_owned(), is_set: false, is_domain: false, port: 25 };
        let found = resolver.addresses(&host("b.two.example")).await.expect("addresses");
        assert_eq!(found, ["8.8.8.8:25".parse().expect("address")]);
        assert_eq!(resolver.addresses(&host("a.two.example")).await.expect_err("private").enhanced, Some((5, 4, 4)));
    }

    #[tokio::test]
    async fn an_address_in_brackets_is_nobody() {
        let resolver = of(MxSettings::default());
        assert_eq!(resolver.hosts("[127.0.0.1]").await.expect_err("refused").enhanced, Some((5, 1, 2)));
    }
}
