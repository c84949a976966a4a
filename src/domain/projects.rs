//! Projects: lists with languages, a time zone, typed fields with codes, opt-ins by kind of communication and, if wanted, a key of other fields than the
//! address. Every list is a project; what was never set has a default.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::domain::access::{Denied, Permission};
use crate::domain::cx::Ctx;
use crate::domain::fields::{self, Choice, Field, SaveFieldError};
use crate::domain::lists::{self, CreateListError, GetListError, List};
use crate::model::ids::{AccountId, FieldId, ListId, OptInId};
use crate::model::states::{DataType, FieldKind, Validation};
use crate::store::StoreError;
use crate::store::rows::fields::{labels_from_text, labels_to_text};
use crate::store::rows::projects::{NewOptInRow, OptInRow, ProjectRow};

mod removal;
mod settings;

pub use removal::{RemovePartError, remove_field, remove_opt_in};
pub(in crate::domain) use settings::forget_key_field;
pub use settings::{SetKeyError, set_key, set_languages, set_time_zone};

/// The code of the address, which every contact has and no field row stands for.
pub const ADDRESS_CODE: &str = "EMail";
/// The culture of a project that names none.
pub const DEFAULT_CULTURE: &str = "en";
/// Opt-ins of one project at most.
pub const MAX_OPT_INS: usize = 100;
/// Longest code, in bytes.
const LONGEST_CODE: usize = 100;
/// Longest label, in characters.
const LONGEST_LABEL: usize = 250;

/// What people see of a field or opt-in, by culture.
pub type Labels = BTreeMap<String, String>;

/// A project with everything that reading and writing its contacts needs.
#[derive(Debug, Clone)]
pub struct Project {
    /// The list it is.
    pub list: List,
    /// Its cultures (`fr-CA`), the default first; at least one.
    pub languages: Vec<String>,
    /// The zone of its dates.
    pub time_zone: Tz,
    /// What tells its contacts apart.
    pub key: Key,
    /// Its fields without the address, then the account's global ones.
    pub fields: Vec<ProjectField>,
    /// Its opt-ins.
    pub opt_ins: Vec<OptIn>,
}

/// What tells contacts apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// The address.
    Address,
    /// The values of these fields together; the address is unique all the same.
    Fields(Vec<FieldId>),
}

/// A field as a project shows it.
#[derive(Debug, Clone)]
pub struct ProjectField {
    /// The field.
    pub field: Field,
    /// Its code: the one given, else its alias, else `CustomField<id>`.
    pub code: String,
    /// What its values are, never [`DataType::ByKind`].
    pub data_type: DataType,
    /// What people see; empty when only the name is known.
    pub labels: Labels,
}

/// An opt-in of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptIn {
    /// Its id.
    pub id: OptInId,
    /// Its code.
    pub code: String,
    /// What people see; empty when only the code is known.
    pub labels: Labels,
    /// Messages of this category go in batches only to those who gave it; 0 for none.
    pub category_id: i64,
}

impl Project {
    /// Its id on the wire.
    #[must_use]
    pub fn id(&self) -> ListId {
        self.list.id
    }

    /// The account that owns it.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.list.account_id
    }

    /// The field with this code, or alias, in any case.
    #[must_use]
    pub fn field(&self, code: &str) -> Option<&ProjectField> {
        let by_code = self.fields.iter().find(|field| field.code.eq_ignore_ascii_case(code));
        by_code.or_else(|| {
            self.fields.iter().find(|field| {
                (!field.field.alias.is_empty() && field.field.alias.eq_ignore_ascii_case(code))
                    || fallback_code(field.field.id).eq_ignore_ascii_case(code)
            })
        })
    }

    /// The field with this id.
    #[must_use]
    pub fn field_by_id(&self, id: FieldId) -> Option<&ProjectField> {
        self.fields.iter().find(|field| field.field.id == id)
    }

    /// The opt-in with this code in any case.
    #[must_use]
    pub fn opt_in(&self, code: &str) -> Option<&OptIn> {
        self.opt_ins.iter().find(|opt_in| opt_in.code.eq_ignore_ascii_case(code))
    }

    /// The codes of its key, `EMail` for the address.
    #[must_use]
    pub fn key_codes(&self) -> Vec<&str> {
        match &self.key {
            Key::Address => vec![ADDRESS_CODE],
            Key::Fields(ids) => {
                ids.iter().filter_map(|id| self.field_by_id(*id)).map(|field| field.code.as_str()).collect()
            }
        }
    }
}

