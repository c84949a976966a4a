//! Logins that are still good, and what they let their holder be.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;

use crate::model::ids::{AccountId, ListId, OperatorId, SubscriberNumber};
use crate::model::states::SessionKind;
use crate::model::time::UtcTime;
use crate::store::schema::sessions;

/// A login. The token itself is not in the database.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct SessionRow {
    /// SHA-256 of the token, lower-case hex.
    pub token_hash: String,
    pub kind: SessionKind,
    pub account_id: Option<AccountId>,
    pub operator_id: Option<OperatorId>,
    pub list_id: Option<ListId>,
    pub subscriber_number: Option<SubscriberNumber>,
    /// An operator working as the account, with every permission.
    pub has_full_privilege: bool,
    pub created_at: UtcTime,
    pub expires_at: UtcTime,
}

/// What every authenticated call needs to know of the account behind it.
#[derive(Debug, Clone, Queryable)]
pub struct AccountRights {
    pub id: AccountId,
    pub is_enabled: bool,
    /// `name=value` lines.
    pub wire_options: String,
    pub time_zone: String,
    /// Comma list of permission words, or `*`.
    pub permissions: String,
    /// 0 = no limit.
    pub limit_subscribers: i64,
    /// 0 = no limit.
    pub limit_lists: i64,
    /// Its group is on trial for so many seconds after the account was made.
    pub is_trial: bool,
    pub trial_seconds: i64,
    pub created_at: UtcTime,
}
