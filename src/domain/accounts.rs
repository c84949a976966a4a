//! Accounts and operators: who they are and how they log in.

use crate::domain::cx::Ctx;
use crate::domain::sessions::{self, Login};
use crate::model::ids::AccountId;
use crate::store::StoreError;
use crate::store::rows::accounts::AccountRow;

/// An account, as the layers above see it.
pub type Account = AccountRow;

/// Finds the account that a login names, by user name or address in any case, whether or not it may log in.
///
/// # Errors
/// [`StoreError`] only.
pub fn find_for_login(cx: &mut Ctx<'_>, name: &str) -> Result<Option<Account>, StoreError> {
    cx.tx.find_account_by_login(&name.trim().to_lowercase())
}

/// Opens a session for an account whose password was checked against `checked_hash`. Answers `None` when the account was disabled or its password
/// changed since it was checked. `new_hash` replaces a legacy hash.
///
/// # Errors
/// [`StoreError`] only.
pub fn log_in(
    cx: &mut Ctx<'_>,
    id: AccountId,
    checked_hash: &str,
    new_hash: Option<&str>,
) -> Result<Option<(String, Account)>, StoreError> {
    let Some(account) = cx.tx.find_account(id)? else { return Ok(None) };
    if !account.is_enabled || account.password_hash != checked_hash {
        return Ok(None);
    }
    if let Some(hash) = new_hash {
        cx.tx.set_account_password(id, hash)?;
    }
    cx.tx.set_account_activity(id, cx.now)?;
    let token = sessions::open(cx, Login::Account(id))?;
    Ok(Some((token, account)))
}
