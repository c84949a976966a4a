//! Webhooks: web addresses that are told of every change of a list's subscribers, whichever way it came in. Calling them is delivery's work.
//!
//! Every change notes the consent log, so that is where this listens. What is to be told becomes a job in the same transaction; who it happened to is
//! read when it is told.

use std::time::Duration;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::domain::access::Denied;
use crate::domain::consent::About;
use crate::domain::contacts::{self, Contact};
use crate::domain::cx::Ctx;
use crate::domain::hooks::{self, MAX_URL_BYTES};
use crate::domain::outbox;
use crate::domain::projects::{self, Project};
use crate::domain::secrets::{hex, new_guid, new_session_token};
use crate::domain::workload::{self, Job, Setback, WorkError};
use crate::model::ids::{AccountId, ListId, SubscriberNumber, WebhookId};
use crate::model::states::{ConsentEvent, JobKind, SubscriptionStatus};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::webhooks as rows;

/// A webhook, as the layers above see it.
pub type Webhook = rows::WebhookRow;

/// Webhooks of one account at most; a change queues a call to each.
pub const MAX_WEBHOOKS: usize = 50;

/// Declares the events with their words.
macro_rules! events {
    ($($(#[$meta:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// Something that happened to a subscriber.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Event { $($(#[$meta])* $variant),+ }

        impl Event {
            /// Every event.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its word, on the wire and in settings (OF-13.3).
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

events! {
    /// The list knows an address that it did not know.
    Created = "contact_created",
    /// Values, the address or the state changed.
    Modified = "contact_modified",
    /// A subscription, or one kind of communication, was consented to.
    OptedIn = "contact_optin",
    /// A subscription, or one kind of communication, was ended.
    OptedOut = "contact_optout",
}

impl Event {
    /// The event of this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|event| event.word().eq_ignore_ascii_case(word.trim())).copied()
    }
}

/// A webhook to be made.
#[derive(Debug, Clone)]
pub struct NewWebhook {
    /// Whose changes; [`ListId::NONE`] for every list of the account.
    pub list: ListId,
    /// What is called.
    pub url: String,
    /// Which events; none means all.
    pub events: Vec<Event>,
}

/// A webhook just made.
#[derive(Debug, Clone)]
pub struct Made {
    /// Its id.
    pub id: WebhookId,
    /// What its calls are signed with (OF-13.6).
    pub secret: String,
}

/// Why a webhook was not made, found or changed.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// No such account.
    #[error("no account {0}")]
    NoAccount(AccountId),
    /// The account has no such list.
    #[error("no list {0}")]
    NoList(ListId),
    /// No such webhook.
    #[error("no webhook {0}")]
    NoWebhook(WebhookId),
    /// No address that can be called, or too long.
    #[error("this address cannot be called")]
    BadUrl,
    /// The account has [`MAX_WEBHOOKS`] already.
    #[error("account {0} has too many webhooks")]
    TooMany(AccountId),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A call to a webhook.
#[derive(Debug, Clone)]
pub struct WebhookCall {
    /// The job behind it.
    pub job: Job,
    /// What is called.
    pub url: String,
    /// What it is signed with.
    pub secret: String,
    /// What happened.
    pub told: Told,
    /// The list it happened on.
    pub project: Project,
    /// Whom it happened to, as they stand now; `None` when they are gone.
    pub contact: Option<Contact>,
}

/// What happened.
#[derive(Debug, Clone)]
pub struct Told {
    /// What.
    pub event: Event,
    /// The same for every webhook and every try.
    pub id: String,
    /// When.
    pub at: UtcTime,
    /// Whom it happened to.
    pub number: SubscriberNumber,
    /// The address at the time.
    pub email: String,
    /// The kind of communication it is about, and since when; `None` for the subscription itself.
    pub opt_in: Option<(String, UtcTime)>,
    /// Nothing happened; the webhook is tried.
    pub is_test: bool,
}

/// Makes a webhook of an account. For operators and the product itself.
///
/// # Errors
/// [`WebhookError`].
pub fn create(cx: &mut Ctx<'_>, account: AccountId, new: &NewWebhook) -> Result<Made, WebhookError> {
    cx.administrator()?;
    cx.tx.find_account(account)?.ok_or(WebhookError::NoAccount(account))?;
    if new.list != ListId::NONE {
        cx.tx.find_list(account, new.list)?.ok_or(WebhookError::NoList(new.list))?;
    }
    if new.url.len() > MAX_URL_BYTES || !hooks::is_callable(&new.url) {
        return Err(WebhookError::BadUrl);
    }
    if cx.tx.list_webhooks(account)?.len() >= MAX_WEBHOOKS {
        return Err(WebhookError::TooMany(account));
    }
    let words: Vec<&str> = new.events.iter().map(|event| event.word()).collect();
    let salt = new_session_token();
    let secret = secret_of(cx, &salt);
    let id = cx.tx.insert_webhook(&rows::NewWebhookRow {
        account_id: account,
        list_id: new.list,
        url: new.url.clone(),
        events: words.join(","),
        salt,
        is_enabled: true,
        created_at: cx.now,
    })?;
    Ok(Made { id, secret })
}

/// The webhooks of an account, oldest first, each with its secret. For operators and the product itself.
///
/// # Errors
/// [`WebhookError`].
pub fn list(cx: &mut Ctx<'_>, account: AccountId) -> Result<Vec<(Webhook, String)>, WebhookError> {
    cx.administrator()?;
    let webhooks = cx.tx.list_webhooks(account)?;
    Ok(webhooks.into_iter().map(|webhook| (webhook.clone(), secret_of(cx, &webhook.salt))).collect())
}

/// The webhook of an account that tells this address of the changes of a list, or with [`ListId::NONE`] of every list, with its secret. For operators and
/// the product itself.
///
/// # Errors
/// [`WebhookError`].
pub fn find(
    cx: &mut Ctx<'_>,
    account: AccountId,
    of: ListId,
    url: &str,
) -> Result<Option<(Webhook, String)>, WebhookError> {
    Ok(list(cx, account)?.into_iter().find(|(webhook, _)| webhook.list_id == of && webhook.url == url))
}

/// Whether a webhook is told of exactly these events; none means all.
#[must_use]
pub fn is_told_of(webhook: &Webhook, events: &[Event]) -> bool {
    let of = |event: &Event| webhook.events.split(',').any(|word| word == event.word());
    let is_all = webhook.events.is_empty();
    if is_all || events.is_empty() {
        return is_all && events.is_empty();
    }
    Event::ALL.iter().all(|event| of(event) == events.contains(event))
}

/// Removes a webhook; what was to be told to it is dropped. For operators and the product itself.
///
/// # Errors
/// [`WebhookError`].
pub fn delete(cx: &mut Ctx<'_>, id: WebhookId) -> Result<(), WebhookError> {
    cx.administrator()?;
    cx.tx.find_webhook(id)?.ok_or(WebhookError::NoWebhook(id))?;
    Ok(cx.tx.delete_webhook(id)?)
}

/// Queues a call that tells of nothing but says that it is a test. For operators and the product itself. `list` is told about; a webhook of one list
/// has its own.
///
/// # Errors
/// [`WebhookError`].
pub fn send_test(cx: &mut Ctx<'_>, id: WebhookId, list: ListId) -> Result<(), WebhookError> {
    cx.administrator()?;
    let webhook = cx.tx.find_webhook(id)?.ok_or(WebhookError::NoWebhook(id))?;
    let list = if webhook.list_id == ListId::NONE { list } else { webhook.list_id };
    cx.tx.find_list(webhook.account_id, list)?.ok_or(WebhookError::NoList(list))?;
    let payload = rows::WebhookPayload {
        webhook: webhook.id.0,
        list: list.0,
        number: SubscriberNumber::NONE.0,
        event: Event::Modified.word().to_owned(),
        event_id: new_guid(),
        at: cx.now.0,
        opt_in: String::new(),
        opt_in_at: None,
        is_test: true,
        email: "test@example.com".to_owned(),
    };
    queue(cx, &webhook, &payload)?;
    Ok(())
}

/// Queues what webhooks are to be told of an entry of the consent log; the entry itself is not written yet. `detail` is the entry's: of an opt-in its
/// code.
pub(in crate::domain) fn hear(
    cx: &mut Ctx<'_>,
    about: &About<'_>,
    noted: ConsentEvent,
    detail: &str,
) -> Result<(), StoreError> {
    if !is_of_interest(noted) || cx.rules.as_ref().is_some_and(|rules| rules.id == about.list && !rules.has_webhooks) {
        return Ok(());
    }
    let webhooks = cx.tx.list_webhooks_for(about.account, about.list)?;
    if webhooks.is_empty() {
        return Ok(());
    }
    let Some(row) = cx.tx.find_subscriber(about.list, about.number)? else { return Ok(()) };
    let opt_in = opt_in_of(cx, about, noted, detail)?;
    for event in events_of(cx, about, noted, row.status)? {
        let payload = rows::WebhookPayload {
            webhook: 0,
            list: about.list.0,
            number: about.number.0,
            event: event.word().to_owned(),
            event_id: new_guid(),
            at: cx.now.0,
            opt_in: opt_in.as_ref().map_or_else(String::new, |(code, _)| code.clone()),
            opt_in_at: opt_in.as_ref().map(|(_, at)| at.0),
            is_test: false,
            email: row.email.clone(),
        };
        for webhook in webhooks.iter().filter(|webhook| wants(webhook, event)) {
            queue(cx, webhook, &rows::WebhookPayload { webhook: webhook.id.0, ..payload.clone() })?;
        }
    }
    Ok(())
}

/// The kind of communication that an entry is about, and since when what was said of it counts.
fn opt_in_of(
    cx: &mut Ctx<'_>,
    about: &About<'_>,
    noted: ConsentEvent,
    code: &str,
) -> Result<Option<(String, UtcTime)>, StoreError> {
    if !matches!(noted, ConsentEvent::OptInGiven | ConsentEvent::OptInDeclined | ConsentEvent::OptInCleared) {
        return Ok(None);
    }
    let known = cx.tx.list_opt_ins(about.list)?.into_iter().find(|opt_in| opt_in.code == code).map(|row| row.id);
    let said = cx.tx.list_contact_opt_ins(about.list, &[about.number])?;
    let since = said.iter().find(|row| Some(row.opt_in_id) == known).map(|row| row.effective_at);
    Ok(Some((code.to_owned(), since.unwrap_or(cx.now))))
}

fn queue(cx: &mut Ctx<'_>, webhook: &Webhook, payload: &rows::WebhookPayload) -> Result<(), StoreError> {
    outbox::queue_job(cx, webhook.account_id, JobKind::Webhook, rows::payload_to_text(payload)).map(drop)
}

fn wants(webhook: &Webhook, event: Event) -> bool {
    webhook.events.is_empty() || webhook.events.split(',').any(|word| word == event.word())
}

/// Whether any webhook is told of such an entry.
const fn is_of_interest(noted: ConsentEvent) -> bool {
    match noted {
        ConsentEvent::Subscribe
        | ConsentEvent::Confirm
        | ConsentEvent::Reject
        | ConsentEvent::Unsubscribe
        | ConsentEvent::Update
        | ConsentEvent::OptInGiven
        | ConsentEvent::OptInDeclined
        | ConsentEvent::OptInCleared
        | ConsentEvent::TrackingChanged => true,
        ConsentEvent::RequestQueued
        | ConsentEvent::Import
        | ConsentEvent::Suppress
        | ConsentEvent::Unsuppress
        | ConsentEvent::Delete
        | ConsentEvent::ConfirmPageSeen
        | ConsentEvent::HardBounce
        | ConsentEvent::Complaint
        | ConsentEvent::Erase => false,
    }
}

/// What an entry comes to (OF-13.9).
fn events_of(
    cx: &mut Ctx<'_>,
    about: &About<'_>,
    noted: ConsentEvent,
    status: SubscriptionStatus,
) -> Result<Vec<Event>, StoreError> {
    Ok(match noted {
        ConsentEvent::Subscribe => {
            let is_known = cx.tx.has_consent(about.list, about.number)?;
            let mut events = vec![if is_known { Event::Modified } else { Event::Created }];
            if status == SubscriptionStatus::Subscribed {
                events.push(Event::OptedIn);
            }
            events
        }
        ConsentEvent::Confirm | ConsentEvent::OptInGiven => vec![Event::OptedIn],
        ConsentEvent::Reject | ConsentEvent::Unsubscribe | ConsentEvent::OptInDeclined => vec![Event::OptedOut],
        _ => vec![Event::Modified],
    })
}

/// Claims up to `n` calls. Jobs whose webhook or list is gone, or whose webhook was switched off, have nothing left to tell and are marked done.
///
/// # Errors
/// [`WorkError`].
pub fn claim_calls(cx: &mut Ctx<'_>, n: i64, lease: Duration) -> Result<Vec<WebhookCall>, WorkError> {
    let mut calls = Vec::new();
    for job in workload::claim_jobs(cx, JobKind::Webhook, n, lease)? {
        let id = job.id;
        match call(cx, job)? {
            Some(call) => calls.push(call),
            None => cx.tx.finish_job(id, cx.now)?,
        }
    }
    Ok(calls)
}

fn call(cx: &mut Ctx<'_>, job: Job) -> Result<Option<WebhookCall>, WorkError> {
    let payload = rows::payload_from_text(&job.payload)?;
    let event = Event::find(&payload.event).ok_or(StoreError::Unreadable("jobs.payload"))?;
    let found = cx.tx.find_webhook(WebhookId(payload.webhook))?;
    let Some(webhook) = found.filter(|webhook| webhook.is_enabled) else { return Ok(None) };
    let Some(list) = cx.tx.find_list(webhook.account_id, ListId(payload.list))? else { return Ok(None) };
    let project = projects::of_list(cx, list)?;
    let number = SubscriberNumber(payload.number);
    let contact = contacts::find(cx, &project, number)?;
    let secret = secret_of(cx, &webhook.salt);
    let opt_in_at = UtcTime(payload.opt_in_at.unwrap_or(payload.at));
    let told = Told {
        event,
        id: payload.event_id,
        at: UtcTime(payload.at),
        number,
        email: payload.email,
        opt_in: (!payload.opt_in.is_empty()).then_some((payload.opt_in, opt_in_at)),
        is_test: payload.is_test,
    };
    Ok(Some(WebhookCall { job, url: webhook.url, secret, told, project, contact }))
}

/// A call did not succeed.
///
/// # Errors
/// [`WorkError`].
pub fn set_back(cx: &mut Ctx<'_>, call: &WebhookCall, setback: &Setback) -> Result<(), WorkError> {
    workload::set_back_job(cx, &call.job, setback)
}

/// 256 bits of HMAC-SHA256 over a body and the moment it is sent, lower-case hex: the signature of a call (OF-13.6).
#[must_use]
pub fn signature(secret: &str, unix_seconds: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("{unix_seconds}.").as_bytes());
    mac.update(body);
    hex(&mac.finalize().into_bytes())
}

/// A webhook's secret, derived so that a copy of the database alone signs nothing.
fn secret_of(cx: &Ctx<'_>, salt: &str) -> String {
    let key = cx.settings.security.link_secret.as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(format!("webhook {salt}").as_bytes());
    hex(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_find_their_events() {
        assert_eq!(Event::find(" Contact_OptOut "), Some(Event::OptedOut));
        assert_eq!(Event::find("contact"), None);
    }

    #[test]
    fn a_signature_depends_on_secret_moment_and_body() {
        let right = signature("secret", 1_700_000_000, b"[]");
        assert_eq!(right.len(), 64);
        assert_ne!(right, signature("other", 1_700_000_000, b"[]"));
        assert_ne!(right, signature("secret", 1_700_000_001, b"[]"));
        assert_ne!(right, signature("secret", 1_700_000_000, b"[ ]"));
    }
}
