//! Relational tables and their rows.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::model::ids::{AccountId, ListId, SubscriberNumber, TableId};
use crate::model::states::DataType;
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::schema::tables::{data_rows, data_table_fields, data_tables};

/// An extra table of a list.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = data_tables)]
pub struct TableRow {
    pub id: TableId,
    pub account_id: AccountId,
    pub list_id: ListId,
    pub code: String,
    pub name: String,
    pub needs_contact: bool,
    pub created_at: UtcTime,
}

/// An extra table to be made.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = data_tables)]
pub struct NewTableRow {
    pub account_id: AccountId,
    pub list_id: ListId,
    pub code: String,
    pub code_key: String,
    pub name: String,
    pub needs_contact: bool,
    pub last_number: i64,
    pub created_at: UtcTime,
}

/// A column of such a table.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = data_table_fields)]
pub struct TableFieldRow {
    pub table_id: TableId,
    pub position: i64,
    pub code: String,
    pub data_type: DataType,
    pub is_key: bool,
    pub is_required: bool,
}

/// A row of such a table.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = data_rows)]
pub struct DataRow {
    pub table_id: TableId,
    pub number: i64,
    pub list_id: ListId,
    pub contact_number: SubscriberNumber,
    pub key_text: Option<String>,
    /// See [`values_from_text`].
    pub content: String,
    pub created_at: UtcTime,
    pub changed_at: UtcTime,
}

/// The values of a row by column position; a column without a value is absent.
pub type RowValues = BTreeMap<i64, String>;

/// Reads a `content` column.
///
/// # Errors
/// [`StoreError::Unreadable`] when the text is not what [`values_to_text`] wrote.
pub fn values_from_text(text: &str) -> Result<RowValues, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Unreadable("data_rows.content"))
}

/// Writes a `content` column.
#[must_use]
pub fn values_to_text(values: &RowValues) -> String {
    serde_json::to_string(values).expect("numbers and texts always serialise")
}
