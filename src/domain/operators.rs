//! Operators: who administers all accounts, and how they log in.

use crate::domain::access::Denied;
use crate::domain::accounts::one_line;
use crate::domain::cx::Ctx;
use crate::domain::sessions::{self, Login};
use crate::model::email_address::EmailAddress;
use crate::model::ids::OperatorId;
use crate::store::StoreError;
use crate::store::rows::accounts::{NewOperator, OperatorRow};

/// An operator, as the layers above see it.
pub type Operator = OperatorRow;

/// Why an operator was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveOperatorError {
    /// No address that can be mailed.
    #[error("{0:?} is no e-mail address")]
    BadEmail(String),
    /// Another operator has this user name, in any case.
    #[error("user name {0:?} is taken")]
    UsernameTaken(String),
    /// Another operator has this address, in any case.
    #[error("address {0:?} is taken")]
    EmailTaken(String),
    /// It is not the caller's own row.
    #[error("operator {0} is somebody else")]
    NotYourself(OperatorId),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An enabled operator; `password_hash` comes from [`crate::domain::passwords::Verifier::hash`].
#[must_use]
pub fn blank(cx: &Ctx<'_>, username: &str, email: &str, password_hash: String) -> NewOperator {
    NewOperator {
        name: one_line(username),
        email: email.trim().to_owned(),
        email_key: email.trim().to_lowercase(),
        username: one_line(username),
        username_key: one_line(username).to_lowercase(),
        password_hash,
        is_enabled: true,
        created_at: cx.now,
    }
}

/// Makes an operator. For operators and the product itself.
///
/// # Errors
/// [`SaveOperatorError`].
pub fn create(cx: &mut Ctx<'_>, operator: &NewOperator) -> Result<OperatorId, SaveOperatorError> {
    cx.administrator()?;
    check(cx, operator, None)?;
    cx.tx.insert_operator(operator).map_err(taken)
}

/// Whether these columns may stand in the row `own` (`None` for a new one).
fn check(cx: &mut Ctx<'_>, operator: &NewOperator, own: Option<OperatorId>) -> Result<(), SaveOperatorError> {
    if EmailAddress::parse(&operator.email).is_none() {
        return Err(SaveOperatorError::BadEmail(operator.email.clone()));
    }
    let is_other = |found: &Operator| Some(found.id) != own;
    // A login may be either, so a name must not be another's address nor the other way round.
    if cx.tx.find_operator_by_login(&operator.username_key)?.is_some_and(|found| is_other(&found)) {
        return Err(SaveOperatorError::UsernameTaken(operator.username.clone()));
    }
    if cx.tx.find_operator_by_login(&operator.email_key)?.is_some_and(|found| is_other(&found)) {
        return Err(SaveOperatorError::EmailTaken(operator.email.clone()));
    }
    Ok(())
}

/// What an operator changes of itself.
#[derive(Debug, Clone)]
pub struct OwnChanges {
    /// Display name.
    pub name: String,
    /// User name.
    pub username: String,
    /// Address.
    pub email: String,
    /// Hash of the new password; `None` keeps the old one.
    pub password_hash: Option<String>,
}

/// The operator that acts.
///
/// # Errors
/// [`SaveOperatorError`].
pub fn current(cx: &mut Ctx<'_>) -> Result<Operator, SaveOperatorError> {
    let id = cx.operator()?;
    // Its row was there when it was recognised, in this very transaction.
    Ok(cx.tx.find_operator(id)?.ok_or(Denied::NotLoggedIn)?)
}

/// Changes the acting operator. A new password ends every login of the operator, this one included.
///
/// # Errors
/// [`SaveOperatorError`].
pub fn update_self(cx: &mut Ctx<'_>, id: OperatorId, changes: OwnChanges) -> Result<(), SaveOperatorError> {
    let own = current(cx)?;
    if own.id != id {
        return Err(SaveOperatorError::NotYourself(id));
    }
    let has_new_password = changes.password_hash.is_some();
    let new = NewOperator {
        name: one_line(&changes.name),
        is_enabled: own.is_enabled,
        created_at: own.created_at,
        ..blank(cx, &changes.username, &changes.email, changes.password_hash.unwrap_or(own.password_hash))
    };
    check(cx, &new, Some(id))?;
    cx.tx.update_operator(id, &new).map_err(taken)?;
    if has_new_password {
        end_logins(cx, id)?;
    }
    Ok(())
}

/// Finds the operator that a login names, by user name or address in any case, whether or not it may log in.
///
/// # Errors
/// [`StoreError`] only.
pub fn find_for_login(cx: &mut Ctx<'_>, name: &str) -> Result<Option<Operator>, StoreError> {
    cx.tx.find_operator_by_login(&name.trim().to_lowercase())
}

/// Opens a session for the operator that a key stands for (OE-3.18). `None` when the key is not good.
///
/// # Errors
/// [`StoreError`] only.
pub fn log_in_by_key(cx: &mut Ctx<'_>, key: &str) -> Result<Option<(String, Operator)>, StoreError> {
    let Some((_, Some(id))) = sessions::owner_of_key(cx, key)? else { return Ok(None) };
    let Some(operator) = cx.tx.find_operator(id)?.filter(|operator| operator.is_enabled) else { return Ok(None) };
    Ok(Some((sessions::open(cx, Login::Operator(id))?, operator)))
}

/// Opens a session for an operator whose password was checked against `checked_hash`. Answers `None` when the operator was disabled or its
/// password changed since. `new_hash` replaces a legacy hash.
///
/// # Errors
/// [`StoreError`] only.
pub fn log_in(
    cx: &mut Ctx<'_>,
    id: OperatorId,
    checked_hash: &str,
    new_hash: Option<&str>,
) -> Result<Option<(String, Operator)>, StoreError> {
    let Some(operator) = cx.tx.find_operator(id)? else { return Ok(None) };
    if !operator.is_enabled || operator.password_hash != checked_hash {
        return Ok(None);
    }
    if let Some(hash) = new_hash {
        cx.tx.set_operator_password(id, hash)?;
    }
    let token = sessions::open(cx, Login::Operator(id))?;
    Ok(Some((token, operator)))
}

/// Ends every login of an operator and every reset link it was sent.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn end_logins(cx: &mut Ctx<'_>, id: OperatorId) -> Result<(), StoreError> {
    cx.tx.delete_sessions_of_operator(id)?;
    cx.tx.delete_password_requests_of_operator(id)
}

/// A row that came in between took the name or the address.
fn taken(error: StoreError) -> SaveOperatorError {
    match error {
        StoreError::Conflict { .. } => SaveOperatorError::UsernameTaken(String::new()),
        error => SaveOperatorError::Store(error),
    }
}
