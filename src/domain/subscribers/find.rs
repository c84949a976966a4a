//! Finding one subscriber, with its values (OE-8).

use crate::domain::access::{Denied, Permission};
use crate::domain::cx::{Actor, Ctx};
use crate::domain::field_values::Values;
use crate::domain::subscribers::{Selector, Shown, Subscriber, WithValues};
use crate::model::ids::{AccountId, ListId};
use crate::store::StoreError;
use crate::store::rows::field_values as stored_values;
use crate::store::rows::subscribers::SubscriberRow;

/// Why a subscriber was not found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The account has no such list.
    #[error("no list {0}")]
    NoList(ListId),
    /// The list has no such subscriber.
    #[error("no such subscriber")]
    NoSubscriber,
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A subscriber of one of the acting account's lists; a subscriber itself may find itself.
///
/// # Errors
/// [`FindError`].
pub fn get(cx: &mut Ctx<'_>, list: ListId, who: &Selector) -> Result<Shown<WithValues>, FindError> {
    let account = reach(cx, Permission::SubscriberGet, list)?;
    let subscriber = by_selector(cx, list, who)?.ok_or(FindError::NoSubscriber)?;
    if !is_own(cx, &subscriber)? {
        return Err(FindError::NoSubscriber);
    }
    Ok(show(cx, account, subscriber)?)
}

/// A subscriber with its values and the fields of its list.
pub(in crate::domain) fn show(
    cx: &mut Ctx<'_>,
    account: AccountId,
    subscriber: SubscriberRow,
) -> Result<Shown<WithValues>, StoreError> {
    let values = values_of(cx, account, &subscriber)?;
    let fields = cx.tx.list_fields(account, subscriber.list_id)?.iter().map(|field| field.id).collect();
    Ok(Shown { what: WithValues { subscriber, values }, fields })
}

/// Whether the acting account or subscriber may change subscribers of this list at all.
///
/// # Errors
/// [`FindError`].
pub fn check_list(cx: &mut Ctx<'_>, list: ListId) -> Result<(), FindError> {
    reach(cx, Permission::SubscriberUpdate, list).map(drop)
}

/// The account behind a list, if the acting account or subscriber may reach into it.
///
/// # Errors
/// [`FindError::NoList`] and [`FindError::Denied`].
pub(in crate::domain) fn reach(cx: &mut Ctx<'_>, permission: Permission, list: ListId) -> Result<AccountId, FindError> {
    let account = match cx.actor {
        // A session of the subscriber area reaches the lists of its owner; which subscriber is checked by the caller.
        Actor::Subscriber { account, .. } => account,
        _ => cx.account(permission)?,
    };
    cx.tx.find_list(account, list)?.map(|_| account).ok_or(FindError::NoList(list))
}

/// A subscriber session sees the same address in any list of the account, nobody else.
pub(in crate::domain) fn is_own(cx: &mut Ctx<'_>, subscriber: &Subscriber) -> Result<bool, StoreError> {
    let Actor::Subscriber { list, number, .. } = cx.actor else { return Ok(true) };
    if subscriber.list_id == list {
        return Ok(subscriber.number == number);
    }
    let own = cx.tx.find_subscriber(list, number)?;
    Ok(own.is_some_and(|own| own.email_key == subscriber.email_key))
}

pub(in crate::domain) fn by_selector(
    cx: &mut Ctx<'_>,
    list: ListId,
    who: &Selector,
) -> Result<Option<SubscriberRow>, StoreError> {
    match who {
        Selector::Number(number) => cx.tx.find_subscriber(list, *number),
        // No parsing: an imported row may hold what is no address today, and must still be found.
        Selector::Address(text) => cx.tx.find_subscriber_by_email(list, &text.trim().to_lowercase()),
    }
}

/// Every value of a subscriber: its own, and the global ones of its address.
pub(in crate::domain) fn values_of(
    cx: &mut Ctx<'_>,
    account: AccountId,
    row: &SubscriberRow,
) -> Result<Values, StoreError> {
    let mut values = stored_values::from_text(&row.fields)?;
    for (_, field, value) in cx.tx.list_global_values(account, &[&row.email_key])? {
        values.insert(field, value);
    }
    Ok(values)
}
