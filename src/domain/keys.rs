//! Keys for web services: an id and a secret that stand for an account, under terms: addresses, an end, projects, tables, endpoints, calls a day.
//!
//! A dialect asks [`admit`] before any work and lets what it answers act in its transactions. The checks run in this order: the pair itself, whether
//! the key was ended, its expiry, the caller's address, what it may do, its calls of today. Only who shows the right secret learns what else is wrong (OF-15).

use std::net::IpAddr;
use std::sync::Arc;

use crate::domain::access::Denied;
use crate::domain::core::{Core, Unavailable};
use crate::domain::credentials::Credential;
use crate::domain::cx::{Actor, Ctx, Origin};
use crate::domain::guessing::{self, Target};
use crate::domain::secrets::{digest, new_web_service_key, same};
use crate::domain::sessions;
use crate::model::ids::{AccountId, CredentialId, ListId};
use crate::model::states::KeyRealm;
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::accounts::NewCredential;
use crate::store::rows::projects::KeyTermsRow;

mod terms;

pub use terms::{BadTerms, IpRange, Terms};

/// How many of a key's last characters are kept for telling keys apart.
const HINT_LENGTH: usize = 4;
const MICROS_OF_DAY: i64 = 86_400_000_000;

/// What a caller shows.
#[derive(Clone)]
pub struct Presented {
    /// The key's id.
    pub id: i64,
    /// Its secret; told apart by case.
    pub secret: String,
}

/// What a caller wants to do.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    /// `Service.Method`, compared without case.
    pub endpoint: String,
    /// The project it is about, if it names one.
    pub project: Option<ListId>,
    /// The relational table it is about, if it names one.
    pub table: Option<i64>,
}

/// Why a key is not admitted. No text says which half of a wrong pair was wrong.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No such pair, its account is gone or disabled, or too many wrong ones were tried.
    #[error("the key is not valid")]
    AuthenticationFailed,
    /// The key was ended.
    #[error("the key is not active")]
    Inactive,
    /// The key's end has passed.
    #[error("the key has expired")]
    Expired,
    /// The key may not be used from this address.
    #[error("the key may not be used from this address")]
    AddressNotAllowed,
    /// The key's terms leave out this project, table or endpoint.
    #[error("the key gives no access to this")]
    AccessDenied,
    /// The key's calls of today are used up.
    #[error("the key's calls of today are used up")]
    QuotaExceeded,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
    /// See [`Unavailable`].
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A key that was admitted, for the transactions of one call.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// The key's id.
    pub id: CredentialId,
    /// Whose it is.
    pub account: AccountId,
    /// Its terms, for methods that list things and pass over what the key may not see.
    pub terms: Terms,
    has_failures: bool,
}

impl Admitted {
    /// Lets the key's account act in this transaction.
    ///
    /// # Errors
    /// [`KeyError::AuthenticationFailed`] when the account was disabled meanwhile.
    pub fn act(&self, cx: &mut Ctx<'_>) -> Result<(), KeyError> {
        match sessions::account_actor(cx, self.account, false)? {
            Some(actor) => {
                cx.actor = actor;
                Ok(())
            }
            None => Err(KeyError::AuthenticationFailed),
        }
    }

    /// Whether the key may reach a project.
    #[must_use]
    pub fn covers_project(&self, project: ListId) -> bool {
        self.terms.covers_project(project)
    }
}

/// Checks a key and what its caller wants, counts the call where the key has a limit, and counts wrong keys, so that guessing is slowed. Each count is
/// durable by itself, whatever becomes of the call.
///
/// # Errors
/// [`KeyError`].
pub async fn admit(
    core: &Core,
    origin: &Arc<Origin>,
    presented: &Presented,
    usage: &Usage,
) -> Result<Admitted, KeyError> {
    let (shown, wanted) = (presented.clone(), usage.clone());
    let checked = core.read(Arc::clone(origin), move |cx| Ok::<_, KeyError>(check(cx, &shown, &wanted)?)).await?;
    let id = presented.id;
    match checked {
        Checked::Wrong => {
            core.write(Arc::clone(origin), move |cx| {
                let target = target(cx, id);
                guessing::note_failure(cx, &target).map_err(KeyError::from)
            })
            .await?;
            Err(KeyError::AuthenticationFailed)
        }
        Checked::Held => Err(KeyError::AuthenticationFailed),
        Checked::Refused(error) => Err(error),
        Checked::Good(admitted) => {
            let (limit, has_failures) = (admitted.terms.calls_per_day, admitted.has_failures);
            if limit > 0 || has_failures {
                core.write(Arc::clone(origin), move |cx| {
                    if has_failures {
                        let target = target(cx, id);
                        guessing::forgive(cx, &target)?;
                    }
                    count(cx, CredentialId(id), limit)
                })
                .await?
                .then_some(())
                .ok_or(KeyError::QuotaExceeded)?;
            }
            Ok(*admitted)
        }
    }
}

