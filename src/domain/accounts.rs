//! Accounts: who they are, how they log in, how they are made, changed, listed and deleted.

use std::time::Duration;

use crate::domain::access::{Denied, Permission};
use crate::domain::cx::{Actor, Ctx};
use crate::domain::outbox;
use crate::domain::secrets::digest;
use crate::domain::sessions::{self, Login};
use crate::model::email_address::EmailAddress;
use crate::model::ids::{AccountId, UserGroupId};
use crate::model::states::{JobKind, KeyRealm, Reputation};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::accounts as rows;
use crate::store::rows::accounts::NewCredential;
use crate::store::rows::user_groups::{GroupBilling, GroupDelivery, UserGroupRow};

/// An account, as the layers above see it.
pub type Account = rows::AccountRow;
/// What is only shown of an account.
pub type Profile = rows::AccountProfile;
/// An account to be made, or its changed columns.
pub type NewAccount = rows::NewAccount;
/// Which accounts to list.
pub type Filter = rows::AccountFilter;
/// A column that accounts are sorted or searched by.
pub type Column = rows::AccountColumn;

/// Everything known of an account.
#[derive(Debug, Clone)]
pub struct Record {
    /// The account.
    pub account: Account,
    /// What is only shown of it.
    pub profile: Profile,
    /// Its user group.
    pub group: UserGroupRow,
    /// What the group's accounts pay.
    pub billing: GroupBilling,
    /// How the group's mail leaves.
    pub delivery: GroupDelivery,
}

/// The key that User.Update sets is one, however often it is set; this note tells it from issued ones.
const OWN_KEY_NOTE: &str = "User.Update";
/// A chosen key that is shorter could be guessed.
const SHORTEST_KEY: usize = 16;
/// Longest user name, name and the like, in characters; the old platform cut there too.
const LONGEST_LINE: usize = 250;
/// The last activity is not written anew within this time, so that a client that logs in before each call costs one row, not two.
const ACTIVITY_GRAIN: Duration = Duration::from_secs(60);

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
    /// No such account.
    #[error("no account {0}")]
    NoAccount(AccountId),
    /// An account may change itself only.
    #[error("account {0} is somebody else")]
    NotYourself(AccountId),
    /// The key to be set is too short, or another's already.
    #[error("the key cannot be used")]
    BadKey,
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why accounts were not read or deleted.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// No account is named so.
    #[error("no such account")]
    NoAccount,
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How to name an account.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// By its id.
    Id(AccountId),
    /// By its address, in any case.
    Email(&'a str),
}

/// Text without control characters and blanks around it, at most 250 characters: safe in a header, and never a freed key.
#[must_use]
pub fn one_line(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).take(LONGEST_LINE).collect();
    clean.trim().to_owned()
}

/// An enabled, trusted account without a name; `password_hash` comes from [`crate::domain::passwords::Verifier::hash`].
#[must_use]
pub fn blank(cx: &Ctx<'_>, group: UserGroupId, username: &str, email: &str, password_hash: String) -> NewAccount {
    NewAccount {
        user_group_id: group,
        email: email.trim().to_owned(),
        email_key: email.trim().to_lowercase(),
        username: one_line(username),
        username_key: one_line(username).to_lowercase(),
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
    check_address(account)?;
    check_group(cx, account.user_group_id)?;
    check_free(cx, account, None)?;
    cx.tx.insert_account(account, profile).map_err(|error| taken(error, account))
}

/// What an update sets beside the account's own columns.
#[derive(Debug, Clone, Copy, Default)]
pub struct Besides<'a> {
    /// A new key of the account's own, in place of the one set so before.
    pub api_key: Option<&'a str>,
    /// When the account was last used.
    pub last_activity_at: Option<UtcTime>,
}

