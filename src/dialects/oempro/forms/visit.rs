//! A visit to a public page: what was sent, how to reach the domain, and what a refusal is.

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, web};

use crate::dialects::kit::form;
use crate::dialects::oempro::front::{Front, origin_of};
use crate::dialects::oempro::params::Params;
use crate::domain::door::Door;
use crate::model::states::Source;

/// A larger body than this is no form that a person filled.
pub(super) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The body, as far as it could be read.
pub(super) type Body = Result<web::Bytes, actix_web::Error>;

/// One request to a public page.
pub(super) struct Visit {
    /// The way to the domain.
    pub domain: Door,
    /// What was sent, query and body together.
    pub params: Params,
    /// Whether it is a POST.
    pub is_post: bool,
    /// Whether it is a GET, and not a HEAD.
    pub is_get: bool,
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
            domain: Door::new(&front.core, origin_of(request, &front.trusted_proxies, channel, Source::Form)),
            params: Params::new(form.variables),
            is_post: request.method() == Method::POST,
            is_get: request.method() == Method::GET,
        })
    }

    /// The visitor's address.
    pub fn ip(&self) -> &str {
        &self.domain.origin().ip
    }

    /// The secret behind signed links.
    pub fn link_secret(&self) -> &str {
        &self.domain.settings().security.link_secret
    }
}
