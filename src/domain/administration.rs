//! What the command line does to accounts and operators: find, list, enable, disable, set passwords and wire choices.

use std::collections::BTreeMap;

use crate::domain::access::Denied;
use crate::domain::accounts::Account;
use crate::domain::cx::Ctx;
use crate::domain::keys::{self, ManageKeyError};
use crate::domain::operators::Operator;
use crate::model::ids::{AccountId, ListId, OperatorId};
use crate::store::StoreError;

/// Why an account or operator was not found or changed.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    /// No account has this user name or address.
    #[error("no account {0:?}")]
    NoAccount(String),
    /// No list has this id.
    #[error("no list or project {0}")]
    NoList(ListId),
    /// No operator has this user name or address.
    #[error("no operator {0:?}")]
    NoOperator(String),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The account with this user name or address, in any case.
///
/// # Errors
/// [`AdministrationError`].
pub fn get_account(cx: &mut Ctx<'_>, login: &str) -> Result<Account, AdministrationError> {
    cx.administrator()?;
    let found = cx.tx.find_account_by_login(&login.trim().to_lowercase())?;
    found.ok_or_else(|| AdministrationError::NoAccount(login.to_owned()))
}

/// Lets the account with this user name or address act from now on, with every permission: for what the command line does in its name.
///
/// # Errors
/// [`AdministrationError`]; a disabled account counts as none.
pub fn act_as(cx: &mut Ctx<'_>, login: &str) -> Result<Account, AdministrationError> {
    let account = get_account(cx, login)?;
    keys::act_for(cx, account.id).map_err(|error| of_key(error, login))?;
    Ok(account)
}

/// Lets the owner of a list act from now on, as [`act_as`] does.
///
/// # Errors
/// [`AdministrationError`].
pub fn act_as_owner(cx: &mut Ctx<'_>, list: ListId) -> Result<AccountId, AdministrationError> {
    cx.administrator()?;
    let account = cx.tx.find_list_owner(list)?.ok_or(AdministrationError::NoList(list))?;
    keys::act_for(cx, account).map_err(|error| of_key(error, &account.to_string()))?;
    Ok(account)
}

fn of_key(error: ManageKeyError, login: &str) -> AdministrationError {
    match error {
        ManageKeyError::Denied(denied) => AdministrationError::Denied(denied),
        ManageKeyError::Store(error) => AdministrationError::Store(error),
        ManageKeyError::NoAccount(_)
        | ManageKeyError::NoKey(_)
        | ManageKeyError::Over(_)
        | ManageKeyError::NoProject(_)
        | ManageKeyError::BadTerms(_) => AdministrationError::NoAccount(login.to_owned()),
    }
}

/// The operator with this user name or address, in any case.
///
/// # Errors
/// [`AdministrationError`].
pub fn get_operator(cx: &mut Ctx<'_>, login: &str) -> Result<Operator, AdministrationError> {
    cx.administrator()?;
    let found = cx.tx.find_operator_by_login(&login.trim().to_lowercase())?;
    found.ok_or_else(|| AdministrationError::NoOperator(login.to_owned()))
}

/// The `n` accounts after `after`, in the order of their ids; [`AccountId::NONE`] for the first ones.
///
/// # Errors
/// [`AdministrationError`].
pub fn list_accounts(cx: &mut Ctx<'_>, after: AccountId, n: i64) -> Result<Vec<Account>, AdministrationError> {
    cx.administrator()?;
    Ok(cx.tx.list_accounts_after(after, n)?)
}

/// Every operator, in the order of their ids.
///
/// # Errors
/// [`AdministrationError`].
pub fn list_operators(cx: &mut Ctx<'_>) -> Result<Vec<Operator>, AdministrationError> {
    cx.administrator()?;
    Ok(cx.tx.list_operators()?)
}

/// Lets an account log in and use its keys again.
///
/// # Errors
/// [`AdministrationError`].
pub fn enable_account(cx: &mut Ctx<'_>, id: AccountId) -> Result<(), AdministrationError> {
    cx.administrator()?;
    Ok(cx.tx.set_account_enabled(id, true)?)
}

/// Shuts an account out and ends its sessions; its keys answer nothing until it is enabled again.
///
/// # Errors
/// [`AdministrationError`].
pub fn disable_account(cx: &mut Ctx<'_>, id: AccountId) -> Result<(), AdministrationError> {
    cx.administrator()?;
    cx.tx.set_account_enabled(id, false)?;
    Ok(cx.tx.delete_sessions_of_account(id)?)
}

/// Lets an operator log in and use its keys again.
///
/// # Errors
/// [`AdministrationError`].
pub fn enable_operator(cx: &mut Ctx<'_>, id: OperatorId) -> Result<(), AdministrationError> {
    cx.administrator()?;
    Ok(cx.tx.set_operator_enabled(id, true)?)
}

/// Shuts an operator out and ends its sessions; its keys answer nothing until it is enabled again.
///
/// # Errors
/// [`AdministrationError`].
pub fn disable_operator(cx: &mut Ctx<'_>, id: OperatorId) -> Result<(), AdministrationError> {
    cx.administrator()?;
    cx.tx.set_operator_enabled(id, false)?;
    Ok(cx.tx.delete_sessions_of_operator(id)?)
}

/// Gives an account another password and ends its sessions. `hash` comes from [`crate::domain::passwords::Verifier::hash`].
///
/// # Errors
/// [`AdministrationError`].
pub fn set_account_password(cx: &mut Ctx<'_>, id: AccountId, hash: &str) -> Result<(), AdministrationError> {
    cx.administrator()?;
    cx.tx.set_account_password(id, hash)?;
    Ok(cx.tx.delete_sessions_of_account(id)?)
}

/// Gives an operator another password and ends its sessions. `hash` comes from [`crate::domain::passwords::Verifier::hash`].
///
/// # Errors
/// [`AdministrationError`].
pub fn set_operator_password(cx: &mut Ctx<'_>, id: OperatorId, hash: &str) -> Result<(), AdministrationError> {
    cx.administrator()?;
    cx.tx.set_operator_password(id, hash)?;
    Ok(cx.tx.delete_sessions_of_operator(id)?)
}

/// Changes an account's own wire choices and answers all it has now. An empty word gives a choice back to the server's.
/// Whether a choice exists is the dialect's knowledge: the caller has checked it.
///
/// # Errors
/// [`AdministrationError`].
pub fn set_wire(
    cx: &mut Ctx<'_>,
    login: &str,
    changes: &[(String, String)],
) -> Result<BTreeMap<String, String>, AdministrationError> {
    let account = get_account(cx, login)?;
    let mut chosen = wire_choices(&account);
    for (name, word) in changes {
        if word.is_empty() {
            chosen.remove(name);
        } else {
            chosen.insert(name.clone(), word.clone());
        }
    }
    let lines: String = chosen.iter().map(|(name, word)| format!("{name}={word}\n")).collect();
    cx.tx.set_account_wire_options(account.id, &lines)?;
    Ok(chosen)
}

/// An account's own wire choices.
#[must_use]
pub fn wire_choices(account: &Account) -> BTreeMap<String, String> {
    let pairs = account.wire_options.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(name, word)| (name.trim().to_owned(), word.trim().to_owned())).collect()
}
