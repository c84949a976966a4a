//! Operators: who administers all accounts, and how they log in.

use crate::domain::access::Denied;
use crate::domain::cx::Ctx;
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
        name: username.trim().to_owned(),
        email: email.trim().to_owned(),
        email_key: email.trim().to_lowercase(),
        username: username.trim().to_owned(),
        username_key: username.trim().to_lowercase(),
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
    Ok(cx.tx.insert_operator(operator)?)
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
