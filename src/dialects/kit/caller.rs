//! Who calls, as HTTP tells it: the client's address behind trusted proxies, and its program.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::config::Settings;

/// A client.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Its address; empty when the connection has none.
    pub ip: String,
    /// Its `User-Agent`, cut to 255 characters.
    pub user_agent: String,
}

/// The proxies whose `X-Forwarded-For` is believed, of the settings.
#[must_use]
pub fn trusted_proxies(settings: &Settings) -> Vec<IpAddr> {
    settings.server.trusted_proxies.iter().filter_map(|address| address.parse().ok()).collect()
}

/// The client of a request. `X-Forwarded-For` is believed from trusted proxies only, from its right end on.
#[must_use]
pub fn of_request(request: &HttpRequest, trusted: &[IpAddr]) -> Caller {
    let peer = request.peer_addr().map(|address| address.ip());
    let mut ip = peer;
    if peer.is_some_and(|peer| trusted.contains(&peer)) {
        let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
        let hops: Vec<IpAddr> =
            forwarded.flat_map(|text| text.split(',')).filter_map(|hop| hop.trim().parse().ok()).collect();
        ip = hops.iter().rev().find(|hop| !trusted.contains(hop)).copied().or(peer);
    }
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Caller { ip: ip.map(|ip| ip.to_string()).unwrap_or_default(), user_agent: agent.chars().take(255).collect() }
}
