//! Lists, their totals, hooks and MySQL syncs.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;

use crate::model::ids::{AccountId, HookId, ListId, MessageId};
use crate::model::states::{HookEvent, OptInMode, OptOutScope, SyncPeriod};
use crate::model::time::UtcTime;
use crate::store::schema::{list_hooks, list_syncs, list_totals, lists};

/// An audience.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Identifiable, AsChangeset)]
#[diesel(table_name = lists)]
pub struct ListRow {
    pub id: ListId,
    pub account_id: AccountId,
    pub name: String,
    pub description: String,
    pub opt_in_mode: OptInMode,
    pub confirmation_message_id: MessageId,
    pub opt_out_scope: OptOutScope,
    pub opt_out_suppress_list: bool,
    pub opt_out_suppress_account: bool,
    pub notify_integration_failure: bool,
    pub notify_activity: bool,
    pub hide_in_subscriber_area: bool,
    pub pending_page_url: String,
    pub confirmed_page_url: String,
    pub subscription_error_page_url: String,
    pub unsubscribed_page_url: String,
    pub unsubscription_error_page_url: String,
    pub request_search_to: String,
    pub request_subscribe_word: String,
    pub request_unsubscribe_word: String,
    pub opt_in_subscribe_to: ListId,
    pub opt_in_unsubscribe_from: ListId,
    pub opt_out_subscribe_to: ListId,
    pub opt_out_unsubscribe_from: ListId,
    pub sender_name: String,
    pub sender_email: String,
    pub sender_company: String,
    pub sender_address: String,
    /// JSON text of further options, as the client gave it.
    pub options: String,
    pub created_at: UtcTime,
    #[diesel(treat_none_as_null = true)]
    pub archived_at: Option<UtcTime>,
}

/// An audience to be made; what is not named starts empty.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = lists)]
pub struct NewListRow {
    pub account_id: AccountId,
    pub name: String,
    pub description: String,
    pub opt_in_mode: OptInMode,
    pub confirmation_message_id: MessageId,
    pub opt_out_scope: OptOutScope,
    pub opt_out_suppress_list: bool,
    pub opt_out_suppress_account: bool,
    pub notify_integration_failure: bool,
    pub notify_activity: bool,
    pub hide_in_subscriber_area: bool,
    pub pending_page_url: String,
    pub confirmed_page_url: String,
    pub subscription_error_page_url: String,
    pub unsubscribed_page_url: String,
    pub unsubscription_error_page_url: String,
    pub request_search_to: String,
    pub request_subscribe_word: String,
    pub request_unsubscribe_word: String,
    pub opt_in_subscribe_to: ListId,
    pub opt_in_unsubscribe_from: ListId,
    pub opt_out_subscribe_to: ListId,
    pub opt_out_unsubscribe_from: ListId,
    pub sender_name: String,
    pub sender_email: String,
    pub sender_company: String,
    pub sender_address: String,
    pub options: String,
    pub created_at: UtcTime,
}

/// How many subscribers stand in each roster of a list.
#[derive(Debug, Clone, Default, Queryable, Selectable)]
#[diesel(table_name = list_totals)]
pub struct ListTotals {
    pub n_active: i64,
    pub n_soft: i64,
    pub n_hard: i64,
    pub n_suppressed: i64,
    pub n_pending: i64,
    pub n_unsubscribed: i64,
    pub n_leaving: i64,
    pub last_activity_at: Option<UtcTime>,
}

impl ListTotals {
    /// All subscribers of the list, whatever their state.
    #[must_use]
    pub const fn n_all(&self) -> i64 {
        self.n_active
            + self.n_soft
            + self.n_hard
            + self.n_suppressed
            + self.n_pending
            + self.n_unsubscribed
            + self.n_leaving
    }
}

/// What subscribing and unsubscribing need to know of a list and its owner, read in one go.
#[derive(Debug, Clone, Queryable)]
pub struct ListRules {
    pub id: ListId,
    pub account_id: AccountId,
    pub name: String,
    pub opt_in_mode: OptInMode,
    pub confirmation_message_id: MessageId,
    pub opt_out_scope: OptOutScope,
    pub opt_out_suppress_list: bool,
    pub opt_out_suppress_account: bool,
    pub notify_activity: bool,
    pub pending_page_url: String,
    pub confirmed_page_url: String,
    pub unsubscribed_page_url: String,
    pub opt_in_subscribe_to: ListId,
    pub opt_in_unsubscribe_from: ListId,
    pub opt_out_subscribe_to: ListId,
    pub opt_out_unsubscribe_from: ListId,
    pub owner_is_enabled: bool,
    /// The owner's `name=value` lines.
    pub owner_wire_options: String,
    /// 0 = no limit.
    pub limit_subscribers: i64,
    /// Whether any web address is told of changes.
    pub has_hooks: bool,
    /// Whether any web address is told of every change of its subscribers.
    pub has_webhooks: bool,
    /// Comma list of the fields that tell its contacts apart; empty when the address does.
    pub key_fields: String,
}

/// A web address told of subscriptions or unsubscriptions.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = list_hooks)]
pub struct HookRow {
    pub id: HookId,
    pub account_id: AccountId,
    pub list_id: ListId,
    pub event: HookEvent,
    pub url: String,
    pub created_at: UtcTime,
}

/// Where a list is filled from on a schedule. As a change, `last_run_at` of `None` keeps what is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = list_syncs)]
pub struct ListSync {
    pub list_id: ListId,
    pub is_enabled: bool,
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
