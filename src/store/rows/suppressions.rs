//! Addresses not to mail.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;

use crate::model::ids::{AccountId, ListId};
use crate::model::states::SuppressionReason;
use crate::model::time::UtcTime;
use crate::store::schema::suppressions;

/// An address not to mail.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = suppressions)]
pub struct SuppressionRow {
    /// [`AccountId::NONE`]: the whole server.
    pub account_id: AccountId,
    /// [`ListId::NONE`]: every list of the account.
    pub list_id: ListId,
    pub email: String,
    pub email_key: String,
    pub reason: SuppressionReason,
    pub created_at: UtcTime,
}
