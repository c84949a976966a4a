//! A visit to the page of a link in a mail: what came, and how to reach the domain.

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::dialects::kit::caller::{self, trusted_proxies};
use crate::dialects::kit::form::{self, Array, Limits};
use crate::dialects::kit::page;
use crate::dialects::public::MAX_BODY_BYTES;
use crate::domain::core::Core;
use crate::domain::cx::Origin;
use crate::domain::door::{Door, Refused};
use crate::domain::preferences;
use crate::domain::tracking::tokens::Signer;
use crate::model::states::Source;

/// The body, as far as it could be read.
pub(super) type Body = Result<web::Bytes, actix_web::Error>;

/// One request to the page of a link.
pub(super) struct Visit {
    /// The way to the domain.
    pub domain: Door,
    /// How it came; no other methods than these get this far.
    pub method: Kind,
    /// The last part of the path.
    pub token: String,
    /// What was sent.
    pub form: Array,
}

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Get,
    Head,
    Post,
}

/// The page for a failure that the visitor can do nothing about.
pub(super) fn failed<E: std::error::Error + 'static>(refused: &Refused<E>) -> HttpResponse {
    match refused {
        Refused::Domain(error) => page::failed(error),
        Refused::Unavailable(error) => page::failed(error),
    }
}

/// A request that no page is asked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// Another method than GET, HEAD and POST.
    Method,
    /// A body that is no form.
    Body,
}

impl Unread {
    /// What it is answered.
    pub fn page(self) -> HttpResponse {
        match self {
            Self::Method => HttpResponse::MethodNotAllowed().insert_header(("Allow", "GET, HEAD, POST")).finish(),
            Self::Body => page::illegible(),
        }
    }
}

impl Visit {
    /// Takes a request.
    pub fn read(core: &Core, request: &HttpRequest, body: Body, channel: &'static str) -> Result<Self, Unread> {
        let method = match *request.method() {
            Method::GET => Kind::Get,
            Method::HEAD => Kind::Head,
            Method::POST => Kind::Post,
            _ => return Err(Unread::Method),
        };
        let body = body.map_err(|_| Unread::Body)?;
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let limits = Limits { body_bytes: MAX_BODY_BYTES, variables: 500, ..Limits::default() };
        let form = form::read(method == Kind::Post, content_type, &[], &body, &limits).map_err(|_| Unread::Body)?;
        let caller = caller::of_request(request, &trusted_proxies(core.settings()));
        let origin = Origin { ip: caller.ip, user_agent: caller.user_agent, channel, source: Source::Form };
        let token = request.match_info().get("token").unwrap_or_default().to_owned();
        Ok(Self { domain: Door::new(core, origin), method, token, form: form.variables })
    }

    /// What reads tokens.
    pub fn signer(&self) -> Signer {
        Signer::new(self.link_secret())
    }

    /// The secret behind signed links.
    pub fn link_secret(&self) -> &str {
        &self.domain.settings().security.link_secret
    }

    /// The address of another page of ours.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.domain.settings().public_url())
    }

    /// Answers a visit whose link names nobody: shows where to ask for links that do, or has them mailed.
    pub async fn lost(&self) -> HttpResponse {
        let address = self.form.text("address").unwrap_or_default().to_owned();
        if self.method != Kind::Post || address.is_empty() {
            return page::lost_link();
        }
        match self.domain.act(move |cx| preferences::request_links(cx, &address)).await {
            Ok(()) => page::links_sent(),
            Err(refused) => failed(&refused),
        }
    }
}
