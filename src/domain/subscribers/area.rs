//! The subscriber area: a subscriber logs in with what its mails carry, and sees its subscriptions (OE-3, OE-8).

use crate::domain::access::Denied;
use crate::domain::cx::{Actor, Ctx};
use crate::domain::lists;
use crate::domain::secrets::{md5_hex, same};
use crate::domain::sessions::{self, Login};
use crate::domain::subscribers::{Shown, Subscriber, WithValues, find};
use crate::model::ids::ListId;
use crate::store::StoreError;

/// What a login into the subscriber area carries: digests from a link, and the address the person typed.
#[derive(Debug, Clone)]
pub struct AreaLogin {
    /// The list.
    pub list: ListId,
    /// MD5 of the subscriber's number, hex.
    pub number_md5: String,
    /// MD5 of the address, hex.
    pub address_md5: String,
    /// The address as typed.
    pub address: String,
}

/// Why nobody was logged in.
#[derive(Debug, thiserror::Error)]
pub enum AreaError {
    /// No such list.
    #[error("no list {0}")]
    NoList(ListId),
    /// The list's owner is disabled.
    #[error("the owner of list {0} is disabled")]
    OwnerDisabled(ListId),
    /// The typed address is not the one of the digest.
    #[error("the address does not fit its digest")]
    AddressMismatch,
    /// The list has no such subscriber, or the number does not fit its digest.
    #[error("no such subscriber")]
    Rejected,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens a session for a subscriber. Answers its token, which exists nowhere else, and the subscriber.
///
/// # Errors
/// [`AreaError`].
pub fn log_in(cx: &mut Ctx<'_>, login: &AreaLogin) -> Result<(String, Shown<WithValues>), AreaError> {
    let rules = lists::rules(cx, login.list)?.ok_or(AreaError::NoList(login.list))?;
    if !rules.owner_is_enabled {
        return Err(AreaError::OwnerDisabled(login.list));
    }
    let typed = login.address.trim();
    let row = cx.tx.find_subscriber_by_email(login.list, &typed.to_lowercase())?;
    let stored = row.as_ref().map_or(typed, |row| row.email.as_str());
    let fits = |text: &str| same(&md5_hex(text), &login.address_md5.to_ascii_lowercase());
    // The digest was made of the address as the platform kept it; of the typed form by sites that make it themselves.
    if !(fits(stored) | fits(typed) | fits(&typed.to_lowercase())) {
        return Err(AreaError::AddressMismatch);
    }
    let row = row.ok_or(AreaError::Rejected)?;
    if !same(&md5_hex(&row.number.to_string()), &login.number_md5.to_ascii_lowercase()) {
        return Err(AreaError::Rejected);
    }
    let account = rules.account_id;
    let token = sessions::open(cx, Login::Subscriber { account, list: row.list_id, number: row.number })?;
    Ok((token, find::show(cx, account, row)?))
}

/// A subscription as the subscriber area shows it.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// The list's name.
    pub list_name: String,
    /// The subscriber there.
    pub subscriber: Subscriber,
}

/// Why no subscriptions were listed.
#[derive(Debug, thiserror::Error)]
pub enum SubscriptionsError {
    /// The subscriber of the session is gone.
    #[error("no such subscriber any more")]
    NoSubscriber,
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Every subscription that the acting subscriber's address has with the same account, but for lists that hide themselves.
///
/// # Errors
/// [`SubscriptionsError`].
pub fn subscriptions(cx: &mut Ctx<'_>) -> Result<Vec<Subscription>, SubscriptionsError> {
    let Actor::Subscriber { account, list, number } = cx.actor else { return Err(Denied::NotLoggedIn.into()) };
    let own = cx.tx.find_subscriber(list, number)?.ok_or(SubscriptionsError::NoSubscriber)?;
    let mut found = Vec::new();
    for subscriber in cx.tx.list_subscribers_of_address(account, &own.email_key)? {
        if let Some(list) = cx.tx.find_list(account, subscriber.list_id)?
            && !list.hide_in_subscriber_area
        {
            found.push(Subscription { list_name: list.name, subscriber });
        }
    }
    Ok(found)
}
