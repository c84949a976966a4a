//! HTTP calls to addresses that customers name, guarded so that a customer cannot reach the operator's other machines.
//!
//! A name is resolved by the guard, and the connection goes to the very addresses that were checked: a second answer of the name server
//! changes nothing. Redirects are not followed; the call ends with their status.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Response, redirect};
use url::{Host, Url, form_urlencoded};

use crate::config::OutgoingSettings;

/// Of an answer's body this much is read, in bytes, so that the other side can end its work; then it is dropped.
const READ_BYTES: usize = 64 * 1024;

/// Why a call did not get an answer.
#[derive(Debug, thiserror::Error)]
pub enum OutgoingError {
    /// Not a usable `http` or `https` address.
    #[error("{0:?} is no http or https address")]
    BadUrl(String),
    /// The address is, or resolves only to, a loopback, private or otherwise special one.
    #[error("host {0:?} is not a public address")]
    NotPublic(String),
    /// No answer in time, no connection, no such name, TLS failure.
    #[error("the call got no answer")]
    NoAnswer(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The client itself could not be made.
    #[error("cannot set up outgoing calls")]
    Setup(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Makes guarded calls. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    allow_private: bool,
}

impl Client {
    /// Sets up calls as the settings say.
    ///
    /// # Errors
    /// [`OutgoingError::Setup`].
    pub fn new(settings: &OutgoingSettings) -> Result<Self, OutgoingError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls()?)
            .dns_resolver(Arc::new(Guard { allow_private: settings.allow_private }))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .user_agent(concat!("Understudy/", env!("CARGO_PKG_VERSION")))
            .timeout(Duration::from_secs(settings.timeout_seconds.max(1)))
            .pool_max_idle_per_host(2)
            .build()
            .map_err(|error| OutgoingError::Setup(error.into()))?;
        Ok(Self { http, allow_private: settings.allow_private })
    }

    /// Posts an urlencoded form and answers the HTTP status, whatever it is. The body of the answer is read to 64 KiB and dropped.
    ///
    /// # Errors
    /// [`OutgoingError`].
    pub async fn post_form(&self, url: &str, fields: &[(&str, &str)]) -> Result<u16, OutgoingError> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.post(url, "application/x-www-form-urlencoded; charset=utf-8", &[], body.into_bytes()).await
    }

    /// Posts a body of this type with further headers and answers as [`Client::post_form`] does.
    ///
    /// # Errors
    /// [`OutgoingError`].
    pub async fn post(
        &self,
        url: &str,
        content_type: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<u16, OutgoingError> {
        let url = check_url(url, self.allow_private)?;
        let mut request = self.http.post(url).header(reqwest::header::CONTENT_TYPE, content_type).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.map_err(no_answer)?;
        let status = response.status().as_u16();
        drain(response).await;
        Ok(status)
    }

    /// Fetches an address and answers status and body, of which `max_bytes` are read at most.
    ///
    /// # Errors
    /// [`OutgoingError`].
    pub async fn get(&self, url: &str, max_bytes: usize) -> Result<(u16, Vec<u8>), OutgoingError> {
        let url = check_url(url, self.allow_private)?;
        let mut response = self.http.get(url).send().await.map_err(no_answer)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
            body.extend_from_slice(&chunk[..chunk.len().min(max_bytes - body.len())]);
            if body.len() == max_bytes {
                break;
            }
        }
        Ok((response.status().as_u16(), body))
    }
}

/// Whether a text can be called at all: `http` or `https` with a host, and no special address written out as its host.
///
/// # Errors
/// [`OutgoingError::BadUrl`] or [`OutgoingError::NotPublic`].
pub fn check_url(text: &str, allow_private: bool) -> Result<Url, OutgoingError> {
    let bad = || OutgoingError::BadUrl(text.to_owned());
    let url = Url::parse(text.trim()).map_err(|_| bad())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad());
    }
    // A host written as a number never passes the resolver, so it is checked here.
    let special = match url.host() {
        None => return Err(bad()),
        Some(Host::Ipv4(ip)) => !is_public(ip.into()),
        Some(Host::Ipv6(ip)) => !is_public(ip.into()),
        Some(Host::Domain(_)) => false,
    };
    if special && !allow_private {
        return Err(OutgoingError::NotPublic(url.host_str().unwrap_or_default().to_owned()));
    }
    Ok(url)
}