enum Checked {
    /// The pair is wrong: to be counted.
    Wrong,
    /// Too many wrong ones: not looked at.
    Held,
    Refused(KeyError),
    Good(Box<Admitted>),
}

fn target(cx: &Ctx<'_>, id: i64) -> Target {
    Target::new(cx, "web service key", &id.to_string())
}

fn check(cx: &mut Ctx<'_>, presented: &Presented, usage: &Usage) -> Result<Checked, StoreError> {
    let target = target(cx, presented.id);
    let standing = guessing::standing(cx, &target)?;
    if standing.is_held {
        return Ok(Checked::Held);
    }
    let found = cx.tx.find_key(CredentialId(presented.id))?;
    // An id that nobody has costs the same comparison.
    let expected = found.as_ref().map_or_else(|| digest(""), |(_, hash, _)| hash.clone());
    let is_same = same(&digest(&presented.secret), &expected);
    let Some((credential, _, row)) = found.filter(|_| is_same) else { return Ok(Checked::Wrong) };
    let Some(account) = credential.account_id else { return Err(StoreError::Unreadable("credentials")) };
    let terms = Terms::of_row(&credential, &row)?;
    if !sessions::may_work(cx, account)? {
        return Ok(Checked::Refused(KeyError::AuthenticationFailed));
    }
    if let Some(error) = refusal(cx, &credential, &terms, usage) {
        return Ok(Checked::Refused(error));
    }
    let has_failures = standing.has_failures;
    Ok(Checked::Good(Box::new(Admitted { id: credential.id, account, terms, has_failures })))
}

fn refusal(cx: &Ctx<'_>, credential: &Credential, terms: &Terms, usage: &Usage) -> Option<KeyError> {
    if credential.disabled_at.is_some() {
        return Some(KeyError::Inactive);
    }
    if credential.expires_at.is_some_and(|end| end <= cx.now) {
        return Some(KeyError::Expired);
    }
    if !terms.covers_address(&cx.origin.ip) {
        return Some(KeyError::AddressNotAllowed);
    }
    let is_covered = terms.covers_endpoint(&usage.endpoint)
        && usage.project.is_none_or(|project| terms.covers_project(project))
        && usage.table.is_none_or(|table| terms.covers_table(table));
    (!is_covered).then_some(KeyError::AccessDenied)
}

/// Counts a call of a key that has a limit; false when it is one too many.
fn count(cx: &mut Ctx<'_>, id: CredentialId, limit: i64) -> Result<bool, KeyError> {
    if limit <= 0 {
        return Ok(true);
    }
    let n_calls = cx.tx.count_key_call(id, cx.now.0.div_euclid(MICROS_OF_DAY))?;
    Ok(n_calls <= limit)
}

/// A key just made. The secret exists nowhere else.
#[derive(Debug)]
pub struct Issued {
    /// Its id.
    pub id: CredentialId,
    /// Its secret: 32 letters and digits.
    pub secret: String,
}

/// A key without its secret.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key.
    pub credential: Credential,
    /// Its terms.
    pub terms: Terms,
}

impl Key {
    /// Whether it is neither ended nor expired at `now`.
    #[must_use]
    pub fn is_good(&self, now: UtcTime) -> bool {
        crate::domain::credentials::is_good(&self.credential, now)
    }
}

