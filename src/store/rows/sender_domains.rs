//! Sender domains: keys that sign, and warm-ups.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;

use crate::model::ids::{AccountId, SenderKeyId};
use crate::model::states::{SenderKeyState, SigningAlgorithm};
use crate::model::time::UtcTime;
use crate::store::schema::tables::{sender_keys, warm_up_counts, warm_ups};

/// A signing key.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = sender_keys)]
pub struct SenderKeyRow {
    pub id: SenderKeyId,
    pub account_id: AccountId,
    pub domain: String,
    pub selector: String,
    pub algorithm: SigningAlgorithm,
    pub private_key: String,
    pub public_key: String,
    pub state: SenderKeyState,
    pub created_at: UtcTime,
    pub changed_at: UtcTime,
}

impl std::fmt::Debug for SenderKeyRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SenderKeyRow").field("id", &self.id).field("domain", &self.domain).finish_non_exhaustive()
    }
}

/// A signing key to be kept.
#[derive(Clone, Insertable)]
#[diesel(table_name = sender_keys)]
pub struct NewSenderKeyRow {
    pub account_id: AccountId,
    pub domain: String,
    pub selector: String,
    pub algorithm: SigningAlgorithm,
    pub private_key: String,
    pub public_key: String,
    pub state: SenderKeyState,
    pub created_at: UtcTime,
    pub changed_at: UtcTime,
}

/// A sender domain that starts slowly.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = warm_ups)]
pub struct WarmUpRow {
    pub domain: String,
    pub first_day: i64,
    pub first_cap: i64,
}

/// What a sender domain that starts slowly has sent to one group of destinations.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = warm_up_counts)]
pub struct WarmUpCountRow {
    pub domain: String,
    /// The group; empty for all that are not named.
    pub destination: String,
    /// The day that it counts for.
    pub day: i64,
    pub n_taken: i64,
    pub n_bounced: i64,
    pub n_complained: i64,
    /// Days after which the cap stayed as it was.
    pub n_held: i64,
}