/// Changes an account: `change` edits its columns. An account may change itself, and neither its group, reputation, credits nor whether it may log
/// in: those stay as they are, whatever `change` does. A new password ends every login of the account.
///
/// # Errors
/// [`SaveAccountError`].
pub fn update(
    cx: &mut Ctx<'_>,
    id: AccountId,
    besides: Besides<'_>,
    change: impl FnOnce(&mut NewAccount, &mut Profile),
) -> Result<(), SaveAccountError> {
    if matches!(cx.actor, Actor::Account { .. }) {
        if cx.account(Permission::UserUpdate)? != id {
            return Err(SaveAccountError::NotYourself(id));
        }
    } else {
        cx.administrator()?;
    }
    let is_administrator = cx.administrator().is_ok();
    let old = cx.tx.find_account(id)?.ok_or(SaveAccountError::NoAccount(id))?;
    let mut profile = cx.tx.find_account_profile(id)?.unwrap_or_default();
    let mut new = columns_of(&old);
    change(&mut new, &mut profile);
    if !is_administrator {
        new.user_group_id = old.user_group_id;
        new.reputation = old.reputation;
        new.is_enabled = old.is_enabled;
        new.credits = old.credits;
    }
    tidy(&mut new);
    if new.email != old.email {
        check_address(&new)?;
    }
    if new.user_group_id != old.user_group_id {
        check_group(cx, new.user_group_id)?;
    }
    check_free(cx, &new, Some(id))?;
    cx.tx.update_account(id, &new, &profile).map_err(|error| taken(error, &new))?;
    if let Some(at) = besides.last_activity_at {
        cx.tx.set_account_activity(id, at)?;
    }
    if let Some(key) = besides.api_key {
        set_own_key(cx, id, key)?;
    }
    if new.password_hash != old.password_hash {
        end_logins(cx, id)?;
    }
    Ok(())
}

/// Everything known of an account. For operators and the product itself.
///
/// # Errors
/// [`AccountError`].
pub fn get(cx: &mut Ctx<'_>, by: By<'_>) -> Result<Record, AccountError> {
    cx.administrator()?;
    let account = match by {
        By::Id(id) => cx.tx.find_account(id)?,
        By::Email(email) => cx.tx.find_account_by_email(&email.trim().to_lowercase())?,
    };
    Ok(record(cx, account.ok_or(AccountError::NoAccount)?)?)
}

/// Everything known of the acting account. It needs no permission to read itself.
///
/// # Errors
/// [`AccountError`].
pub fn current(cx: &mut Ctx<'_>) -> Result<Record, AccountError> {
    let Actor::Account { rights, .. } = &cx.actor else { return Err(Denied::NotLoggedIn.into()) };
    let account = cx.tx.find_account(rights.id)?.ok_or(AccountError::NoAccount)?;
    Ok(record(cx, account)?)
}

/// One page of the accounts that the filter lets through, and how many it lets through in all. The bool of an order is true for descending; `limit`
/// `None` for all. For operators and the product itself.
///
/// # Errors
/// [`AccountError`].
pub fn list(
    cx: &mut Ctx<'_>,
    filter: &Filter,
    order: &[(Column, bool)],
    offset: i64,
    limit: Option<i64>,
) -> Result<(Vec<(Account, Profile)>, i64), AccountError> {
    cx.administrator()?;
    let page = cx.tx.list_accounts(filter, order, offset.max(0), limit)?;
    Ok((page, cx.tx.count_accounts_in(filter)?))
}

/// Deletes accounts: their user names and addresses are free again, their logins and keys end at once, and a job removes what they hold. Unknown ones
/// are passed over. For operators and the product itself.
///
/// # Errors
/// [`AccountError`].
pub fn delete(cx: &mut Ctx<'_>, ids: &[AccountId]) -> Result<(), AccountError> {
    cx.administrator()?;
    for id in ids.iter().copied() {
        if cx.tx.mark_account_deleted(id, cx.now)? {
            end_logins(cx, id)?;
            cx.tx.delete_credentials_of_account(id)?;
            outbox::queue_job(cx, id, JobKind::PurgeAccount, id.to_string())?;
        }
    }
    Ok(())
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
) -> Result<Option<(String, Record)>, StoreError> {
    let Some(account) = cx.tx.find_account(id)?.filter(|account| account.password_hash == checked_hash) else {
        return Ok(None);
    };
    if let Some(hash) = new_hash {
        cx.tx.set_account_password(id, hash)?;
    }
    open(cx, account)
}

/// Opens a session for the account that a key stands for (OE-3.18). `None` when the key is not good.
///
/// # Errors
/// [`StoreError`] only.
pub fn log_in_by_key(cx: &mut Ctx<'_>, key: &str) -> Result<Option<(String, Record)>, StoreError> {
    let Some((Some(id), _)) = sessions::owner_of_key(cx, key)? else { return Ok(None) };
    match cx.tx.find_account(id)? {
        None => Ok(None),
        Some(account) => open(cx, account),
    }
}

/// Ends every login of an account and every reset link it was sent.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn end_logins(cx: &mut Ctx<'_>, id: AccountId) -> Result<(), StoreError> {
    cx.tx.delete_sessions_of_account(id)?;
    cx.tx.delete_password_requests_of_account(id)
}

