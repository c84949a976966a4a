//! A visit to a public page: what was sent, how to reach the domain, and what a refusal is.

use std::sync::Arc;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, web};

use crate::dialects::kit::form;
use crate::dialects::oempro::front::{Front, origin_of};
use crate::dialects::oempro::params::Params;
use crate::domain::core::Unavailable;
use crate::domain::cx::{Ctx, Origin};
use crate::model::states::Source;

/// A larger body than this is no form that a person filled.
pub(super) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The body, as far as it could be read.
pub(super) type Body = Result<web::Bytes, actix_web::Error>;

/// One request to a public page.
pub(super) struct Visit {
    front: Front,
    origin: Arc<Origin>,
    /// What was sent, query and body together.
    pub params: Params,
    /// Whether it is a POST.
    pub is_post: bool,
    /// Whether it is a GET, and not a HEAD.
    pub is_get: bool,
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

/// The request cannot be read as a form.
#[derive(Debug)]
pub(super) struct Illegible;

impl Visit {
    /// Reads a request.
    pub fn read(front: &Front, request: &HttpRequest, body: Body, channel: &'static str) -> Result<Self, Illegible> {
        let body = body.map_err(|_| Illegible)?;
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let query = request.query_string().as_bytes();
        let form = form::read(!body.is_empty(), content_type, query, &body, &front.limits).map_err(|_| Illegible)?;
        Ok(Self {
            front: front.clone(),
            origin: Arc::new(origin_of(request, &front.trusted_proxies, channel, Source::Form)),
            params: Params::new(form.variables),
            is_post: request.method() == Method::POST,
            is_get: request.method() == Method::GET,
        })
    }

    /// The visitor's address.
    pub fn ip(&self) -> &str {
        &self.origin.ip
    }

    /// The secret behind signed links.
    pub fn link_secret(&self) -> &str {
        &self.front.core.settings().security.link_secret
    }

    /// Asks the domain.
    pub async fn ask<T, E, F>(&self, f: F) -> Result<T, Refused<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&mut Ctx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.front.core.read(Arc::clone(&self.origin), move |cx| f(cx).map_err(Refused::Domain)).await
    }

    /// Has the domain do something; a refusal undoes all of it.
    pub async fn act<T, E, F>(&self, f: F) -> Result<T, Refused<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&mut Ctx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.front.core.write(Arc::clone(&self.origin), move |cx| f(cx).map_err(Refused::Domain)).await
    }
}
