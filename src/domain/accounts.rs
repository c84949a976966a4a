//! Accounts and operators: who they are and how they log in.

use crate::domain::access::Denied;
use crate::domain::cx::Ctx;
use crate::domain::sessions::{self, Login};
use crate::model::email_address::EmailAddress;
use crate::model::ids::{AccountId, UserGroupId};
use crate::model::states::Reputation;
use crate::store::StoreError;
use crate::store::rows::accounts::{AccountProfile, AccountRow, NewAccount};

/// An account, as the layers above see it.
pub type Account = AccountRow;
/// What is only shown of an account.
pub type Profile = AccountProfile;

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveAccountError {
    /// No address that can be mailed.
    #[error("{0:?} is no e-mail address")]
    BadEmail(String),
    /// No such user group.
    #[error("no user group {0}")]
    NoGroup(UserGroupId),
    /// Another account has this user name, in any case.
    #[error("user name {0:?} is taken")]
    UsernameTaken(String),
    /// Another account has this address, in any case.
    #[error("address {0:?} is taken")]
    EmailTaken(String),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An enabled, trusted account without a name; `password_hash` comes from [`crate::domain::passwords::Verifier::hash`].
#[must_use]
pub fn blank(cx: &Ctx<'_>, group: UserGroupId, username: &str, email: &str, password_hash: String) -> NewAccount {
    NewAccount {
        user_group_id: group,
        email: email.trim().to_owned(),
        email_key: email.trim().to_lowercase(),
        username: username.trim().to_owned(),
        username_key: username.trim().to_lowercase(),
        password_hash,
        reputation: Reputation::Trusted,
        is_enabled: true,
        credits: 0,
        first_name: String::new(),
        last_name: String::new(),
        company: String::new(),
        time_zone: String::new(),
        language: "en".to_owned(),
        sign_up_ip: String::new(),
        wire_options: String::new(),
        created_at: cx.now,
    }
}

/// Makes an account. For operators and the product itself.
///
/// # Errors
/// [`SaveAccountError`].
pub fn create(cx: &mut Ctx<'_>, account: &NewAccount, profile: &Profile) -> Result<AccountId, SaveAccountError> {
    cx.administrator()?;
    if EmailAddress::parse(&account.email).is_none() {
        return Err(SaveAccountError::BadEmail(account.email.clone()));
    }
    if cx.tx.find_user_group(account.user_group_id)?.is_none() {
        return Err(SaveAccountError::NoGroup(account.user_group_id));
    }
    if cx.tx.find_account_by_username(&account.username_key)?.is_some() {
        return Err(SaveAccountError::UsernameTaken(account.username.clone()));
    }
    if cx.tx.find_account_by_email(&account.email_key)?.is_some() {
        return Err(SaveAccountError::EmailTaken(account.email.clone()));
    }
    Ok(cx.tx.insert_account(account, profile)?)
}

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