/// Whether an address is anybody's on the internet: not loopback, private, link-local, shared, multicast, reserved or for documentation,
/// also when an IPv4 address is wrapped in an IPv6 one (RFC 6890, RFC 4291 2.5.5, RFC 6052, RFC 3056).
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(inner) = ip.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let v4 = |high: u16, low: u16| {
        let ([w, x], [y, z]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(w, x, y, z)
    };
    match (a, b) {
        // NAT64 and 6to4 carry an IPv4 address that the packet ends at.
        (0x64, 0xff9b) => [c, d, e, f] == [0; 4] && is_public_v4(v4(g, h)),
        (0x2002, high) => is_public_v4(v4(high, c)),
        // Teredo and the rest of 2001::/23, and documentation.
        (0x2001, low) => low >= 0x200 && low != 0xdb8,
        // Only 2000::/3 is handed out.
        _ => (0x2000..0x4000).contains(&a) && a != 0x3fff,
    }
}

/// Resolves names and keeps only the addresses that may be called.
struct Guard {
    allow_private: bool,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(addresses(name.as_str().to_owned(), self.allow_private))
    }
}

type Found = Result<Addrs, Box<dyn std::error::Error + Send + Sync>>;

async fn addresses(host: String, allow_private: bool) -> Found {
    let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
    let usable: Vec<SocketAddr> = found.filter(|address| allow_private || is_public(address.ip())).collect();
    if usable.is_empty() {
        return Err(Box::new(OutgoingError::NotPublic(host)));
    }
    Ok(Box::new(usable.into_iter()))
}

/// TLS with ring and the roots that come with the program, so that nothing has to be installed beside it.
///
/// # Errors
/// [`OutgoingError::Setup`].
pub fn tls() -> Result<rustls::ClientConfig, OutgoingError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| OutgoingError::Setup(error.into()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

/// Reads what is left of an answer, within bounds. What goes wrong here changes nothing: the status is known.
async fn drain(mut response: Response) {
    let mut n_bytes = 0;
    while n_bytes < READ_BYTES {
        match response.chunk().await {
            Ok(Some(chunk)) => n_bytes += chunk.len(),
            Ok(None) | Err(_) => break,
        }
    }
}

/// A guarded name comes back wrapped by the HTTP client; it is told apart again.
fn no_answer(error: reqwest::Error) -> OutgoingError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(OutgoingError::NotPublic(host)) = inner.downcast_ref::<OutgoingError>() {
            return OutgoingError::NotPublic(host.clone());
        }
        cause = inner.source();
    }
    OutgoingError::NoAnswer(error.without_url().into())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        let cases = [
            ("8.8.8.8", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.31.0.1", false),
            ("192.168.0.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("0.0.0.0", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("198.18.0.1", false),
            ("2606:4700::1111", true),
            ("::1", false),
            ("::", false),
            ("fe80::1", false),
            ("fd00::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:8.8.8.8", true),
            ("64:ff9b::a00:1", false),
            ("2002:7f00:1::", false),
            ("2001:db8::1", false),
            ("ff02::1", false),
        ];
        for (text, public) in cases {
            assert_eq!(is_public(text.parse().expect("address")), public, "{text}");
        }
    }

    #[test]
    fn a_url_must_be_http_and_name_no_special_address() {
        assert!(check_url("https://example.com/hook?x=1", false).is_ok());
        for bad in ["ftp://example.com/", "example.com", "", "http://", "file:///etc/passwd"] {
            assert!(matches!(check_url(bad, false), Err(OutgoingError::BadUrl(_))), "{bad}");
        }
        // Numbers in every spelling that URLs allow.
        for private in
            ["http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://[::1]:80/", "http://127.1/"]
        {
            assert!(matches!(check_url(private, false), Err(OutgoingError::NotPublic(_))), "{private}");
            assert!(check_url(private, true).is_ok(), "{private}");
        }
    }

    #[tokio::test]
    async fn a_name_of_a_private_address_is_refused_after_resolving() {
        let client = Client::new(&OutgoingSettings::default()).expect("client");
        let refused = client.post_form("http://localhost:1/", &[]).await;
        assert!(matches!(refused, Err(OutgoingError::NotPublic(_))), "{refused:?}");
    }

    #[tokio::test]
    async fn a_form_is_posted_and_a_redirect_is_not_followed() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
        let port = listener.local_addr().expect("address").port();
        let seen = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.expect("caller");
            let mut request = String::new();
            let mut buffer = [0; 4096];
            while !request.ends_with("a=1+%26&b=%C3%A9") {
                let n = socket.read(&mut buffer).await.expect("request");
                assert_ne!(n, 0, "{request}");
                request.push_str(&String::from_utf8_lossy(&buffer[..n]));
            }
            let answer = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
            socket.write_all(answer.as_bytes()).await.expect("answer");
            request
        });
        let settings = OutgoingSettings { allow_private: true, ..OutgoingSettings::default() };
        let client = Client::new(&settings).expect("client");
        let status = client.post_form(&format!("http://localhost:{port}/hook"), &[("a", "1 &"), ("b", "é")]).await;
        assert_eq!(status.expect("answer"), 302);
        assert!(seen.await.expect("server").starts_with("POST /hook HTTP/1.1\r\n"));
    }
}
