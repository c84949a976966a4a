//! Custom fields as they are defined: what a list, or every list of an account, knows of its subscribers.
//!
//! A change of definition must not leave values behind that contradict it. A field becomes unique only with few values at hand, which are then
//! claimed in the same transaction; it becomes global, or stops being so, only while nobody has a value of it.

mod alias;
mod uniqueness;

use std::collections::HashSet;

use crate::domain::access::{Denied, Permission};
use crate::domain::cx::Ctx;
use crate::domain::lists::{self, GetListError};
use crate::domain::outbox;
use crate::domain::projects;
use crate::model::ids::{AccountId, FieldId, ListId};
use crate::model::states::{DataType, FieldKind, JobKind, Validation, Visibility};
use crate::store::StoreError;
use crate::store::rows::fields::{FieldOption, FieldRow, NewFieldRow, options_from_text, options_to_text};

pub use alias::BadAlias;
pub use uniqueness::MAX_CLAIMED;

/// A field, as the layers above see it.
pub type Field = FieldRow;
/// A field to be made, as the layers above see it.
pub type NewField = NewFieldRow;
/// One choice of a choice field, as the layers above see it.
pub type Choice = FieldOption;

/// Why a field was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveFieldError {
    /// The account has no such list.
    #[error("no list {0}")]
    NoList(ListId),
    /// The account has no such field.
    #[error("no field {0}")]
    NoField(FieldId),
    /// Values are to fit a pattern, and there is none.
    #[error("the pattern is missing")]
    NoRule,
    /// The alias is no good.
    #[error("alias")]
    Alias(#[from] BadAlias),
    /// A field stays with its list, and stays global or not, once somebody may have a value of it.
    #[error("field {0} cannot move")]
    CannotMove(FieldId),
    /// There are more values than [`MAX_CLAIMED`] to be told apart.
    #[error("field {0} has too many values to become unique")]
    TooManyValues(FieldId),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why fields were not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyFieldsError {
    /// The account has no list to copy from.
    #[error("no list {0} to copy from")]
    NoSource(ListId),
    /// The account has no list to copy to.
    #[error("no list {0} to copy to")]
    NoTarget(ListId),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why fields were not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteFieldsError {
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The choices of a field.
///
/// # Errors
/// [`StoreError::Unreadable`] when they were not written by [`set_choices`].
pub fn choices(field: &Field) -> Result<Vec<Choice>, StoreError> {
    options_from_text(&field.options)
}

/// Choices in the form in which a field keeps them.
#[must_use]
pub fn set_choices(choices: &[Choice]) -> String {
    options_to_text(choices)
}

/// What the values of a field are, never [`DataType::ByKind`]: what was said, else what its kind and validation come to.
#[must_use]
pub const fn data_type(field: &Field) -> DataType {
    match (field.data_type, field.kind, field.validation) {
        (DataType::ByKind, FieldKind::Date, _) => DataType::Date,
        (DataType::ByKind, FieldKind::MultipleChoice | FieldKind::DropDown, _) => DataType::Choice,
        (DataType::ByKind, FieldKind::Checkboxes, _) => DataType::MultiChoice,
        (DataType::ByKind, FieldKind::SingleLine | FieldKind::Hidden, Validation::Numbers) => DataType::Decimal,
        (DataType::ByKind, FieldKind::SingleLine | FieldKind::Hidden, Validation::Date) => DataType::Date,
        (DataType::ByKind, _, _) => DataType::Text,
        (said, _, _) => said,
    }
}

fn blank(cx: &Ctx<'_>, account: AccountId, list: ListId) -> NewField {
    NewField {
        account_id: account,
        list_id: list,
        name: String::new(),
        kind: FieldKind::SingleLine,
        default_value: String::new(),
        options: String::new(),
        validation: Validation::Disabled,
        rule: String::new(),
        is_required: false,
        is_unique: false,
        is_global: false,
        visibility: Visibility::UserOnly,
        alias: String::new(),
        years: String::new(),
        meta: String::new(),
        created_at: cx.now,
        code: String::new(),
        data_type: DataType::ByKind,
        labels: String::new(),
    }
}

/// Makes a field of a list, or with `is_global` set of every list of the account; the list must exist all the same.
///
/// # Errors
/// [`SaveFieldError`].
pub fn create(cx: &mut Ctx<'_>, list: ListId, build: impl FnOnce(&mut NewField)) -> Result<FieldId, SaveFieldError> {
    let account = cx.account(Permission::CustomFieldCreate)?;
    if cx.tx.find_list(account, list)?.is_none() {
        return Err(SaveFieldError::NoList(list));
    }
    let mut field = blank(cx, account, list);
    build(&mut field);
    field.account_id = account;
    field.list_id = if field.is_global { ListId::NONE } else { list };
    require_rule(field.validation, &field.rule)?;
    if !field.alias.is_empty() {
        let others = cx.tx.list_account_fields(account)?;
        alias::check(&field.alias, field.list_id, None, &others)?;
    }
    Ok(cx.tx.insert_field(&field)?)
}

fn require_rule(validation: Validation, rule: &str) -> Result<(), SaveFieldError> {
    if validation == Validation::Custom && rule.is_empty() { Err(SaveFieldError::NoRule) } else { Ok(()) }
}

/// Changes a field. `list` is the list that the caller believes it to belong to, or, when it stops being global, shall belong to.
///
/// # Errors
/// [`SaveFieldError`].
pub fn update(
    cx: &mut Ctx<'_>,
    id: FieldId,
    list: Option<ListId>,
    change: impl FnOnce(&mut Field),
) -> Result<(), SaveFieldError> {
    let account = cx.account(Permission::CustomFieldUpdate)?;
    let old = cx.tx.find_field(account, id)?.ok_or(SaveFieldError::NoField(id))?;
    if let Some(list) = list
        && cx.tx.find_list(account, list)?.is_none()
    {
        return Err(SaveFieldError::NoList(list));
    }
    let mut new = old.clone();
    change(&mut new);
    (new.id, new.account_id) = (id, account);
    new.list_id = place(cx, &old, new.is_global, list)?;
    require_rule(new.validation, &new.rule)?;
    if !new.alias.is_empty() && new.alias != old.alias {
        let others = cx.tx.list_account_fields(account)?;
        alias::check(&new.alias, new.list_id, Some(id), &others)?;
    }
    if new.is_unique && !old.is_unique {
        uniqueness::claim_all(cx, &new)?;
    }
    Ok(cx.tx.update_field(&new)?)
}

/// The list that a changed field belongs to.
fn place(cx: &mut Ctx<'_>, old: &Field, is_global: bool, list: Option<ListId>) -> Result<ListId, SaveFieldError> {
    let stays = Err(SaveFieldError::CannotMove(old.id));
    match (old.is_global, is_global) {
        (true, true) => Ok(ListId::NONE),
        (false, false) if list.is_none_or(|list| list == old.list_id) => Ok(old.list_id),
        (false, false) => stays,
        (false, true) if uniqueness::n_subscribers(cx, old.list_id)? == 0 => Ok(ListId::NONE),
        (false, true) => stays,
        (true, false) => match list {
            Some(list) if cx.tx.list_first_global_values(old.id, 1)?.is_empty() => Ok(list),
            _ => stays,
        },
    }
}

/// Frees one piece of the claims that a field keeps from a time when it was unique; false when none is left. For after [`update`] made it
/// not unique, one transaction each; what a crash leaves behind is freed when it becomes unique again.
///
/// # Errors
/// [`SaveFieldError`].
pub fn free_some(cx: &mut Ctx<'_>, id: FieldId) -> Result<bool, SaveFieldError> {
    let account = cx.account(Permission::CustomFieldUpdate)?;
    let field = cx.tx.find_field(account, id)?.ok_or(SaveFieldError::NoField(id))?;
    if field.is_unique {
        return Ok(false);
    }
    Ok(uniqueness::free_piece(cx, id)?)
}

/// The fields of a list by id, and after them the account's global ones. For internal use: no permission is asked.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn definitions(
    cx: &mut Ctx<'_>,
    account: AccountId,
    list: ListId,
) -> Result<Vec<Field>, StoreError> {
    cx.tx.list_fields(account, list)
}

/// The fields of a list by id; `with_global` adds the account's global ones after them.
///
/// # Errors
/// [`GetListError`].
pub fn list(cx: &mut Ctx<'_>, list: ListId, with_global: bool) -> Result<Vec<Field>, GetListError> {
    let list = lists::require(cx, Permission::CustomFieldsGet, list)?;
    let mut fields = definitions(cx, list.account_id, list.id)?;
    fields.retain(|field| with_global || !field.is_global);
    Ok(fields)
}

/// The list and those of its fields (global ones included) that are named, in the order named; for building a form.
///
/// # Errors
/// [`GetListError`].
pub fn named(cx: &mut Ctx<'_>, list: ListId, ids: &[FieldId]) -> Result<(lists::List, Vec<Field>), GetListError> {
    let list = lists::require(cx, Permission::ListGet, list)?;
    let known = definitions(cx, list.account_id, list.id)?;
    let mut seen = HashSet::new();
    let wanted = ids.iter().filter(|id| seen.insert(**id));
    let found = wanted.filter_map(|id| known.iter().find(|field| field.id == *id).cloned()).collect();
    Ok((list, found))
}

/// Copies the fields of one list, but not the global ones, to another. An alias that the other list knows already is dropped.
///
/// # Errors
/// [`CopyFieldsError`].
pub fn copy(cx: &mut Ctx<'_>, source: ListId, target: ListId) -> Result<(), CopyFieldsError> {
    let account = cx.account(Permission::CustomFieldCreate)?;
    if cx.tx.find_list(account, source)?.is_none() {
        return Err(CopyFieldsError::NoSource(source));
    }
    if cx.tx.find_list(account, target)?.is_none() {
        return Err(CopyFieldsError::NoTarget(target));
    }
    let mut known = cx.tx.list_account_fields(account)?;
    let copied: Vec<Field> = known.iter().filter(|field| field.list_id == source).cloned().collect();
    for mut field in copied {
        if alias::check(&field.alias, target, None, &known).is_err() {
            field.alias = String::new();
        }
        field.list_id = target;
        let row = NewField {
            account_id: account,
            list_id: target,
            name: field.name.clone(),
            kind: field.kind,
            default_value: field.default_value.clone(),
            options: field.options.clone(),
            validation: field.validation,
            rule: field.rule.clone(),
            is_required: field.is_required,
            is_unique: field.is_unique,
            is_global: false,
            visibility: field.visibility,
            alias: field.alias.clone(),
            years: field.years.clone(),
            meta: field.meta.clone(),
            created_at: cx.now,
            code: field.code.clone(),
            data_type: field.data_type,
            labels: field.labels.clone(),
        };
        field.id = cx.tx.insert_field(&row)?;
        known.push(field);
    }
    Ok(())
}

/// Deletes fields: their definitions are gone at once, and a job removes their values. Ids that name no field of the acting account are passed
/// over. One call is one transaction: give it a few hundred ids at most.
///
/// # Errors
/// [`DeleteFieldsError`].
pub fn delete(cx: &mut Ctx<'_>, ids: &[FieldId]) -> Result<(), DeleteFieldsError> {
    let account = cx.account(Permission::CustomFieldsDelete)?;
    for id in ids {
        if let Some(field) = cx.tx.find_field(account, *id)? {
            projects::forget_key_field(cx, field.list_id, *id)?;
            cx.tx.delete_field(*id)?;
            outbox::queue_job(cx, account, JobKind::PurgeField, format!("{id} {}", field.list_id))?;
        }
    }
    Ok(())
}
