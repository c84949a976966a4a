//! The consent log: what happened to a person's consent, with the proof. Append-only; the current status derives from it.

use crate::domain::access::{Denied, Permission};
use crate::domain::cx::{Ctx, Origin};
use crate::domain::webhooks;
use crate::model::ids::{AccountId, ImportId, ListId, SubscriberNumber};
use crate::model::states::ConsentEvent;
use crate::store::StoreError;
use crate::store::rows::subscribers::ConsentEntry;

/// An entry, as the layers above see it.
pub type Entry = ConsentEntry;

/// Whom an entry is about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The list's owner.
    pub account: AccountId,
    /// The list.
    pub list: ListId,
    /// The subscriber.
    pub number: SubscriberNumber,
    /// The address in its normal form.
    pub email_key: &'a str,
}

/// Notes an event with the call's time, way in and actor. `ip` is the address the person acted from, as far as it is known; empty for the caller's.
///
/// # Errors
/// [`StoreError`] only.
pub fn note(cx: &mut Ctx<'_>, about: About<'_>, event: ConsentEvent, ip: &str, detail: &str) -> Result<(), StoreError> {
    let actor = cx.actor_name();
    note_as(cx, about, event, ip, detail, actor)
}

/// Like [`note`], with the actor named: for what a list does by itself.
///
/// # Errors
/// [`StoreError`] only.
pub fn note_as(
    cx: &mut Ctx<'_>,
    about: About<'_>,
    event: ConsentEvent,
    ip: &str,
    detail: &str,
    actor: String,
) -> Result<(), StoreError> {
    webhooks::hear(cx, &about, event, detail)?;
    let entry = entry(cx, cx.origin, about, event, ip, detail, actor);
    cx.tx.insert_consent(&entry)
}

/// The entry that [`note_as`] writes, with the way in named: for several that are written together.
pub(in crate::domain) fn entry(
    cx: &Ctx<'_>,
    origin: &Origin,
    about: About<'_>,
    event: ConsentEvent,
    ip: &str,
    detail: &str,
    actor: String,
) -> Entry {
    ConsentEntry {
        account_id: about.account,
        list_id: about.list,
        number: about.number,
        email_key: about.email_key.to_owned(),
        event,
        at: cx.now,
        ip: if ip.is_empty() { origin.ip.clone() } else { ip.to_owned() },
        user_agent: origin.user_agent.clone(),
        channel: origin.channel.to_owned(),
        actor,
        detail: detail.to_owned(),
        import_id: ImportId::NONE,
    }
}

/// The entries about one subscriber, oldest first. For administrators and the account that owns the list.
///
/// # Errors
/// [`HistoryError`].
pub fn history(cx: &mut Ctx<'_>, list: ListId, number: SubscriberNumber) -> Result<Vec<Entry>, HistoryError> {
    if cx.administrator().is_err() {
        let account = cx.account(Permission::SubscriberGet)?;
        cx.tx.find_list(account, list)?.ok_or(HistoryError::NoList(list))?;
    }
    Ok(cx.tx.list_consent(list, number)?)
}

/// Why the log was not read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The account has no such list.
    #[error("no list {0}")]
    NoList(ListId),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}
