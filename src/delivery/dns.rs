//! Questions to name servers: where mail goes, and what receivers see of our own domains.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfig, ResolverConfig};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use tokio::time::timeout;

/// Name servers, and how long they may take. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Dns {
    resolver: Option<TokioResolver>,
    patience: Duration,
}

/// Why a question brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// There is no such name.
    #[error("does not exist")]
    NoDomain,
    /// The name has no record of this kind.
    #[error("has no such record")]
    NoRecords,
    /// Nobody knows for now.
    #[error("DNS does not answer: {0}")]
    Failed(String),
}

impl Dns {
    /// Asks these servers (`ADDRESS:PORT`), or those of the system when there are none. An answer is there within `patience`.
    #[must_use]
    pub fn new(servers: &[String], patience: Duration) -> Self {
        let addresses: Vec<SocketAddr> = servers.iter().filter_map(|server| server.parse().ok()).collect();
        let built = if addresses.is_empty() {
            TokioResolver::builder_tokio().and_then(|builder| builder.build())
        } else {
            let servers = addresses.into_iter().map(server_at).collect();
            let config = ResolverConfig::from_parts(None, Vec::new(), servers);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build()
        };
        Self { resolver: built.ok(), patience }
    }

    /// Whether there is anybody to ask.
    #[must_use]
    pub fn has_servers(&self) -> bool {
        self.resolver.is_some()
    }

    /// The MX records of a domain: preference and host, in lower case and without its last dot; an empty host is the null MX (RFC 7505).
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn mx(&self, domain: &str) -> Result<Vec<(u16, String)>, NoAnswer> {
        let resolver = self.resolver()?;
        let found = self.records(resolver.mx_lookup(absolute(domain)), |data| match data {
            RData::MX(mx) => Some((mx.preference, plain(&mx.exchange.to_ascii()))),
            _ => None,
        });
        found.await
    }

    /// The addresses of a host.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, NoAnswer> {
        let found = self.in_time(self.resolver()?.lookup_ip(absolute(host))).await?;
        Ok(found.iter().collect())
    }

    /// The TXT records of a name, the texts of each joined without anything between (RFC 7208 3.3, RFC 6376 3.6.2.2).
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn txt(&self, name: &str) -> Result<Vec<String>, NoAnswer> {
        let resolver = self.resolver()?;
        let found = self.records(resolver.txt_lookup(absolute(name)), |data| match data {
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        });
        found.await
    }

    /// The names that an address resolves back to, in lower case and without their last dots.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn names_of(&self, address: IpAddr) -> Result<Vec<String>, NoAnswer> {
        let found = self.records(self.resolver()?.reverse_lookup(address), |data| match data {
            RData::PTR(name) => Some(plain(&name.0.to_ascii())),
            _ => None,
        });
        found.await
    }

    fn resolver(&self) -> Result<&TokioResolver, NoAnswer> {
        self.resolver.as_ref().ok_or_else(|| NoAnswer::Failed("no name servers".to_owned()))
    }

    async fn records<T>(
        &self,
        question: impl Future<Output = Result<Lookup, NetError>>,
        pick: impl Fn(&RData) -> Option<T>,
    ) -> Result<Vec<T>, NoAnswer> {
        let found: Vec<T> =
            self.in_time(question).await?.answers().iter().filter_map(|record| pick(&record.data)).collect();
        if found.is_empty() { Err(NoAnswer::NoRecords) } else { Ok(found) }
    }

    async fn in_time<T>(&self, question: impl Future<Output = Result<T, NetError>>) -> Result<T, NoAnswer> {
        match timeout(self.patience, question).await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(error)) if error.is_nx_domain() => Err(NoAnswer::NoDomain),
            Ok(Err(error)) if error.is_no_records_found() => Err(NoAnswer::NoRecords),
            Ok(Err(error)) => Err(NoAnswer::Failed(error.to_string())),
            Err(_) => Err(NoAnswer::Failed(format!("nothing within {} s", self.patience.as_secs()))),
        }
    }
}

