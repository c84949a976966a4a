//! Where a domain's mail goes: its MX records, or the host of its own name (RFC 5321 5.1, RFC 7505), by DNS or by what the settings name instead
//! (ML-1.17).

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::net::NetError;
use hickory_resolver::proto::rr::RData;
use rand::seq::SliceRandom;
use tokio::time::timeout;

use super::Reply;
use super::envelope::wire_domain;
use crate::config::MxSettings;
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
    dns: Option<TokioResolver>,
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
    /// Uses the name servers of the system, if it names any.
    pub fn new(settings: &MxSettings) -> Self {
        let dns = TokioResolver::builder_tokio().and_then(|builder| builder.build());
        if let Err(error) = &dns {
            tracing::warn!(
                error = error as &dyn std::error::Error,
                "the system names no name servers: no domain is found"
            );
        }
        let routes = settings.routes.iter().map(|(name, hosts)| (name.to_ascii_lowercase(), hosts.clone())).collect();
        Self { dns: dns.ok(), routes, port: settings.port }
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

    /// The MX records: preference and host, in lower case and without its last dot. Empty when the domain has none.
    async fn mx(&self, domain: &str) -> Result<Vec<(u16, String)>, Reply> {
        let dns = self.dns.as_ref().ok_or_else(|| later("no name servers".to_owned()))?;
        match timeout(PATIENCE, dns.mx_lookup(format!("{domain}."))).await {
            Ok(Ok(lookup)) => Ok(lookup
                .answers()
                .iter()
                .filter_map(|record| match &record.data {
                    RData::MX(mx) => {
                        let name = mx.exchange.to_ascii().trim_end_matches('.').to_ascii_lowercase();
                        Some((mx.preference, name))
                    }
                    _ => None,
                })
                .collect()),
            Ok(Err(error)) if error.is_nx_domain() => Err(no_domain(domain)),
            Ok(Err(error)) if error.is_no_records_found() => Ok(Vec::new()),
            Ok(Err(error)) => Err(later(error.to_string())),
            Err(_) => Err(later("no answer".to_owned())),
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
        let dns = self.dns.as_ref().ok_or_else(|| later("no name servers".to_owned()))?;
        let found = match timeout(PATIENCE, dns.lookup_ip(format!("{}.", host.name))).await {
            Ok(Ok(found)) => found.iter().collect::<Vec<IpAddr>>(),
            Ok(Err(error)) if is_absent(&error) && host.is_domain => return Err(no_domain(&host.name)),
            Ok(Err(error)) => return Err(later(error.to_string())),
            Err(_) => return Err(later("no answer".to_owned())),
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

fn is_absent(error: &NetError) -> bool {
    error.is_nx_domain() || error.is_no_records_found()
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
    use std::net::Ipv4Addr;

    use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
    use hickory_resolver::net::runtime::TokioRuntimeProvider;
    use hickory_resolver::proto::op::{Message, ResponseCode};
    use hickory_resolver::proto::rr::rdata::MX;
    use hickory_resolver::proto::rr::{Name, Record, RecordType};

    use super::*;

    #[tokio::test]
    async fn settings_stand_in_for_dns() {
        let servers = |list: &[&str]| list.iter().map(|server| (*server).to_owned()).collect::<Vec<_>>();
        let routes = BTreeMap::from([
            ("Example.com".to_owned(), servers(&["127.0.0.1:2525", "[::1]:26"])),
            ("*".to_owned(), servers(&["localhost:2626"])),
        ]);
        let resolver = Resolver::new(&MxSettings { routes, ..MxSettings::default() });
        let hosts = resolver.hosts("EXAMPLE.com").await.expect("hosts");
        assert_eq!(
            hosts.iter().map(|host| (host.name.as_str(), host.port)).collect::<Vec<_>>(),
            [("127.0.0.1", 2525), ("::1", 26)]
        );
        assert_eq!(resolver.addresses(&hosts[0]).await.expect("address"), ["127.0.0.1:2525".parse().expect("address")]);
        assert_eq!(resolver.hosts("other.example").await.expect("hosts")[0].port, 2626);
        assert_eq!(resolver.hosts("exa mple").await.expect_err("no domain").code, 550);
    }

    /// A name server on loopback that knows three domains.
    async fn with_name_server() -> Resolver {
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("socket");
        let mut udp = ConnectionConfig::udp();
        udp.port = socket.local_addr().expect("address").port();
        let mut server = NameServerConfig::udp(Ipv4Addr::LOCALHOST.into());
        server.connections = vec![udp];
        tokio::spawn(async move {
            let mut bytes = [0; 512];
            while let Ok((n, from)) = socket.recv_from(&mut bytes).await {
                let answer = answer(&Message::from_vec(&bytes[..n]).expect("query"));
                socket.send_to(&answer.to_vec().expect("answer"), from).await.expect("sent");
            }
        });
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        let dns =
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build().expect("resolver");
        Resolver { dns: Some(dns), routes: BTreeMap::new(), port: 25 }
    }

    fn answer(query: &Message) -> Message {
        let asked = query.queries[0].clone();
        let name = asked.name().to_ascii();
        let mx = |preference, host: &str| RData::MX(MX::new(preference, Name::from_ascii(host).expect("name")));
        let a = |ip: [u8; 4]| RData::A(Ipv4Addr::from(ip).into());
        let records = match (name.as_str(), asked.query_type()) {
            ("two.example.", RecordType::MX) => vec![mx(20, "b.two.example."), mx(10, "A.two.example.")],
            ("null.example.", RecordType::MX) => vec![mx(0, ".")],
            ("b.two.example.", RecordType::A) => vec![a([8, 8, 8, 8])],
            ("A.two.example." | "a.two.example.", RecordType::A) => vec![a([127, 0, 0, 1]), a([10, 0, 0, 1])],
            _ => Vec::new(),
        };
        let mut message = Message::response(query.metadata.id, query.metadata.op_code);
        if name == "gone.example." {
            message.metadata.response_code = ResponseCode::NXDomain;
        }
        for data in records {
            message.add_answer(Record::from_rdata(asked.name().clone(), 60, data));
        }
        message.add_query(asked);
        message
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
        let resolver = Resolver::new(&MxSettings::default());
        assert_eq!(resolver.hosts("[127.0.0.1]").await.expect_err("refused").enhanced, Some((5, 1, 2)));
    }
}
