//! Mobile applications and their installations.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::model::ids::{AccountId, AppId, DeviceId, ListId, SubscriberNumber};
use crate::model::states::MobileEvent;
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::schema::tables::{mobile_apps, mobile_devices, mobile_events};

/// An application.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = mobile_apps)]
pub struct AppRow {
    pub id: AppId,
    pub account_id: AccountId,
    pub list_id: ListId,
    pub name: String,
    pub secret_hash: String,
    pub is_enabled: bool,
    pub created_at: UtcTime,
}

/// An application to be made.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = mobile_apps)]
pub struct NewAppRow {
    pub account_id: AccountId,
    pub list_id: ListId,
    pub name: String,
    pub secret_hash: String,
    pub is_enabled: bool,
    pub created_at: UtcTime,
}

/// An installation.
#[derive(Debug, Clone, Queryable, Selectable, AsChangeset, Identifiable)]
#[diesel(table_name = mobile_devices, treat_none_as_null = true)]
pub struct DeviceRow {
    pub id: DeviceId,
    pub app_id: AppId,
    pub list_id: ListId,
    pub guid: String,
    pub token: String,
    pub token_hash: Option<String>,
    pub contact_number: SubscriberNumber,
    pub platform: i64,
    pub domain: String,
    pub language: String,
    /// See [`claims_from_text`].
    pub claims: String,
    pub created_at: UtcTime,
    pub seen_at: UtcTime,
}

/// An installation to be noted.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = mobile_devices)]
pub struct NewDeviceRow {
    pub app_id: AppId,
    pub list_id: ListId,
    pub guid: String,
    pub token: String,
    pub token_hash: Option<String>,
    pub contact_number: SubscriberNumber,
    pub platform: i64,
    pub domain: String,
    pub language: String,
    pub claims: String,
    pub created_at: UtcTime,
    pub seen_at: UtcTime,
}

/// A report of an installation.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = mobile_events)]
pub struct NewMobileEventRow {
    pub app_id: AppId,
    pub device_id: DeviceId,
    pub kind: MobileEvent,
    pub push_id: String,
    pub happened_at: UtcTime,
    pub created_at: UtcTime,
}

/// What an installation says about its holder, by name.
pub type Claims = BTreeMap<String, String>;

/// Reads a `claims` column.
///
/// # Errors
/// [`StoreError::Unreadable`] when the text is not what [`claims_to_text`] wrote.
pub fn claims_from_text(text: &str) -> Result<Claims, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Unreadable("mobile_devices.claims"))
}

/// Writes a `claims` column.
#[must_use]
pub fn claims_to_text(claims: &Claims) -> String {
    serde_json::to_string(claims).expect("texts always serialise")
}
