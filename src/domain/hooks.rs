//! List hooks: web addresses that are told of subscriptions and unsubscriptions. Calling them is delivery's work.

use crate::domain::access::{Denied, Permission};
use crate::domain::cx::Ctx;
use crate::domain::lists::{self, GetListError};
use crate::model::ids::{HookId, ListId};
use crate::model::states::HookEvent;
use crate::store::StoreError;
use crate::store::rows::lists::HookRow;

/// A hook, as the layers above see it.
pub type Hook = HookRow;

/// Hooks of one list at most; a subscription queues a call to each of them.
pub const MAX_HOOKS: usize = 100;

/// A longer address is refused, in bytes.
pub const MAX_URL_BYTES: usize = 2_048;

/// Why a hook was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddHookError {
    /// Not an address that can be called, or too long.
    #[error("this address cannot be called")]
    BadUrl,
    /// The list has [`MAX_HOOKS`] already.
    #[error("list {0} has too many hooks")]
    TooMany(ListId),
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

impl From<GetListError> for AddHookError {
    fn from(error: GetListError) -> Self {
        match error {
            GetListError::NoList(id) => Self::NoList(id),
            GetListError::Denied(denied) => Self::Denied(denied),
            GetListError::Store(error) => Self::Store(error),
        }
    }
}

/// Why hooks were not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveHooksError {
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Lets an address be told of an event of a list. The same address may stand there twice; it is then called twice.
///
/// # Errors
/// [`AddHookError`].
pub fn add(cx: &mut Ctx<'_>, list: ListId, event: HookEvent, url: &str) -> Result<HookId, AddHookError> {
    let list = lists::require(cx, Permission::ListUpdate, list)?;
    if url.len() > MAX_URL_BYTES || !is_callable(url) {
        return Err(AddHookError::BadUrl);
    }
    if cx.tx.list_hooks_of_list(list.id)?.len() >= MAX_HOOKS {
        return Err(AddHookError::TooMany(list.id));
    }
    Ok(cx.tx.insert_hook(list.account_id, list.id, event, url, cx.now)?)
}

/// `http` or `https` with a host. Whether the host may be reached is checked when it is called, since names move.
pub(in crate::domain) fn is_callable(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// The hooks of a list, oldest first; with `event` only those of that event.
///
/// # Errors
/// [`GetListError`].
pub fn list(cx: &mut Ctx<'_>, list: ListId, event: Option<HookEvent>) -> Result<Vec<Hook>, GetListError> {
    let list = lists::require(cx, Permission::ListUpdate, list)?;
    let mut hooks = cx.tx.list_hooks_of_list(list.id)?;
    hooks.retain(|hook| event.is_none_or(|event| hook.event == event));
    Ok(hooks)
}

/// Removes hooks; ids that name none of the acting account's are passed over. Give it a few hundred ids at most.
///
/// # Errors
/// [`RemoveHooksError`].
pub fn remove(cx: &mut Ctx<'_>, ids: &[HookId]) -> Result<(), RemoveHooksError> {
    let account = cx.account(Permission::ListUpdate)?;
    Ok(cx.tx.delete_hooks(account, ids)?)
}

/// Goes on only for who may set up hooks; for trying an address without storing it.
///
/// # Errors
/// [`Denied`].
pub fn require_permission(cx: &Ctx<'_>) -> Result<(), Denied> {
    cx.account(Permission::ListUpdate).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_can_be_called() {
        assert!(is_callable("https://example.com/hook"));
        for bad in ["example.com", "ftp://example.com", "javascript:alert(1)", "http://", ""] {
            assert!(!is_callable(bad), "{bad}");
        }
    }
}
