//! Who calls, as HTTP tells it: the client's address behind trusted proxies, and its program.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::config::Settings;
use crate::domain::cx::Origin;
use crate::model::states::Source;

/// The proxies whose `X-Forwarded-For` is believed, of the settings.
#[must_use]
pub fn trusted_proxies(settings: &Settings) -> Vec<IpAddr> {
    settings.server.trusted_proxies.iter().filter_map(|address| address.parse().ok()).collect()
}

/// The client's address and program. `X-Forwarded-For` is believed from trusted proxies only, from its right end on.
#[must_use]
pub fn origin_of(request: &HttpRequest, trusted: &[IpAddr], channel: &'static str, source: Source) -> Origin {
    let peer = request.peer_addr().map(|address| address.ip());
    let mut ip = peer;
    if peer.is_some_and(|peer| trusted.contains(&peer)) {
        let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
        let hops: Vec<IpAddr> =
            forwarded.flat_map(|text| text.split(',')).filter_map(|hop| hop.trim().parse().ok()).collect();
        ip = hops.iter().rev().find(|hop| !trusted.contains(hop)).copied().or(peer);
    }
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Origin {
        ip: ip.map(|ip| ip.to_string()).unwrap_or_default(),
        user_agent: agent.chars().take(255).collect(),
        channel,
        source,
    }
}
