//! Keys that stand for an account or operator without a login: made at random, shown once, kept as digests.

use crate::domain::access::Denied;
use crate::domain::cx::Ctx;
use crate::domain::secrets::{digest, new_api_key};
use crate::model::ids::{AccountId, CredentialId, OperatorId};
use crate::model::states::KeyRealm;
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::accounts::{CredentialRow, NewCredential};

/// A stored key without the key, as the layers above see it.
pub type Credential = CredentialRow;

/// How many of a key's last characters are kept for telling keys apart.
const HINT_LENGTH: usize = 4;

/// For whom a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// An account (`APIKey`, OE-3).
    Account(AccountId),
    /// An operator (`AdminAPIKey`, OE-3).
    Operator(OperatorId),
}

/// Under what terms a key is good.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// What it is for, in the issuer's words.
    pub note: String,
    /// The only client address that may use it, in its canonical form; empty for any.
    pub ip_limit: String,
    /// The moment it ends; `None` for never.
    pub expires_at: Option<UtcTime>,
}

/// A key just made. The key exists nowhere else.
#[derive(Debug)]
pub struct Issued {
    /// Its id.
    pub id: CredentialId,
    /// The key itself.
    pub key: String,
}

/// Why a key was not issued, listed or ended.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// No such account.
    #[error("no account {0}")]
    NoAccount(AccountId),
    /// No such operator.
    #[error("no operator {0}")]
    NoOperator(OperatorId),
    /// No such key.
    #[error("no credential {0}")]
    NoCredential(CredentialId),
    /// The key is no longer good, so there is nothing to rotate.
    #[error("credential {0} is disabled or expired")]
    Over(CredentialId),
    /// The address limit is no IP address.
    #[error("{0:?} is no IP address")]
    BadIp(String),
    /// The end is not in the future.
    #[error("the expiry is in the past")]
    Past,
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a key that stands for an account.
///
/// # Errors
/// [`CredentialError`].
pub fn issue_for_account(cx: &mut Ctx<'_>, account: AccountId, terms: &Terms) -> Result<Issued, CredentialError> {
    cx.administrator()?;
    if cx.tx.find_account(account)?.is_none() {
        return Err(CredentialError::NoAccount(account));
    }
    issue(cx, Some(account), None, terms)
}

/// Makes a key that stands for an operator.
///
/// # Errors
/// [`CredentialError`].
pub fn issue_for_operator(cx: &mut Ctx<'_>, operator: OperatorId, terms: &Terms) -> Result<Issued, CredentialError> {
    cx.administrator()?;
    if cx.tx.find_operator(operator)?.is_none() {
        return Err(CredentialError::NoOperator(operator));
    }
    issue(cx, None, Some(operator), terms)
}

/// Every key of its owner, oldest first, ended ones too.
///
/// # Errors
/// [`CredentialError`].
pub fn list(cx: &mut Ctx<'_>, owner: Owner) -> Result<Vec<Credential>, CredentialError> {
    cx.administrator()?;
    Ok(match owner {
        Owner::Account(account) => cx.tx.list_credentials_of_account(account)?,
        Owner::Operator(operator) => cx.tx.list_credentials_of_operator(operator)?,
    })
}

/// Ends a key now. Quiet when it ended before.
///
/// # Errors
/// [`CredentialError`].
pub fn disable(cx: &mut Ctx<'_>, id: CredentialId) -> Result<(), CredentialError> {
    get(cx, id)?;
    Ok(cx.tx.disable_credential(id, cx.now)?)
}

/// Ends a key and makes another one for the same owner under the same terms.
///
/// # Errors
/// [`CredentialError`].
pub fn rotate(cx: &mut Ctx<'_>, id: CredentialId) -> Result<Issued, CredentialError> {
    let old = get(cx, id)?;
    if !is_good(&old, cx.now) {
        return Err(CredentialError::Over(id));
    }
    cx.tx.disable_credential(id, cx.now)?;
    let terms = Terms { note: old.note, ip_limit: old.ip_limit, expires_at: old.expires_at };
    issue(cx, old.account_id, old.operator_id, &terms)
}

/// Whether a key is neither disabled nor expired at `now`.
#[must_use]
pub fn is_good(credential: &Credential, now: UtcTime) -> bool {
    credential.disabled_at.is_none() && credential.expires_at.is_none_or(|end| end > now)
}

fn get(cx: &mut Ctx<'_>, id: CredentialId) -> Result<Credential, CredentialError> {
    cx.administrator()?;
    cx.tx.find_credential_by_id(id)?.ok_or(CredentialError::NoCredential(id))
}

fn issue(
    cx: &mut Ctx<'_>,
    account_id: Option<AccountId>,
    operator_id: Option<OperatorId>,
    terms: &Terms,
) -> Result<Issued, CredentialError> {
    if !terms.ip_limit.is_empty() && terms.ip_limit.parse::<std::net::IpAddr>().is_err() {
        return Err(CredentialError::BadIp(terms.ip_limit.clone()));
    }
    if terms.expires_at.is_some_and(|end| end <= cx.now) {
        return Err(CredentialError::Past);
    }
    let key = new_api_key();
    let id = cx.tx.insert_credential(&NewCredential {
        account_id,
        operator_id,
        note: terms.note.clone(),
        key_hash: digest(&key),
        key_hint: key[key.len() - HINT_LENGTH..].to_owned(),
        ip_limit: terms.ip_limit.clone(),
        expires_at: terms.expires_at,
        created_at: cx.now,
        realm: KeyRealm::Api,
    })?;
    Ok(Issued { id, key })
}
