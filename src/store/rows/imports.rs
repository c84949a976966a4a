//! Imports: what was handed over, how far it is, and the rows a piece of it becomes.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;

use crate::model::ids::{AccountId, FieldId, ImportId, ListId, SubscriberNumber};
use crate::model::states::{ImportKind, ImportState, ImportTarget, Roster, SyncPeriod};
use crate::model::time::UtcTime;
use crate::store::schema::imports;

/// An import.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = imports)]
pub struct ImportRow {
    pub id: ImportId,
    pub account_id: AccountId,
    pub list_id: ListId,
    pub kind: ImportKind,
    pub target: ImportTarget,
    pub state: ImportState,
    pub file_name: String,
    pub n_columns: i64,
    pub n_rows: i64,
    pub n_imported: i64,
    pub n_duplicates: i64,
    pub n_failed: i64,
    pub created_at: UtcTime,
    pub finished_at: Option<UtcTime>,
    pub n_runs: i64,
    pub leased_until: Option<UtcTime>,
}

/// An import to be made.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = imports)]
pub struct NewImportRow {
    pub account_id: AccountId,
    pub list_id: ListId,
    pub kind: ImportKind,
    pub target: ImportTarget,
    pub state: ImportState,
    pub file_name: String,
    pub field_terminator: String,
    pub field_encloser: String,
    pub n_columns: i64,
    pub n_rows: i64,
    pub n_imported: i64,
    pub n_duplicates: i64,
    pub n_failed: i64,
    pub actor: String,
    pub ip: String,
    pub created_at: UtcTime,
}

/// What one piece of an import came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub n_rows: i64,
    pub n_imported: i64,
    pub n_duplicates: i64,
    pub n_failed: i64,
}

/// What the subscribers of one piece have in common.
#[derive(Debug, Clone)]
pub struct ImportedCommon {
    pub list_id: ListId,
    pub at: UtcTime,
    pub ip: String,
    pub import_id: ImportId,
}

/// A subscriber that joins by import.
#[derive(Debug, Clone)]
pub struct ImportedRow<'a> {
    pub number: SubscriberNumber,
    pub email: &'a str,
    pub email_key: &'a str,
    /// The `fields` column.
    pub fields: &'a str,
    pub is_suppressed: bool,
}

/// A value that only one may hold.
#[derive(Debug, Clone)]
pub struct UniqueRow<'a> {
    pub field_id: FieldId,
    pub value_key: &'a str,
    /// 0 for a global field.
    pub list_id: ListId,
    /// 0 for a global field.
    pub number: SubscriberNumber,
    pub email_key: &'a str,
}

/// A value of a global field.
#[derive(Debug, Clone)]
pub struct GlobalRow<'a> {
    pub field_id: FieldId,
    pub email_key: &'a str,
    pub value: &'a str,
}

/// How many subscribers of a list stand in a roster, among those asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RosterCount {
    pub list_id: ListId,
    pub roster: Roster,
    pub n: i64,
}

/// What a user group says of imports, and the account's name for the notice.
#[derive(Debug, Clone, Queryable)]
pub struct ImportRules {
    pub username: String,
    pub email: String,
    /// 0 = no limit.
    pub limit_subscribers: i64,
    /// 0 = no notice.
    pub threshold_import: i64,
}

/// A list that is filled on a schedule.
#[derive(Debug, Clone, Queryable)]
pub struct SyncSource {
    pub list_id: ListId,
    pub account_id: AccountId,
    pub list_name: String,
    pub owner_email: String,
    pub period: SyncPeriod,
    pub mysql_host: String,
    pub mysql_port: String,
    pub mysql_username: String,
    pub mysql_password: String,
    pub mysql_database: String,
    pub mysql_query: String,
    pub field_mapping: String,
    pub send_report: bool,
    pub last_run_at: Option<UtcTime>,
}
