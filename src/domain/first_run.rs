//! What an empty database gets at the first start: an operator, a user group, an account with a key; and a project with a message, so that each wire
//! has something to call.

use crate::domain::access::Denied;
use crate::domain::accounts::{self, Profile, SaveAccountError};
use crate::domain::credentials::{self, CredentialError, Terms};
use crate::domain::cx::Ctx;
use crate::domain::keys::{self, ManageKeyError};
use crate::domain::messages::versions::{self, Body, Draft, DraftVersion, SaveMessageError};
use crate::domain::operators::{self, SaveOperatorError};
use crate::domain::projects::{self, NewProject, SaveProjectError};
use crate::domain::user_groups::{self, SaveGroupError};
use crate::model::ids::{AccountId, ListId, MessageId, OperatorId, UserGroupId};
use crate::store::StoreError;

/// The first operator's user name.
pub const OPERATOR_NAME: &str = "admin";
/// The first operator's address; it receives nothing until somebody changes it.
pub const OPERATOR_EMAIL: &str = "admin@localhost.localdomain";
/// The first account's user name.
pub const ACCOUNT_NAME: &str = "demo";
/// The first account's address; it receives nothing until somebody changes it.
pub const ACCOUNT_EMAIL: &str = "demo@localhost.localdomain";
/// The first project's name.
pub const PROJECT_NAME: &str = "Demo";
/// What the first keys are for.
const NOTE: &str = "made at the first start";

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
    /// What the web services can be called with.
    pub services: Services,
}

/// What the web services of Ofsys can be called with.
#[derive(Debug)]
pub struct Services {
    /// A project of the account, which is a list like any other.
    pub project: ListId,
    /// A message of it that asks for confirmation.
    pub message: MessageId,
    /// A key of the account, which exists nowhere else.
    pub key: keys::Issued,
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
    /// See [`SaveProjectError`].
    #[error(transparent)]
    Project(#[from] SaveProjectError),
    /// See [`SaveMessageError`].
    #[error(transparent)]
    Message(#[from] SaveMessageError),
    /// See [`ManageKeyError`].
    #[error(transparent)]
    Key(#[from] ManageKeyError),
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
    let terms = Terms { note: NOTE.to_owned(), ..Terms::default() };
    let issued = credentials::issue_for_account(cx, account, &terms)?;
    let services = make_services(cx, account)?;
    Ok(Made { operator, group, account, api_key: issued.key, services })
}

fn make_services(cx: &mut Ctx<'_>, account: AccountId) -> Result<Services, FirstRunError> {
    let terms = keys::Terms { note: NOTE.to_owned(), ..keys::Terms::default() };
    let key = keys::issue(cx, account, &terms)?;
    let system = cx.actor.clone();
    keys::act_for(cx, account)?;
    let new = NewProject { name: PROJECT_NAME.to_owned(), languages: Vec::new(), time_zone: String::new() };
    let project = projects::create(cx, &new)?;
    let message = versions::create(cx, project, &confirmation())?;
    cx.actor = system;
    Ok(Services { project, message, key })
}

/// A message that asks to confirm.
fn confirmation() -> Draft {
    let body = |mime_type: &str, content: &str| Body { mime_type: mime_type.to_owned(), content: content.to_owned() };
    let version = DraftVersion {
        subject: "Please confirm".to_owned(),
        bodies: vec![
            body(
                "text/html",
                "<p><a href=\"[[=Message.ActivationLink();]]\">Yes, register [[=Contact.f_EMail;]]</a></p>",
            ),
            body("text/plain", "Register [[=Contact.f_EMail;]]: [[=Message.ActivationLink();]]"),
        ],
        ..DraftVersion::default()
    };
    Draft { name: "Confirmation".to_owned(), versions: vec![version], ..Draft::default() }
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
