//! What an empty database gets at the first start: an operator, a user group, an account with a key.

use crate::domain::access::Denied;
use crate::domain::accounts::{self, Profile, SaveAccountError};
use crate::domain::credentials::{self, CredentialError, Terms};
use crate::domain::cx::Ctx;
use crate::domain::operators::{self, SaveOperatorError};
use crate::domain::user_groups::{self, SaveGroupError};
use crate::model::ids::{AccountId, OperatorId, UserGroupId};
use crate::store::StoreError;

/// The first operator's user name.
pub const OPERATOR_NAME: &str = "admin";
/// The first operator's address; it receives nothing until somebody changes it.
pub const OPERATOR_EMAIL: &str = "admin@localhost.localdomain";
/// The first account's user name.
pub const ACCOUNT_NAME: &str = "demo";
/// The first account's address; it receives nothing until somebody changes it.
pub const ACCOUNT_EMAIL: &str = "demo@localhost.localdomain";

/// What was made.
#[derive(Debug)]
pub struct Made {
    /// The operator.
    pub operator: OperatorId,
    /// The default user group.
    pub group: UserGroupId,
    /// The account.
    pub account: AccountId,
    /// The account's key, which exists nowhere else.
    pub api_key: String,
}

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub enum FirstRunError {
    /// There are operators or accounts already, perhaps since a moment ago.
    #[error("the database is not empty")]
    NotEmpty,
    /// See [`SaveGroupError`].
    #[error(transparent)]
    Group(#[from] SaveGroupError),
    /// See [`SaveOperatorError`].
    #[error(transparent)]
    Operator(SaveOperatorError),
    /// See [`SaveAccountError`].
    #[error(transparent)]
    Account(#[from] SaveAccountError),
    /// See [`CredentialError`].
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether there is neither operator nor account.
///
/// # Errors
/// [`StoreError`] only.
pub fn is_needed(cx: &mut Ctx<'_>) -> Result<bool, StoreError> {
    Ok(cx.tx.count_operators()? == 0 && cx.tx.count_accounts()? == 0)
}

/// Fills an empty database. Of two processes that try at once, one gets [`FirstRunError::NotEmpty`]: the operator's user name is unique,
/// so the later one's transaction waits for the earlier one's and is refused.
///
/// # Errors
/// [`FirstRunError`].
pub fn fill(cx: &mut Ctx<'_>, operator_hash: String, account_hash: String) -> Result<Made, FirstRunError> {
    cx.administrator()?;
    if !is_needed(cx)? {
        return Err(FirstRunError::NotEmpty);
    }
    let operator = operators::blank(cx, OPERATOR_NAME, OPERATOR_EMAIL, operator_hash);
    let operator = operators::create(cx, &operator).map_err(|error| match error {
        SaveOperatorError::UsernameTaken(_) | SaveOperatorError::Store(StoreError::Conflict { .. }) => {
            FirstRunError::NotEmpty
        }
        error => FirstRunError::Operator(error),
    })?;
    let group = get_default_group(cx)?;
    let account = accounts::blank(cx, group, ACCOUNT_NAME, ACCOUNT_EMAIL, account_hash);
    let account = accounts::create(cx, &account, &Profile::default())?;
    let terms = Terms { note: "made at the first start".to_owned(), ..Terms::default() };
    let issued = credentials::issue_for_account(cx, account, &terms)?;
    Ok(Made { operator, group, account, api_key: issued.key })
}

/// The group that accounts get when none is named, made when there is none: everything is allowed, nothing limited.
///
/// # Errors
/// [`SaveGroupError`].
pub fn get_default_group(cx: &mut Ctx<'_>) -> Result<UserGroupId, SaveGroupError> {
    if let Some(group) = cx.tx.find_default_user_group()? {
        return Ok(group.id);
    }
    let (mut group, billing, delivery) = user_groups::blank(cx, "Default");
    group.is_default = true;
    user_groups::create(cx, &group, &billing, &delivery)
}
