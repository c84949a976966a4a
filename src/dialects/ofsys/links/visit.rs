//! A visit to the page of a link: how to reach the domain, and whether the visit itself acts.

use actix_web::HttpRequest;
use actix_web::http::Method;

use crate::dialects::kit::caller::{self, trusted_proxies};
use crate::domain::core::Core;
use crate::domain::cx::Origin;
use crate::domain::door::Door;
use crate::model::states::Source;

/// One request to the page of a link.
pub(super) struct Visit {
    /// The way to the domain.
    pub domain: Door,
    method: Method,
}

impl Visit {
    /// Takes a request.
    pub fn new(core: &Core, request: &HttpRequest, channel: &'static str) -> Self {
        let caller = caller::of_request(request, &trusted_proxies(core.settings()));
        let origin = Origin { ip: caller.ip, user_agent: caller.user_agent, channel, source: Source::Form };
        Self { domain: Door::new(core, origin), method: request.method().clone() }
    }

    /// Whether this request does what the link says: the button, or with `ofsys.links = "visit"` a visit.
    pub fn acts(&self) -> bool {
        self.method == Method::POST || (self.method == Method::GET && self.domain.settings().ofsys.links == "visit")
    }

    /// The secret behind signed links.
    pub fn link_secret(&self) -> &str {
        &self.domain.settings().security.link_secret
    }
}