/// The code of a field that has neither code nor alias.
fn fallback_code(id: FieldId) -> String {
    format!("CustomField{id}")
}

/// Why a project was not read.
pub type GetProjectError = GetListError;

/// The acting account's project of this id.
///
/// # Errors
/// [`GetProjectError`].
pub fn get(cx: &mut Ctx<'_>, id: ListId) -> Result<Project, GetProjectError> {
    require(cx, Permission::ListGet, id)
}

/// The acting account's project of this id, if its user group allows `permission`.
///
/// # Errors
/// [`GetProjectError`].
pub fn require(cx: &mut Ctx<'_>, permission: Permission, id: ListId) -> Result<Project, GetProjectError> {
    let list = lists::require(cx, permission, id)?;
    Ok(of_list(cx, list)?)
}

/// A list as a project. For internal use: no permission is asked.
pub(in crate::domain) fn of_list(cx: &mut Ctx<'_>, list: List) -> Result<Project, StoreError> {
    let row = cx.tx.find_project(list.id)?.unwrap_or_else(|| blank(cx, list.id));
    let fields = cx.tx.list_fields(list.account_id, list.id)?;
    let fields = fields.into_iter().map(project_field).collect::<Result<Vec<_>, _>>()?;
    let opt_ins = cx.tx.list_opt_ins(list.id)?.into_iter().map(opt_in).collect::<Result<_, _>>()?;
    let mut languages: Vec<String> =
        row.languages.split(',').filter(|culture| !culture.is_empty()).map(str::to_owned).collect();
    if languages.is_empty() {
        languages.push(DEFAULT_CULTURE.to_owned());
    }
    let zone = if row.time_zone.is_empty() { &cx.settings.ofsys.time_zone } else { &row.time_zone };
    let time_zone = zone.parse().map_err(|_| StoreError::Unreadable("projects.time_zone"))?;
    Ok(Project { list, languages, time_zone, key: key_of(&row.key_fields)?, fields, opt_ins })
}

/// The key that a `key_fields` text names.
pub(in crate::domain) fn key_of(text: &str) -> Result<Key, StoreError> {
    if text.is_empty() {
        return Ok(Key::Address);
    }
    let ids: Result<Vec<i64>, _> = text.split(',').map(str::parse).collect();
    let ids = ids.map_err(|_| StoreError::Unreadable("projects.key_fields"))?;
    Ok(Key::Fields(ids.into_iter().map(FieldId).collect()))
}

fn blank(cx: &Ctx<'_>, list: ListId) -> ProjectRow {
    ProjectRow {
        list_id: list,
        languages: String::new(),
        time_zone: String::new(),
        key_fields: String::new(),
        created_at: cx.now,
    }
}

fn project_field(field: Field) -> Result<ProjectField, StoreError> {
    let code = [&field.code, &field.alias].into_iter().find(|text| !text.is_empty()).cloned();
    let code = code.unwrap_or_else(|| fallback_code(field.id));
    let labels = labels_from_text(&field.labels)?;
    Ok(ProjectField { code, data_type: fields::data_type(&field), labels, field })
}

fn opt_in(row: OptInRow) -> Result<OptIn, StoreError> {
    let labels = labels_from_text(&row.labels)?;
    Ok(OptIn { id: row.id, code: row.code, labels, category_id: row.category_id })
}

/// The acting account's projects, by id: each with its name.
///
/// # Errors
/// [`ListProjectsError`].
pub fn list(cx: &mut Ctx<'_>) -> Result<Vec<(ListId, String)>, ListProjectsError> {
    let account = cx.account(Permission::ListsGet)?;
    let lists = cx.tx.list_lists(account)?;
    Ok(lists.into_iter().map(|(list, _, _)| (list.id, list.name)).collect())
}