/// Why a key was not made, listed or ended.
#[derive(Debug, thiserror::Error)]
pub enum ManageKeyError {
    /// No such account.
    #[error("no account {0}")]
    NoAccount(AccountId),
    /// No such key.
    #[error("no key {0}")]
    NoKey(CredentialId),
    /// The key is no longer good, so there is nothing to rotate.
    #[error("key {0} is disabled or expired")]
    Over(CredentialId),
    /// The terms name a project that the account does not have.
    #[error("no project {0}")]
    NoProject(ListId),
    /// The terms make no sense.
    #[error(transparent)]
    BadTerms(#[from] BadTerms),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a key of an account. For operators and the product itself.
///
/// # Errors
/// [`ManageKeyError`].
pub fn issue(cx: &mut Ctx<'_>, account: AccountId, terms: &Terms) -> Result<Issued, ManageKeyError> {
    issue_with(cx, account, terms, new_web_service_key())
}

/// Makes a key whose secret was chosen elsewhere: for sites whose configuration is written before the key. It must be 32 letters and digits.
///
/// # Errors
/// [`ManageKeyError`].
pub fn issue_with(
    cx: &mut Ctx<'_>,
    account: AccountId,
    terms: &Terms,
    secret: String,
) -> Result<Issued, ManageKeyError> {
    cx.administrator()?;
    if cx.tx.find_account(account)?.is_none() {
        return Err(ManageKeyError::NoAccount(account));
    }
    if secret.len() != 32 || !secret.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(BadTerms::Secret.into());
    }
    terms.check(cx.now)?;
    for project in &terms.projects {
        if cx.tx.find_list(account, *project)?.is_none() {
            return Err(ManageKeyError::NoProject(*project));
        }
    }
    let credential = NewCredential {
        account_id: Some(account),
        operator_id: None,
        note: terms.note.clone(),
        key_hash: digest(&secret),
        key_hint: secret[secret.len() - HINT_LENGTH..].to_owned(),
        ip_limit: String::new(),
        expires_at: terms.expires_at,
        created_at: cx.now,
        realm: KeyRealm::WebServices,
    };
    let row: KeyTermsRow = terms.to_row();
    let id = cx.tx.insert_key(&credential, &row).map_err(|error| match error {
        StoreError::Conflict { .. } => ManageKeyError::BadTerms(BadTerms::Secret),
        error => ManageKeyError::Store(error),
    })?;
    Ok(Issued { id, secret })
}

/// Every key for web services of an account, oldest first, ended ones too. For operators and the product itself.
///
/// # Errors
/// [`ManageKeyError`].
pub fn list(cx: &mut Ctx<'_>, account: AccountId) -> Result<Vec<Key>, ManageKeyError> {
    cx.administrator()?;
    let mut keys = Vec::new();
    for credential in cx.tx.list_credentials_of_account(account)? {
        if credential.realm == KeyRealm::WebServices {
            let row = cx.tx.find_key_terms(credential.id)?.ok_or(StoreError::Unreadable("key_terms"))?;
            let terms = Terms::of_row(&credential, &row)?;
            keys.push(Key { credential, terms });
        }
    }
    Ok(keys)
}

/// Ends a key now. Quiet when it ended before. For operators and the product itself.
///
/// # Errors
/// [`ManageKeyError`].
pub fn disable(cx: &mut Ctx<'_>, id: CredentialId) -> Result<(), ManageKeyError> {
    get(cx, id)?;
    Ok(cx.tx.disable_credential(id, cx.now)?)
}

/// Ends a key and makes another one under the same terms. For operators and the product itself.
///
/// # Errors
/// [`ManageKeyError`].
pub fn rotate(cx: &mut Ctx<'_>, id: CredentialId) -> Result<Issued, ManageKeyError> {
    let old = get(cx, id)?;
    let Some(account) = old.credential.account_id.filter(|_| old.is_good(cx.now)) else {
        return Err(ManageKeyError::Over(id));
    };
    cx.tx.disable_credential(id, cx.now)?;
    issue(cx, account, &old.terms)
}

/// Whether a key of this account has this secret: for seeding the same file twice. For operators and the product itself.
///
/// # Errors
/// [`ManageKeyError`].
pub fn find_by_secret(cx: &mut Ctx<'_>, secret: &str) -> Result<Option<Key>, ManageKeyError> {
    cx.administrator()?;
    match cx.tx.find_credential(&digest(secret))? {
        Some(credential) if credential.realm == KeyRealm::WebServices => get(cx, credential.id).map(Some),
        _ => Ok(None),
    }
}

fn get(cx: &mut Ctx<'_>, id: CredentialId) -> Result<Key, ManageKeyError> {
    cx.administrator()?;
    let (credential, _, row) = cx.tx.find_key(id)?.ok_or(ManageKeyError::NoKey(id))?;
    let terms = Terms::of_row(&credential, &row)?;
    Ok(Key { credential, terms })
}

/// Lets an account act with every permission, for what the command line does in its name. For the product itself and operators.
///
/// # Errors
/// [`Denied`] for everybody else; [`ManageKeyError::NoAccount`].
pub fn act_for(cx: &mut Ctx<'_>, account: AccountId) -> Result<(), ManageKeyError> {
    cx.administrator()?;
    match sessions::account_actor(cx, account, true)? {
        Some(actor @ Actor::Account { .. }) => {
            cx.actor = actor;
            Ok(())
        }
        _ => Err(ManageKeyError::NoAccount(account)),
    }
}

/// The caller's address as the terms compare it.
fn canonical(text: &str) -> Option<IpAddr> {
    text.trim().parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests;
