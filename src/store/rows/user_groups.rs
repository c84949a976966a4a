//! User groups with their billing and delivery settings.
#![allow(missing_docs, reason = "columns are explained where they are made, in `migrations/`")]

use diesel::prelude::*;

use crate::model::ids::UserGroupId;
use crate::model::states::SendMethod;
use crate::model::time::UtcTime;
use crate::store::schema::{user_group_billing, user_group_delivery, user_groups};

/// A set of permissions and limits. 0 in a limit means none.
#[derive(Debug, Clone, Queryable, Selectable, Identifiable)]
#[diesel(table_name = user_groups)]
pub struct UserGroupRow {
    pub id: UserGroupId,
    pub name: String,
    pub theme_id: i64,
    pub logout_url: String,
    pub force_unsubscribe_link: bool,
    pub force_reject_link: bool,
    pub force_opt_in_list: bool,
    /// Comma list of permission words, or `*`.
    pub permissions: String,
    pub limit_subscribers: i64,
    pub limit_lists: i64,
    pub limit_campaigns_per_month: i64,
    pub limit_emails_per_month: i64,
    pub limit_emails_per_day: i64,
    pub threshold_import: i64,
    pub threshold_send: i64,
    pub plain_header: String,
    pub plain_footer: String,
    pub html_header: String,
    pub html_footer: String,
    pub is_trial: bool,
    pub trial_seconds: i64,
    /// JSON text of further options, as the client gave it.
    pub options: String,
    pub is_default: bool,
    pub created_at: UtcTime,
}

/// A group to be made, or its changed columns.
#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = user_groups)]
pub struct NewUserGroup {
    pub name: String,
    pub theme_id: i64,
    pub logout_url: String,
    pub force_unsubscribe_link: bool,
    pub force_reject_link: bool,
    pub force_opt_in_list: bool,
    pub permissions: String,
    pub limit_subscribers: i64,
    pub limit_lists: i64,
    pub limit_campaigns_per_month: i64,
    pub limit_emails_per_month: i64,
    pub limit_emails_per_day: i64,
    pub threshold_import: i64,
    pub threshold_send: i64,
    pub plain_header: String,
    pub plain_footer: String,
    pub html_header: String,
    pub html_footer: String,
    pub is_trial: bool,
    pub trial_seconds: i64,
    pub options: String,
    pub is_default: bool,
    pub created_at: UtcTime,
}

/// What accounts of a group pay; amounts are decimal text.
#[derive(Debug, Clone, Default, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = user_group_billing)]
pub struct GroupBilling {
    pub is_enabled: bool,
    pub pricing_range: String,
    pub campaigns_per_recipient: bool,
    pub campaigns_per_campaign_cost: String,
    pub autoresponders_charge: String,
    pub autoresponders_per_recipient: bool,
    pub preview_charge: String,
    pub preview_charge_per_request: String,
    pub system_charge: String,
    pub credits_enabled: bool,
}

/// How mail of a group's accounts leaves.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = user_group_delivery)]
pub struct GroupDelivery {
    pub method: SendMethod,
    pub save_to_disk_dir: String,
    pub powermta_vmta: String,
    pub powermta_dir: String,
    pub local_mta_path: String,
    pub smtp_host: String,
    pub smtp_port: i64,
    pub smtp_security: String,
    pub smtp_timeout_seconds: i64,
    pub smtp_auth: bool,
    pub smtp_username: String,
    pub smtp_password: String,
}
