//! The kill file, as one wire calls it: whether addresses may not be mailed, on the server, in an account or in one of its lists.

use std::collections::HashSet;

use crate::domain::access::{Denied, Permission};
use crate::domain::cx::Ctx;
use crate::model::email_address::EmailAddress;
use crate::model::ids::ListId;
use crate::store::StoreError;

/// Addresses of one call at most.
pub const MAX_ADDRESSES: usize = 1_000;

/// Why nothing was looked up.
#[derive(Debug, thiserror::Error)]
pub enum KillFileError {
    /// The account has no such list.
    #[error("no list {0}")]
    NoList(ListId),
    /// This is no address.
    #[error("{0:?} is no e-mail address")]
    BadAddress(String),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tells of each address whether it may not be mailed by the acting account: on the server, in the account, or, with `list`, on that list.
///
/// # Errors
/// [`KillFileError`].
pub fn check(cx: &mut Ctx<'_>, list: Option<ListId>, addresses: &[String]) -> Result<Vec<bool>, KillFileError> {
    let account = cx.account(Permission::SubscribersGet)?;
    if let Some(list) = list {
        cx.tx.find_list(account, list)?.ok_or(KillFileError::NoList(list))?;
    }
    let read = |text: &String| EmailAddress::parse(text).ok_or_else(|| KillFileError::BadAddress(text.clone()));
    let parsed = addresses.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let keys: Vec<&str> = parsed.iter().map(EmailAddress::key).collect();
    let found = cx.tx.find_suppressed(account, list.unwrap_or(ListId::NONE), &keys)?;
    let found: HashSet<i64> = found.into_iter().collect();
    Ok((0_i64..).take(keys.len()).map(|place| found.contains(&place)).collect())
}
