//! What a project is set to: its cultures, its time zone, its key.

use std::collections::HashSet;

use chrono_tz::Tz;

use crate::domain::access::{Denied, Permission};
use crate::domain::contacts::key as contact_key;
use crate::domain::cx::Ctx;
use crate::domain::fields::MAX_CLAIMED;
use crate::domain::projects::{Key, Project, SaveProjectError, require};
use crate::domain::subscribers::find;
use crate::model::ids::{FieldId, ListId};
use crate::store::StoreError;
use crate::store::rows::projects::ProjectRow;

/// Cultures of one project at most.
const MAX_LANGUAGES: usize = 50;
/// Fields of one key at most.
const MAX_KEY_FIELDS: usize = 8;

/// Sets the cultures of a project of the acting account, the default first.
///
/// # Errors
/// [`SaveProjectError`].
pub fn set_languages(cx: &mut Ctx<'_>, project: ListId, languages: &[String]) -> Result<(), SaveProjectError> {
    let languages = checked_languages(languages)?;
    change(cx, project, |row| row.languages = languages)
}

/// Sets the zone of the dates of a project of the acting account; empty for the server's.
///
/// # Errors
/// [`SaveProjectError`].
pub fn set_time_zone(cx: &mut Ctx<'_>, project: ListId, zone: &str) -> Result<(), SaveProjectError> {
    check_time_zone(zone)?;
    change(cx, project, |row| zone.clone_into(&mut row.time_zone))
}

fn change(cx: &mut Ctx<'_>, project: ListId, edit: impl FnOnce(&mut ProjectRow)) -> Result<(), SaveProjectError> {
    let project = require(cx, Permission::ListUpdate, project)?;
    let mut row = row_of(cx, &project)?;
    edit(&mut row);
    Ok(cx.tx.save_project(&row)?)
}

fn row_of(cx: &mut Ctx<'_>, project: &Project) -> Result<ProjectRow, StoreError> {
    Ok(cx.tx.find_project(project.id())?.unwrap_or_else(|| super::blank(cx, project.id())))
}

/// Why a project's key was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetKeyError {
    /// The account has no such project.
    #[error("no project {0}")]
    NoProject(ListId),
    /// The project has no such field, or the field is named twice, or belongs to the whole account.
    #[error("{0:?} cannot be part of the key")]
    BadField(String),
    /// A key has some fields, but not too many.
    #[error("a key has 1 to 8 fields")]
    BadNumber,
    /// More contacts than [`MAX_CLAIMED`] would have to be looked at.
    #[error("project {0} has too many contacts for its key to change")]
    TooManyContacts(ListId),
    /// A contact has no value for a part of the key, or two have the same values.
    #[error("contact {0} has no key of its own")]
    NoOwnKey(i64),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sets what tells the contacts of a project apart: no codes for the address. What contacts there are must have keys of their own.
///
/// # Errors
/// [`SetKeyError`].
pub fn set_key(cx: &mut Ctx<'_>, project: ListId, codes: &[String]) -> Result<(), SetKeyError> {
    let project = require(cx, Permission::ListUpdate, project).map_err(|error| match error {
        super::GetProjectError::NoList(id) => SetKeyError::NoProject(id),
        super::GetProjectError::Denied(denied) => SetKeyError::Denied(denied),
        super::GetProjectError::Store(error) => SetKeyError::Store(error),
    })?;
    let key = read_key(&project, codes)?;
    if key == project.key {
        return Ok(());
    }
    // Who joins meanwhile waits, and then has the new key.
    cx.tx.hold_lists(&[project.id()], "", false)?;
    cx.rules = None;
    cx.tx.delete_contact_keys_of_list(project.id())?;
    let mut row = row_of(cx, &project)?;
    row.key_fields.clear();
    if let Key::Fields(ids) = &key {
        row.key_fields = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        claim_all(cx, &project, ids)?;
    }
    Ok(cx.tx.save_project(&row)?)
}

fn read_key(project: &Project, codes: &[String]) -> Result<Key, SetKeyError> {
    let is_address = |code: &String| code.eq_ignore_ascii_case(super::ADDRESS_CODE);
    if codes.is_empty() || (codes.len() == 1 && codes.iter().all(is_address)) {
        return Ok(Key::Address);
    }
    if codes.len() > MAX_KEY_FIELDS {
        return Err(SetKeyError::BadNumber);
    }
    let mut ids: Vec<FieldId> = Vec::new();
    let mut seen = HashSet::new();
    for code in codes {
        let field = project.field(code).filter(|field| !field.field.is_global);
        let id = field.map(|field| field.field.id).filter(|id| seen.insert(*id));
        ids.push(id.ok_or_else(|| SetKeyError::BadField(code.clone()))?);
    }
    Ok(Key::Fields(ids))
}

/// Gives every contact its key.
fn claim_all(cx: &mut Ctx<'_>, project: &Project, ids: &[FieldId]) -> Result<(), SetKeyError> {
    let totals = cx.tx.find_list_totals(project.id())?.unwrap_or_default();
    if totals.n_all() > MAX_CLAIMED {
        return Err(SetKeyError::TooManyContacts(project.id()));
    }
    for (number, _) in cx.tx.list_first_values(project.id(), MAX_CLAIMED)? {
        let no_key = || SetKeyError::NoOwnKey(number.0);
        let Some(row) = cx.tx.find_subscriber(project.id(), number)? else { continue };
        let values = find::values_of(cx, project.account(), &row)?;
        let text = contact_key::text_of(ids, &values).ok_or_else(no_key)?;
        if cx.tx.find_contact_by_key(project.id(), &text)?.is_some() {
            return Err(no_key());
        }
        cx.tx.set_contact_key(project.id(), number, &text)?;
    }
    Ok(())
}

/// Lets the address tell the contacts of a list apart from now on when a part of its key goes. The keys themselves go with the field's values.
pub(in crate::domain) fn forget_key_field(cx: &mut Ctx<'_>, list: ListId, field: FieldId) -> Result<(), StoreError> {
    let Some(mut row) = cx.tx.find_project(list)? else { return Ok(()) };
    if matches!(super::key_of(&row.key_fields)?, Key::Fields(ids) if ids.contains(&field)) {
        cx.tx.hold_lists(&[list], "", false)?;
        cx.rules = None;
        row.key_fields.clear();
        cx.tx.save_project(&row)?;
    }
    Ok(())
}

/// The form in which cultures are kept.
pub(super) fn checked_languages(languages: &[String]) -> Result<String, SaveProjectError> {
    let mut seen = HashSet::new();
    for culture in languages {
        check_culture(culture)?;
        if !seen.insert(culture.to_ascii_lowercase()) || seen.len() > MAX_LANGUAGES {
            return Err(SaveProjectError::BadCulture(culture.clone()));
        }
    }
    Ok(languages.join(","))
}

/// A culture is a language, perhaps with a script or region: `fr`, `fr-CA`, `zh-Hant-TW`.
pub(super) fn check_culture(culture: &str) -> Result<(), SaveProjectError> {
    let mut parts = culture.split('-');
    let is_language = parts
        .next()
        .is_some_and(|part| (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let is_rest = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_language && culture.len() <= 20 && parts.all(is_rest) {
        Ok(())
    } else {
        Err(SaveProjectError::BadCulture(culture.to_owned()))
    }
}

pub(super) fn check_time_zone(zone: &str) -> Result<(), SaveProjectError> {
    if zone.is_empty() || zone.parse::<Tz>().is_ok() {
        Ok(())
    } else {
        Err(SaveProjectError::BadTimeZone(zone.to_owned()))
    }
}