/// Why projects were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListProjectsError {
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A project to be made.
#[derive(Debug, Clone, Default)]
pub struct NewProject {
    /// Its name.
    pub name: String,
    /// Its cultures, the default first; empty for [`DEFAULT_CULTURE`].
    pub languages: Vec<String>,
    /// An IANA zone; empty for the server's (`ofsys.time_zone`).
    pub time_zone: String,
}

/// Why a project or a part of it was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveProjectError {
    /// The account has no such project.
    #[error("no project {0}")]
    NoProject(ListId),
    /// The name is empty or longer than 250 characters.
    #[error("{0:?} is no name")]
    BadName(String),
    /// No culture such as `fr` or `fr-CA`.
    #[error("{0:?} is no culture such as fr or fr-CA")]
    BadCulture(String),
    /// No IANA zone.
    #[error("{0:?} is no IANA time zone")]
    BadTimeZone(String),
    /// Letters, digits and underscores, not beginning with a digit; not the code of the address or of another prefix's use.
    #[error("{0:?} is no code: letters, digits and underscores, and not the name of a built-in")]
    BadCode(String),
    /// Another field or opt-in of the project has the code.
    #[error("code {0:?} is taken")]
    CodeTaken(String),
    /// A choice field without choices, or choices on another one.
    #[error("field {0:?} needs choices if it is a choice, and none otherwise")]
    BadChoices(String),
    /// There are [`MAX_OPT_INS`] already.
    #[error("project {0} has too many opt-ins")]
    TooManyOptIns(ListId),
    /// See [`CreateListError`].
    #[error(transparent)]
    List(#[from] CreateListError),
    /// See [`SaveFieldError`].
    #[error(transparent)]
    Field(#[from] SaveFieldError),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<GetListError> for SaveProjectError {
    fn from(error: GetListError) -> Self {
        match error {
            GetListError::NoList(id) => Self::NoProject(id),
            GetListError::Denied(denied) => Self::Denied(denied),
            GetListError::Store(error) => Self::Store(error),
        }
    }
}

/// Makes a project of the acting account.
///
/// # Errors
/// [`SaveProjectError`].
pub fn create(cx: &mut Ctx<'_>, new: &NewProject) -> Result<ListId, SaveProjectError> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_LABEL || name.chars().any(char::is_control) {
        return Err(SaveProjectError::BadName(new.name.clone()));
    }
    let languages = settings::checked_languages(&new.languages)?;
    settings::check_time_zone(&new.time_zone)?;
    let id = lists::create(cx, |list| name.clone_into(&mut list.name))?;
    let row = ProjectRow { languages, time_zone: new.time_zone.clone(), ..blank(cx, id) };
    cx.tx.save_project(&row)?;
    Ok(id)
}

/// A field to be added to a project.
#[derive(Debug, Clone)]
pub struct NewField {
    /// Its code, unique in the project without case.
    pub code: String,
    /// What its values are.
    pub data_type: DataType,
    /// Whether a text may be long; otherwise it holds 100 characters.
    pub is_long: bool,
    /// Whether a new contact must have a value.
    pub is_required: bool,
    /// What people see, by culture; the first one, or else the code, is its name on other wires.
    pub labels: Labels,
    /// The choices of a choice field: value and label.
    pub choices: Vec<(String, String)>,
}

/// Adds a field to a project of the acting account.
///
/// # Errors
/// [`SaveProjectError`].
pub fn add_field(cx: &mut Ctx<'_>, project: ListId, new: &NewField) -> Result<FieldId, SaveProjectError> {
    let project = require(cx, Permission::CustomFieldCreate, project)?;
    check_code(&new.code)?;
    if project.field(&new.code).is_some() {
        return Err(SaveProjectError::CodeTaken(new.code.clone()));
    }
    let is_choice = matches!(new.data_type, DataType::Choice | DataType::MultiChoice);
    if is_choice == new.choices.is_empty() {
        return Err(SaveProjectError::BadChoices(new.code.clone()));
    }
    let labels = checked_labels(&new.labels)?;
    let kind = match new.data_type {
        DataType::Text if new.is_long => FieldKind::Paragraph,
        DataType::Date => FieldKind::Date,
        DataType::Choice => FieldKind::DropDown,
        DataType::MultiChoice => FieldKind::Checkboxes,
        _ => FieldKind::SingleLine,
    };
    let name = new.labels.values().next().cloned().unwrap_or_else(|| new.code.clone());
    Ok(fields::create(cx, project.id(), |field| {
        field.name = name;
        field.kind = kind;
        field.data_type = new.data_type;
        field.is_required = new.is_required;
        field.code.clone_from(&new.code);
        field.labels = labels;
        field.options = options_of(&new.choices);
        if is_choice {
            field.validation = Validation::Options;
        }
    })?)
}

