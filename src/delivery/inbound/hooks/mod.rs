//! Calls of providers that tell what became of mail: `POST /hooks/<provider>/<secret>`, signed in each provider's own way (ML-10.6).
//!
//! A call is answered with 200 after everything in it is durable. Anything else makes the provider call again, which does no harm: the same event
//! counts once. What a server said goes before the category that a provider puts it in.

mod der;
mod mailgun;
mod postmark;
mod sendgrid;
mod ses;

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::recipient::Keys;
use super::{codes, fields, intake};
use crate::domain::attempts::Fault;
use crate::domain::core::Core;
use crate::domain::cx::{Actor, Origin};
use crate::domain::returned::{Fate, Recipient, Returned, Says};
use crate::domain::returns::{self, Receipt, ReturnError, Trust};
use crate::domain::secrets;
use crate::outgoing::{Client, OutgoingError};

/// A call is as large as this at most, in bytes.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;
/// Events of one call at most; more of them are refused, so that none is lost silently.
const MAX_EVENTS: usize = 5_000;
/// Events that one transaction takes in.
const TOGETHER: usize = 100;
/// A call is answered within this.
const PATIENCE: Duration = Duration::from_secs(50);

/// What the calls need. Cheap to clone.
#[derive(Clone)]
pub struct Hooks {
    core: Core,
    client: Client,
    certificates: ses::Certificates,
}

/// An event that a call tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Event {
    /// The provider's own id of it.
    id: String,
    returned: Returned,
}

/// Why a call was not taken.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the signature is wrong")]
    Unsigned,
    #[error("the call cannot be read: {0}")]
    Unreadable(&'static str),
    #[error("the certificate cannot be fetched")]
    NoCertificate(#[from] OutgoingError),
    #[error(transparent)]
    Failed(#[from] ReturnError),
    #[error("it took too long")]
    TooLong,
}

impl Refusal {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Unsigned => StatusCode::FORBIDDEN,
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::NoCertificate(_) | Self::Failed(_) | Self::TooLong => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl Hooks {
    /// Sets the calls up.
    ///
    /// # Errors
    /// When outgoing calls cannot be set up, which fetch certificates.
    pub fn new(core: &Core) -> Result<Self, OutgoingError> {
        let client = Client::new(&core.settings().outgoing)?;
        Ok(Self { core: core.clone(), client, certificates: ses::Certificates::default() })
    }
}

/// Mounts the calls, if the settings have a secret for them.
pub fn mount(config: &mut web::ServiceConfig, hooks: &Hooks) {
    if hooks.core.settings().returns.hook_secret.is_empty() {
        return;
    }
    config.service(
        web::resource("/hooks/{provider}/{secret}")
            .app_data(web::Data::new(hooks.clone()))
            .app_data(web::PayloadConfig::new(MAX_BODY_BYTES))
            .route(web::post().to(answer)),
    );
}

async fn answer(
    hooks: web::Data<Hooks>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let (provider, secret) = path.into_inner();
    let wanted = &hooks.core.settings().returns.hook_secret;
    let known = ["ses", "sendgrid", "mailgun", "postmark"].into_iter().find(|known| *known == provider);
    let Some(provider) = known.filter(|_| secrets::same(&secret, wanted)) else {
        return HttpResponse::NotFound().finish();
    };
    let work = async {
        let events = read(&hooks, provider, &request, &body).await?;
        take(&hooks.core, provider, events).await
    };
    let done = tokio::time::timeout(PATIENCE, work).await.unwrap_or(Err(Refusal::TooLong));
    match done {
        Ok(n) => HttpResponse::Ok().json(json!({ "taken": n })),
        Err(refusal) => {
            tracing::warn!(error = &refusal as &dyn std::error::Error, provider, "a call of {provider} was refused");
            HttpResponse::build(refusal.status()).json(json!({ "error": refusal.to_string() }))
        }
    }
}

async fn read(
    hooks: &Hooks,
    provider: &'static str,
    request: &HttpRequest,
    body: &[u8],
) -> Result<Vec<Event>, Refusal> {
    let settings = &hooks.core.settings().returns;
    let keys = intake::keys(hooks.core.settings());
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match provider {
        "ses" => ses::read(hooks, keys, body).await,
        "sendgrid" => {
            let key = &settings.sendgrid_verification_key;
            sendgrid::check(key, header(sendgrid::SIGNATURE), header(sendgrid::TIMESTAMP), body)?;
            sendgrid::read(keys, body)
        }
        "mailgun" => mailgun::read(keys, &settings.mailgun_signing_secret, body),
        _ => {
            postmark::check(&settings.postmark_password, header("Authorization"))?;
            postmark::read(keys, body)
        }
    }
}

/// Acts on events, in transactions of some each. Answers how many there were.
async fn take(core: &Core, provider: &'static str, events: Vec<Event>) -> Result<usize, Refusal> {
    let n = events.len();
    if n > MAX_EVENTS {
        return Err(Refusal::Unreadable("too many events"));
    }
    for piece in events.chunks(TOGETHER).map(<[Event]>::to_vec) {
        let origin = Arc::new(Origin::of_program("provider call"));
        let taken = core.write(origin, move |cx| {
            cx.actor = Actor::System;
            let mut taken = Vec::with_capacity(piece.len());
            for event in piece {
                let receipt = Receipt { source: provider, trust: Trust::Provider, event_id: event.id, mail: None };
                taken.push(returns::take(cx, &event.returned, &receipt)?);
            }
            Ok::<_, ReturnError>(taken)
        });
        taken.await?.into_iter().for_each(intake::count);
    }
    if n > 0 {
        tracing::info!(n_events = n, provider, "took {n} events of {provider} in");
    }
    Ok(n)
}

/// A text of a JSON object; empty when it is absent or something else.
fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A failure of one recipient. `category` decides where neither code nor words do.
fn failed(address: &str, status: &str, said: &str, category: Fault) -> Recipient {
    let diagnostic = fields::behind_type(said);
    let code = codes::telling(codes::enhanced(status), diagnostic);
    let fault = codes::known_fault(code, diagnostic).unwrap_or(category);
    Recipient {
        addresses: vec![address.to_owned()],
        fate: Fate::Failed(fault),
        code: code.shown(),
        diagnostic: fields::cut(diagnostic, super::dsn::MAX_DIAGNOSTIC_BYTES).to_owned(),
    }
}

/// A recipient whose mailbox took a mail.
fn delivered(address: &str) -> Recipient {
    Recipient {
        addresses: vec![address.to_owned()],
        fate: Fate::Delivered,
        code: String::new(),
        diagnostic: String::new(),
    }
}

/// An event about the mail whose token stands in one of these texts, the surest first.
fn event(keys: Keys<'_>, id: String, texts: &[&str], says: Says) -> Event {
    Event { id, returned: Returned { posted: texts.iter().find_map(|text| keys.find_in(text)), says } }
}

#[cfg(test)]
mod tests;
