//! Custom fields.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::model::ids::{AccountId, FieldId, ListId};
use crate::model::states::{DataType, FieldKind, Validation, Visibility};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::schema::fields;

/// Something that a list, or with [`ListId::NONE`] every list of the account, knows of its subscribers.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Identifiable, AsChangeset)]
#[diesel(table_name = fields)]
pub struct FieldRow {
    pub id: FieldId,
    pub account_id: AccountId,
    pub list_id: ListId,
    pub name: String,
    pub kind: FieldKind,
    pub default_value: String,
    /// See [`options_from_text`]; empty for none.
    pub options: String,
    pub validation: Validation,
    pub rule: String,
    pub is_required: bool,
    pub is_unique: bool,
    pub is_global: bool,
    pub visibility: Visibility,
    /// Another name for merge tags; empty for none.
    pub alias: String,
    /// Range of years of a date field, such as `2010-2030`; empty for none.
    pub years: String,
    /// Further data, as the client gave it.
    pub meta: String,
    pub created_at: UtcTime,
    /// Its name on wires that name fields by code; empty for its alias, else `CustomField<id>`.
    pub code: String,
    pub data_type: DataType,
    /// See [`labels_from_text`]; empty for none.
    pub labels: String,
}

/// A field to be made.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = fields)]
pub struct NewFieldRow {
    pub account_id: AccountId,
    pub list_id: ListId,
    pub name: String,
    pub kind: FieldKind,
    pub default_value: String,
    pub options: String,
    pub validation: Validation,
    pub rule: String,
    pub is_required: bool,
    pub is_unique: bool,
    pub is_global: bool,
    pub visibility: Visibility,
    pub alias: String,
    pub years: String,
    pub meta: String,
    pub created_at: UtcTime,
    /// Its name on wires that name fields by code; empty for its alias, else `CustomField<id>`.
    pub code: String,
    pub data_type: DataType,
    /// See [`labels_from_text`]; empty for none.
    pub labels: String,
}

/// One choice of a choice field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldOption {
    /// What people see.
    pub label: String,
    /// What is stored.
    pub value: String,
    /// Whether it is chosen beforehand.
    pub is_selected: bool,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct OptionPayload {
    label: String,
    value: String,
    selected: bool,
}

/// Reads the `options` column.
///
/// # Errors
/// [`StoreError::Unreadable`] when the text is not what [`options_to_text`] wrote.
pub fn options_from_text(text: &str) -> Result<Vec<FieldOption>, StoreError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let read: Vec<OptionPayload> = serde_json::from_str(text).map_err(|_| StoreError::Unreadable("fields.options"))?;
    let options = read.into_iter();
    Ok(options.map(|read| FieldOption { label: read.label, value: read.value, is_selected: read.selected }).collect())
}

/// Writes the `options` column; empty text for no options.
#[must_use]
pub fn options_to_text(options: &[FieldOption]) -> String {
    if options.is_empty() {
        return String::new();
    }
    let payload: Vec<OptionPayload> = options
        .iter()
        .map(|option| OptionPayload {
            label: option.label.clone(),
            value: option.value.clone(),
            selected: option.is_selected,
        })
        .collect();
    serde_json::to_string(&payload).expect("texts and truths always serialise")
}

/// Reads a `labels` column: what people see, by culture. Empty text for none.
///
/// # Errors
/// [`StoreError::Unreadable`] when the text is not what [`labels_to_text`] wrote.
pub fn labels_from_text(text: &str) -> Result<BTreeMap<String, String>, StoreError> {
    if text.is_empty() {
        return Ok(BTreeMap::new());
    }
    serde_json::from_str(text).map_err(|_| StoreError::Unreadable("labels"))
}

/// Writes a `labels` column; empty text for no labels.
#[must_use]
pub fn labels_to_text(labels: &BTreeMap<String, String>) -> String {
    if labels.is_empty() {
        return String::new();
    }
    serde_json::to_string(labels).expect("texts always serialise")
}