/// By UDP, and by TCP what is too long for it.
fn server_at(address: SocketAddr) -> NameServerConfig {
    let mut server = NameServerConfig::udp_and_tcp(address.ip());
    for connection in &mut server.connections {
        connection.port = address.port();
    }
    server
}

/// No search list of the system is tried on top of it.
fn absolute(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.'))
}

fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// A name server for tests.
#[cfg(test)]
pub mod sample {
    use std::net::{Ipv4Addr, SocketAddr};

    use hickory_resolver::proto::op::{Message, ResponseCode};
    use hickory_resolver::proto::rr::rdata::{MX, PTR, TXT};
    use hickory_resolver::proto::rr::{Name, RData, Record};

    /// Starts a name server on loopback that knows these records and no other names.
    pub(crate) async fn name_server(zone: Vec<(&'static str, RData)>) -> SocketAddr {
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("socket");
        let address = socket.local_addr().expect("address");
        tokio::spawn(async move {
            let mut bytes = [0; 512];
            while let Ok((n, from)) = socket.recv_from(&mut bytes).await {
                let answer = answer(&Message::from_vec(&bytes[..n]).expect("query"), &zone);
                socket.send_to(&answer.to_vec().expect("answer"), from).await.expect("sent");
            }
        });
        address
    }

    fn answer(query: &Message, zone: &[(&str, RData)]) -> Message {
        let asked = query.queries[0].clone();
        let name = asked.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
        let mut message = Message::response(query.metadata.id, query.metadata.op_code);
        let known = |other: &str| other == name || other.ends_with(&format!(".{name}"));
        if !zone.iter().any(|(other, _)| known(other)) {
            message.metadata.response_code = ResponseCode::NXDomain;
        }
        for (_, data) in zone.iter().filter(|(other, data)| *other == name && data.record_type() == asked.query_type())
        {
            message.add_answer(Record::from_rdata(asked.name().clone(), 60, data.clone()));
        }
        message.add_query(asked);
        message
    }

    fn name(text: &str) -> Name {
        Name::from_ascii(text).expect("name")
    }

    pub(crate) fn mx(preference: u16, host: &str) -> RData {
        RData::MX(MX::new(preference, name(&format!("{}.", host.trim_end_matches('.')))))
    }

    pub(crate) fn a(ip: [u8; 4]) -> RData {
        RData::A(Ipv4Addr::from(ip).into())
    }

    pub(crate) fn ptr(host: &str) -> RData {
        RData::PTR(PTR(name(&format!("{host}."))))
    }

    pub(crate) fn txt(texts: &[&str]) -> RData {
        RData::TXT(TXT::new(texts.iter().map(|text| (*text).to_owned()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::sample::{a, name_server, ptr, txt};
    use super::*;

    #[tokio::test]
    async fn texts_are_joined_and_what_is_not_there_is_told_from_what_is_not_known() {
        let server = name_server(vec![
            ("k._domainkey.example.org", txt(&["v=DKIM1; p=AB", "CD"])),
            ("example.org", a([192, 0, 2, 1])),
            ("1.2.0.192.in-addr.arpa", ptr("Mail.example.org")),
        ]);
        let dns = Dns::new(&[server.await.to_string()], Duration::from_secs(5));
        assert_eq!(dns.txt("k._domainkey.example.org").await, Ok(vec!["v=DKIM1; p=ABCD".to_owned()]));
        assert_eq!(dns.txt("example.org").await, Err(NoAnswer::NoRecords));
        assert_eq!(dns.txt("example.net").await, Err(NoAnswer::NoDomain));
        let address: IpAddr = [192, 0, 2, 1].into();
        assert_eq!(dns.addresses("example.org").await, Ok(vec![address]));
        assert_eq!(dns.names_of(address).await, Ok(vec!["mail.example.org".to_owned()]));
        let silent = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("socket");
        let nobody = Dns::new(&[silent.local_addr().expect("address").to_string()], Duration::from_millis(200));
        assert!(matches!(nobody.txt("example.org").await, Err(NoAnswer::Failed(_))));
    }
}