fn open(cx: &mut Ctx<'_>, account: Account) -> Result<Option<(String, Record)>, StoreError> {
    let id = account.id;
    if !sessions::may_work(cx, id)? {
        return Ok(None);
    }
    if account.last_activity_at.is_none_or(|at| at.plus(ACTIVITY_GRAIN) <= cx.now) {
        cx.tx.set_account_activity(id, cx.now)?;
    }
    let token = sessions::open(cx, Login::Account(id))?;
    Ok(Some((token, record(cx, account)?)))
}

fn record(cx: &mut Ctx<'_>, account: Account) -> Result<Record, StoreError> {
    let profile = cx.tx.find_account_profile(account.id)?.unwrap_or_default();
    let settings = cx.tx.find_user_group_settings(account.user_group_id)?;
    let (group, billing, delivery) = settings.ok_or(StoreError::Unreadable("accounts"))?;
    Ok(Record { account, profile, group, billing, delivery })
}

fn set_own_key(cx: &mut Ctx<'_>, id: AccountId, key: &str) -> Result<(), SaveAccountError> {
    let key = key.trim();
    let n_characters = key.chars().count();
    if !(SHORTEST_KEY..=LONGEST_LINE).contains(&n_characters) {
        return Err(SaveAccountError::BadKey);
    }
    let key_hash = digest(key);
    match cx.tx.find_credential(&key_hash)? {
        // A client that sends the whole record back sends the key it has.
        Some(credential) if credential.account_id == Some(id) => return Ok(()),
        Some(_) => return Err(SaveAccountError::BadKey),
        None => cx.tx.delete_noted_credentials(id, OWN_KEY_NOTE)?,
    }
    let credential = NewCredential {
        account_id: Some(id),
        operator_id: None,
        note: OWN_KEY_NOTE.to_owned(),
        key_hash,
        key_hint: key.chars().skip(n_characters - 4).collect(),
        ip_limit: String::new(),
        expires_at: None,
        created_at: cx.now,
        realm: KeyRealm::Api,
    };
    match cx.tx.insert_credential(&credential) {
        Ok(_) => Ok(()),
        Err(StoreError::Conflict { .. }) => Err(SaveAccountError::BadKey),
        Err(error) => Err(error.into()),
    }
}

fn columns_of(account: &Account) -> NewAccount {
    let account = account.clone();
    NewAccount {
        user_group_id: account.user_group_id,
        email_key: account.email.to_lowercase(),
        email: account.email,
        username_key: account.username.to_lowercase(),
        username: account.username,
        password_hash: account.password_hash,
        reputation: account.reputation,
        is_enabled: account.is_enabled,
        credits: account.credits,
        first_name: account.first_name,
        last_name: account.last_name,
        company: account.company,
        time_zone: account.time_zone,
        language: account.language,
        sign_up_ip: account.sign_up_ip,
        wire_options: account.wire_options,
        created_at: account.created_at,
    }
}

/// Brings changed columns into the form in which they are stored, the keys after what they are keys of.
fn tidy(account: &mut NewAccount) {
    account.email = account.email.trim().to_owned();
    account.email_key = account.email.to_lowercase();
    account.username = one_line(&account.username);
    account.username_key = account.username.to_lowercase();
}

fn check_address(account: &NewAccount) -> Result<(), SaveAccountError> {
    match EmailAddress::parse(&account.email) {
        Some(_) => Ok(()),
        None => Err(SaveAccountError::BadEmail(account.email.clone())),
    }
}

fn check_group(cx: &mut Ctx<'_>, group: UserGroupId) -> Result<(), SaveAccountError> {
    cx.tx.find_user_group(group)?.map(drop).ok_or(SaveAccountError::NoGroup(group))
}

/// A login may be a user name or an address, so neither may be another account's name or address: whoever called himself by another's address would
/// keep the other from logging in with it.
fn check_free(cx: &mut Ctx<'_>, account: &NewAccount, own: Option<AccountId>) -> Result<(), SaveAccountError> {
    let mut is_taken = |key: &str| -> Result<bool, StoreError> {
        let holders = [cx.tx.find_account_by_username(key)?, cx.tx.find_account_by_email(key)?];
        Ok(holders.into_iter().flatten().any(|holder| Some(holder.id) != own))
    };
    if is_taken(&account.username_key)? {
        return Err(SaveAccountError::UsernameTaken(account.username.clone()));
    }
    if is_taken(&account.email_key)? {
        return Err(SaveAccountError::EmailTaken(account.email.clone()));
    }
    Ok(())
}

/// An account that came in between took the name or the address.
fn taken(error: StoreError, account: &NewAccount) -> SaveAccountError {
    match error {
        StoreError::Conflict { .. } => SaveAccountError::UsernameTaken(account.username.clone()),
        error => SaveAccountError::Store(error),
    }
}
