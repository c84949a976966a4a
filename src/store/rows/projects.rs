//! What lists have as projects, and what contacts say to their opt-ins.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;

use crate::model::ids::{CredentialId, ListId, OptInId, SubscriberNumber};
use crate::model::time::UtcTime;
use crate::store::schema::projects::{contact_opt_ins, contact_tracking, key_terms, opt_ins, projects};

/// What only a project has of a list.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = projects)]
pub struct ProjectRow {
    pub list_id: ListId,
    /// Comma list of cultures, the default first; empty for none in particular.
    pub languages: String,
    /// IANA zone; empty for the server's.
    pub time_zone: String,
    /// Comma list of field ids; empty when the address is the key.
    pub key_fields: String,
    pub created_at: UtcTime,
}

/// A kind of communication that contacts may consent to.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = opt_ins)]
pub struct OptInRow {
    pub id: OptInId,
    pub list_id: ListId,
    pub code: String,
    /// See [`super::fields::labels_from_text`].
    pub labels: String,
    /// The category of the messages that need it; 0 for none.
    pub category_id: i64,
}

/// A kind of communication to be added.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = opt_ins)]
pub struct NewOptInRow {
    pub list_id: ListId,
    pub code: String,
    pub code_key: String,
    pub labels: String,
    pub category_id: i64,
    pub created_at: UtcTime,
}

/// What a contact said to one opt-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = contact_opt_ins)]
pub struct ContactOptInRow {
    pub list_id: ListId,
    pub number: SubscriberNumber,
    pub opt_in_id: OptInId,
    pub is_given: bool,
    pub effective_at: UtcTime,
}

/// Whether a contact lets its behaviour be tracked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = contact_tracking)]
pub struct TrackingRow {
    pub list_id: ListId,
    pub number: SubscriberNumber,
    pub is_given: bool,
    pub effective_at: UtcTime,
}

/// The terms of a key for web services.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = key_terms)]
pub struct KeyTermsRow {
    pub credential_id: CredentialId,
    pub contact_person: String,
    pub ip_ranges: String,
    pub projects: String,
    pub tables: String,
    pub endpoints: String,
    pub calls_per_day: i64,
}
