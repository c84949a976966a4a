//! The WSDL as it is served (SO-5).

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header;
use sha2::{Digest, Sha256};

use super::contract::Contract;

/// What a query asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// No WSDL.
    Nothing,
    /// One of the contract's texts.
    Text(usize),
    /// A text that there is not.
    Unknown,
}

/// Reads a query such as `wsdl`, `WSDL=doc`, `x=1&wsdl=12`.
pub fn asked(query: &str) -> Asked {
    let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let Some((_, value)) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("wsdl")) else { return Asked::Nothing };
    match value.to_ascii_lowercase().as_str() {
        "" => Asked::Text(0),
        "doc" => Asked::Text(1),
        "safe" => Asked::Text(2),
        "12" => Asked::Text(3),
        _ => Asked::Unknown,
    }
}

/// A text with its address, and its tag.
pub fn text(contract: &Contract, which: usize, address: &str) -> (String, String) {
    let mut escaped = String::with_capacity(address.len());
    super::encode::push_text(&mut escaped, address);
    let text = contract.wsdl.get(which).copied().unwrap_or_default().join(escaped.as_str());
    let digest: String = Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    (text, format!("\"{digest}\""))
}

/// The absolute address of the endpoint: the configured one, else the one it was asked by. What a proxy says is believed of listed proxies only.
pub fn address(request: &HttpRequest, public_url: &str, trusted: &[IpAddr]) -> String {
    let path = request.path();
    if !public_url.is_empty() {
        return format!("{}{path}", public_url.trim_end_matches('/'));
    }
    let field = |name: &str| {
        let value = request.headers().get(name).and_then(|value| value.to_str().ok())?;
        value.split(',').next().map(str::trim).filter(|value| is_plain(value)).map(str::to_owned)
    };
    let is_trusted = request.peer_addr().is_some_and(|peer| trusted.contains(&peer.ip()));
    let forwarded = |name: &str| if is_trusted { field(name) } else { None };
    let scheme = forwarded("x-forwarded-proto").filter(|scheme| matches!(scheme.as_str(), "http" | "https"));
    let host = forwarded("x-forwarded-host").or_else(|| field(header::HOST.as_str()));
    let host = host.unwrap_or_else(|| request.app_config().local_addr().to_string());
    format!("{}://{host}{path}", scheme.as_deref().unwrap_or("http"))
}

/// A host with or without a port, and nothing that breaks out of an address.
fn is_plain(host: &str) -> bool {
    !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']' | b'_'))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn queries_ask_in_any_case() {
        let cases = [
            ("wsdl", Asked::Text(0)),
            ("WSDL", Asked::Text(0)),
            ("wSdl=", Asked::Text(0)),
            ("singleWsdl", Asked::Nothing),
            ("x=1&Wsdl=DOC", Asked::Text(1)),
            ("wsdl=safe", Asked::Text(2)),
            ("wsdl=12", Asked::Text(3)),
            ("wsdl=x", Asked::Unknown),
            ("", Asked::Nothing),
        ];
        for (query, want) in cases {
            assert_eq!(asked(query), want, "{query}");
        }
    }

    #[test]
    fn the_address_is_the_configured_one_or_that_of_the_request() {
        let peer: std::net::SocketAddr = "192.0.2.1:9".parse().unwrap();
        let request = TestRequest::with_uri("/soap?wsdl")
            .insert_header(("Host", "a.example:81"))
            .insert_header(("X-Forwarded-Proto", "https"))
            .insert_header(("X-Forwarded-Host", "b.example"))
            .peer_addr(peer)
            .to_http_request();
        assert_eq!(address(&request, "https://c.example/", &[]), "https://c.example/soap");
        assert_eq!(address(&request, "", &[]), "http://a.example:81/soap");
        assert_eq!(address(&request, "", &[peer.ip()]), "https://b.example/soap");
        let bad = TestRequest::with_uri("/soap").insert_header(("Host", "a\"<b")).to_http_request();
        assert!(!address(&bad, "", &[]).contains('"'));
    }
}
