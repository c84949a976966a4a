//! Removing fields and opt-ins of projects (OF-14.14).

use super::{GetProjectError, Project, require};
use crate::domain::access::{Denied, Permission};
use crate::domain::contacts::columns::Column;
use crate::domain::cx::Ctx;
use crate::domain::fields::{self, DeleteFieldsError};
use crate::domain::operational_links;
use crate::domain::purge;
use crate::model::ids::{FieldId, ListId, MessageId, OperationalLinkId, OptInId};
use crate::store::StoreError;

/// Why a field or opt-in was not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemovePartError {
    /// The account has no such project.
    #[error("no project {0}")]
    NoProject(ListId),
    /// The project has no field or opt-in with this code.
    #[error("project {0} has no {1}")]
    NoPart(ListId, String),
    /// The field belongs to all lists of the account.
    #[error("{0} belongs to all lists of the account, not to the project")]
    IsGlobal(String),
    /// Contacts are told apart by the field.
    #[error("{0} is part of the project's key")]
    IsKey(String),
    /// A link sets it.
    #[error("{0} is set by operational link {1}")]
    SetByLink(String, OperationalLinkId),
    /// Batches of a message go only to those who gave the opt-in: without it they would reach who declined.
    #[error("{0} is needed by the batches of message {1}, which has its category")]
    NeededByMessage(String, MessageId),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<GetProjectError> for RemovePartError {
    fn from(error: GetProjectError) -> Self {
        match error {
            GetProjectError::NoList(id) => Self::NoProject(id),
            GetProjectError::Denied(denied) => Self::Denied(denied),
            GetProjectError::Store(error) => Self::Store(error),
        }
    }
}

impl From<DeleteFieldsError> for RemovePartError {
    fn from(error: DeleteFieldsError) -> Self {
        match error {
            DeleteFieldsError::Denied(denied) => Self::Denied(denied),
            DeleteFieldsError::Store(error) => Self::Store(error),
        }
    }
}

/// Removes a field of a project of the acting account; a job removes the values that contacts have in it.
///
/// # Errors
/// [`RemovePartError`].
pub fn remove_field(cx: &mut Ctx<'_>, project: ListId, code: &str) -> Result<FieldId, RemovePartError> {
    let project = require(cx, Permission::CustomFieldsDelete, project)?;
    let name = format!("f_{code}");
    let Some(known) = project.field(code) else { return Err(RemovePartError::NoPart(project.id(), name)) };
    let id = known.field.id;
    if known.field.list_id == ListId::NONE {
        return Err(RemovePartError::IsGlobal(name));
    }
    if project.key_codes().iter().any(|part| part.eq_ignore_ascii_case(code)) {
        return Err(RemovePartError::IsKey(name));
    }
    check_links(cx, &project, &Column::Field(code.to_owned()), name)?;
    fields::delete(cx, &[id])?;
    Ok(id)
}

/// Removes an opt-in of a project of the acting account; a job removes what contacts said to it, the consent log keeps it. Batches that were
/// made before reach whoever gave it, until that is gone.
///
/// # Errors
/// [`RemovePartError`].
pub fn remove_opt_in(cx: &mut Ctx<'_>, project: ListId, code: &str) -> Result<OptInId, RemovePartError> {
    let project = require(cx, Permission::CustomFieldsDelete, project)?;
    let name = format!("optin_{code}");
    let Some(known) = project.opt_in(code) else { return Err(RemovePartError::NoPart(project.id(), name)) };
    let id = known.id;
    let category = known.category_id;
    if category != 0
        && let Some(message) = cx.tx.find_message_of_category(project.account(), project.id(), category)?
    {
        return Err(RemovePartError::NeededByMessage(name, message));
    }
    check_links(cx, &project, &Column::OptIn(code.to_owned()), name)?;
    cx.tx.delete_opt_in(id)?;
    purge::queue_opt_in(cx, project.account(), project.id(), id)?;
    Ok(id)
}

fn check_links(cx: &mut Ctx<'_>, project: &Project, column: &Column, name: String) -> Result<(), RemovePartError> {
    match operational_links::find_setting(cx, project.id(), column)? {
        Some(link) => Err(RemovePartError::SetByLink(name, link)),
        None => Ok(()),
    }
}
