//! Removing subscribers from a list for good (OE-8). The consent log keeps what happened.

use crate::domain::access::{Denied, Permission};
use crate::domain::consent;
use crate::domain::cx::Ctx;
use crate::domain::field_values;
use crate::domain::mobile;
use crate::domain::subscribers::about;
use crate::domain::suppression::{self, Scope};
use crate::domain::tables;
use crate::model::ids::{AccountId, ListId, SubscriberNumber};
use crate::model::states::ConsentEvent;
use crate::store::StoreError;

/// Subscribers removed in one transaction at most; a caller with more calls again.
pub const AT_ONCE: usize = 500;

/// Why nobody was removed.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
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

/// Whether the acting account may remove subscribers from this list.
///
/// # Errors
/// [`DeleteError`].
pub fn check(cx: &mut Ctx<'_>, list: ListId) -> Result<AccountId, DeleteError> {
    let account = cx.account(Permission::SubscribersDelete)?;
    cx.tx.find_list(account, list)?.map(|_| account).ok_or(DeleteError::NoList(list))
}

/// Removes subscribers of a list, and with the last subscription of an address its global values; numbers that nobody has are passed over. Answers how many went.
///
/// # Errors
/// [`DeleteError`].
pub fn delete(cx: &mut Ctx<'_>, list: ListId, numbers: &[SubscriberNumber]) -> Result<usize, DeleteError> {
    let account = check(cx, list)?;
    remove(cx, account, list, numbers)?.ok_or(DeleteError::NoList(list))
}

/// [`delete`] for internal use: no permission is asked. `None` when the list is gone.
pub(in crate::domain) fn remove(
    cx: &mut Ctx<'_>,
    account: AccountId,
    list: ListId,
    numbers: &[SubscriberNumber],
) -> Result<Option<usize>, StoreError> {
    let has_global = field_values::has_global_fields(cx, account)?;
    if !cx.tx.hold_lists(&[list], "", has_global)? {
        return Ok(None);
    }
    let mut gone = Vec::new();
    for number in numbers {
        let Some(row) = cx.tx.find_subscriber(list, *number)? else { continue };
        if cx.tx.delete_subscriber(&row, cx.now)? {
            cx.tx.delete_holders_of_subscriber(list, *number)?;
            cx.tx.forget_visitor(list, *number)?;
            consent::note(cx, about(account, &row), ConsentEvent::Delete, "", "")?;
            gone.push(row.email_key);
        }
    }
    tables::forget(cx, list, numbers)?;
    mobile::untie(cx, list, numbers)?;
    if has_global {
        let keys: Vec<&str> = gone.iter().map(String::as_str).collect();
        field_values::forget_unknown(cx, account, &keys)?;
    }
    Ok(Some(gone.len()))
}

/// Lifts what suppresses these subscribers on their list and in their account, leaving them on the list. Answers how many were suppressed.
///
/// # Errors
/// [`DeleteError`].
pub fn lift_suppressions(cx: &mut Ctx<'_>, list: ListId, numbers: &[SubscriberNumber]) -> Result<usize, DeleteError> {
    let account = check(cx, list)?;
    if !cx.tx.hold_lists(&[list], "", true)? {
        return Err(DeleteError::NoList(list));
    }
    let mut n_lifted = 0;
    for number in numbers {
        let Some(row) = cx.tx.find_subscriber(list, *number)? else { continue };
        let on_list = suppression::lift(cx, Scope::List(account, list), &row.email_key)?;
        let in_account = suppression::lift(cx, Scope::Account(account), &row.email_key)?;
        n_lifted += usize::from(on_list || in_account);
    }
    Ok(n_lifted)
}
