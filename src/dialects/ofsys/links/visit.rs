//! A visit to the page of a link: how to reach the domain, and whether the visit itself acts.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::Method;

use crate::dialects::kit::caller::{self, trusted_proxies};
use crate::domain::core::{Core, Unavailable};
use crate::domain::cx::{Ctx, Origin};
use crate::model::states::Source;

/// One request to the page of a link.
pub(super) struct Visit {
    core: Core,
    origin: Arc<Origin>,
    method: Method,
}

/// The domain said no, or could not be asked.
pub(super) enum Refused<E> {
    /// What the domain said.
    Domain(E),
    /// The store failed.
    Unavailable(Unavailable),
}

impl<E> From<Unavailable> for Refused<E> {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error)
    }
}

impl Visit {
    /// Takes a request.
    pub fn new(core: &Core, request: &HttpRequest, channel: &'static str) -> Self {
        let caller = caller::of_request(request, &trusted_proxies(core.settings()));
        let origin = Origin { ip: caller.ip, user_agent: caller.user_agent, channel, source: Source::Form };
        Self { core: core.clone(), origin: Arc::new(origin), method: request.method().clone() }
    }

    /// Whether this request does what the link says: the button, or with `ofsys.links = "visit"` a visit.
    pub fn acts(&self) -> bool {
        self.method == Method::POST || (self.method == Method::GET && self.core.settings().ofsys.links == "visit")
    }

    /// The secret behind signed links.
    pub fn link_secret(&self) -> &str {
        &self.core.settings().security.link_secret
    }

    /// Asks the domain.
    pub async fn ask<T, E, F>(&self, f: F) -> Result<T, Refused<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&mut Ctx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.core.read(Arc::clone(&self.origin), move |cx| f(cx).map_err(Refused::Domain)).await
    }

    /// Has the domain do something; a refusal undoes all of it.
    pub async fn act<T, E, F>(&self, f: F) -> Result<T, Refused<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&mut Ctx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.core.write(Arc::clone(&self.origin), move |cx| f(cx).map_err(Refused::Domain)).await
    }
}
