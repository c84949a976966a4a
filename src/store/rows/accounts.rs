//! Operators, accounts and their keys.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;

use crate::model::ids::{AccountId, CredentialId, OperatorId, UserGroupId};
use crate::model::states::{KeyRealm, Reputation};
use crate::model::time::UtcTime;
use crate::store::schema::{account_profiles, accounts, credentials, operators, password_requests};

/// An administrator.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = operators)]
pub struct OperatorRow {
    pub id: OperatorId,
    pub name: String,
    pub email: String,
    pub email_key: String,
    pub username: String,
    pub username_key: String,
    /// PHC string, or a legacy hash with its marker (see `domain::passwords`).
    pub password_hash: String,
    pub is_enabled: bool,
    pub created_at: UtcTime,
}

/// An administrator to be made.
#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = operators)]
pub struct NewOperator {
    pub name: String,
    pub email: String,
    pub email_key: String,
    pub username: String,
    pub username_key: String,
    pub password_hash: String,
    pub is_enabled: bool,
    pub created_at: UtcTime,
}

/// A tenant.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct AccountRow {
    pub id: AccountId,
    pub user_group_id: UserGroupId,
    pub email: String,
    pub username: String,
    /// PHC string, or a legacy hash with its marker (see `domain::passwords`).
    pub password_hash: String,
    pub reputation: Reputation,
    pub is_enabled: bool,
    pub credits: i64,
    pub first_name: String,
    pub last_name: String,
    pub company: String,
    /// IANA name, or the label of the old platform as it was given.
    pub time_zone: String,
    pub language: String,
    pub sign_up_ip: String,
    /// `name=value` lines, see `docs/dialects/oempro.md` section 12.
    pub wire_options: String,
    pub created_at: UtcTime,
    pub last_activity_at: Option<UtcTime>,
}

/// A tenant to be made, or its changed columns.
#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = accounts)]
pub struct NewAccount {
    pub user_group_id: UserGroupId,
    pub email: String,
    pub email_key: String,
    pub username: String,
    pub username_key: String,
    pub password_hash: String,
    pub reputation: Reputation,
    pub is_enabled: bool,
    pub credits: i64,
    pub first_name: String,
    pub last_name: String,
    pub company: String,
    pub time_zone: String,
    pub language: String,
    pub sign_up_ip: String,
    pub wire_options: String,
    pub created_at: UtcTime,
}

/// What is only shown of an account.
#[derive(Debug, Clone, Default, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = account_profiles)]
pub struct AccountProfile {
    pub website: String,
    pub street: String,
    pub street2: String,
    pub city: String,
    pub state: String,
    pub zip: String,
    pub country: String,
    pub vat: String,
    pub phone: String,
    pub phone_verified: bool,
    pub fax: String,
    pub other_emails: String,
    pub preview_account: String,
    pub preview_api_key: String,
    pub forward_header: String,
    pub forward_footer: String,
    pub sso_id: String,
}

/// A stored key. The key itself is not in the database.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = credentials)]
pub struct CredentialRow {
    pub id: CredentialId,
    pub account_id: Option<AccountId>,
    pub operator_id: Option<OperatorId>,
    pub note: String,
    /// The last characters of the key, for telling keys apart.
    pub key_hint: String,
    /// The only client address that may use it; empty for any.
    pub ip_limit: String,
    pub expires_at: Option<UtcTime>,
    pub disabled_at: Option<UtcTime>,
    pub created_at: UtcTime,
    pub realm: KeyRealm,
}

/// A key to be stored.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = credentials)]
pub struct NewCredential {
    pub account_id: Option<AccountId>,
    pub operator_id: Option<OperatorId>,
    pub note: String,
    /// SHA-256 of the key, lower-case hex.
    pub key_hash: String,
    pub key_hint: String,
    pub ip_limit: String,
    pub expires_at: Option<UtcTime>,
    pub created_at: UtcTime,
    pub realm: KeyRealm,
}

/// A mailed password-reset link.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = password_requests)]
pub struct PasswordRequestRow {
    /// SHA-256 of the token, lower-case hex.
    pub token_hash: String,
    pub account_id: Option<AccountId>,
    pub operator_id: Option<OperatorId>,
    pub created_at: UtcTime,
    pub expires_at: UtcTime,
    /// MD5 of the account's or operator's id, which version 4 takes in place of a token.
    pub md5_of_id: String,
    /// Whether the holder of the token may choose the new password.
    pub may_choose: bool,
}

/// Which accounts to list. Everything given must hold.
#[derive(Debug, Clone, Default)]
pub struct AccountFilter {
    /// In one of these groups; empty for any.
    pub groups: Vec<UserGroupId>,
    pub is_enabled: Option<bool>,
    pub reputation: Option<Reputation>,
    pub active_since: Option<UtcTime>,
    /// One of these columns holds this text, in any case. No columns: no filter.
    pub search: (Vec<AccountColumn>, String),
}

/// A column that accounts are sorted or searched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "named like the columns")]
pub enum AccountColumn {
    Id,
    UserGroupId,
    Email,
    Username,
    Reputation,
    CreatedAt,
    FirstName,
    LastName,
    Company,
    TimeZone,
    Language,
    SignUpIp,
    IsEnabled,
    Credits,
    LastActivityAt,
    Website,
    City,
    State,
    Zip,
    Country,
    Phone,
}