/// Changes whether a field of a project of the acting account is required, what people see of it, and its choices.
///
/// # Errors
/// [`SaveProjectError`].
pub fn change_field(
    cx: &mut Ctx<'_>,
    project: ListId,
    id: FieldId,
    is_required: bool,
    labels: &Labels,
    choices: &[(String, String)],
) -> Result<(), SaveProjectError> {
    let project = require(cx, Permission::CustomFieldUpdate, project)?;
    let Some(known) = project.field_by_id(id) else { return Err(SaveFieldError::NoField(id).into()) };
    if matches!(known.data_type, DataType::Choice | DataType::MultiChoice) == choices.is_empty() {
        return Err(SaveProjectError::BadChoices(known.code.clone()));
    }
    let (labels_text, options) = (checked_labels(labels)?, options_of(choices));
    let name = labels.values().next().cloned().unwrap_or_else(|| known.code.clone());
    Ok(fields::update(cx, id, None, |field| {
        field.name = name;
        field.is_required = is_required;
        field.labels = labels_text;
        field.options = options;
    })?)
}

/// Choices, as value and label, in the form in which a field keeps them.
fn options_of(choices: &[(String, String)]) -> String {
    let choices: Vec<Choice> = choices
        .iter()
        .map(|(value, label)| Choice { label: label.clone(), value: value.clone(), is_selected: false })
        .collect();
    fields::set_choices(&choices)
}

/// Adds an opt-in to a project of the acting account. `category_id`: the messages that need it; 0 for none.
///
/// # Errors
/// [`SaveProjectError`].
pub fn add_opt_in(
    cx: &mut Ctx<'_>,
    project: ListId,
    code: &str,
    labels: &Labels,
    category_id: i64,
) -> Result<OptInId, SaveProjectError> {
    let project = require(cx, Permission::CustomFieldCreate, project)?;
    check_code(code)?;
    if project.opt_ins.len() >= MAX_OPT_INS {
        return Err(SaveProjectError::TooManyOptIns(project.id()));
    }
    let row = NewOptInRow {
        list_id: project.id(),
        code: code.to_owned(),
        code_key: code.to_ascii_lowercase(),
        labels: checked_labels(labels)?,
        category_id: category_id.max(0),
        created_at: cx.now,
    };
    if project.opt_in(code).is_some() {
        return Err(SaveProjectError::CodeTaken(row.code));
    }
    cx.tx.insert_opt_in(&row).map_err(|error| match error {
        StoreError::Conflict { .. } => SaveProjectError::CodeTaken(row.code),
        error => SaveProjectError::Store(error),
    })
}

/// Names that contacts have beside their fields.
const RESERVED: &[&str] =
    &["EMail", "idContact", "isActive", "hasTrackingConsent", "dtTrackingConsent", "dtCreated", "dtModified"];

fn check_code(code: &str) -> Result<(), SaveProjectError> {
    let starts_well = code.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_word = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let has_prefix = ["f_", "key_", "optin_", "dtoptin_", "customfield"]
        .iter()
        .any(|prefix| code.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)));
    let is_reserved = RESERVED.iter().any(|word| word.eq_ignore_ascii_case(code));
    if starts_well && is_word && code.len() <= LONGEST_CODE && !has_prefix && !is_reserved {
        Ok(())
    } else {
        Err(SaveProjectError::BadCode(code.to_owned()))
    }
}

fn checked_labels(labels: &Labels) -> Result<String, SaveProjectError> {
    for (culture, label) in labels {
        settings::check_culture(culture)?;
        if label.chars().count() > LONGEST_LABEL || label.chars().any(char::is_control) {
            return Err(SaveProjectError::BadName(label.clone()));
        }
    }
    Ok(labels_to_text(labels))
}

#[cfg(test)]
mod tests;
