//! User groups: what accounts may do, how much of it, and how their mail leaves.

use crate::domain::access::Denied;
use crate::domain::cx::Ctx;
use crate::model::ids::UserGroupId;
use crate::model::states::SendMethod;
use crate::store::StoreError;
use crate::store::rows::user_groups as rows;

/// A user group, as the layers above see it.
pub type UserGroup = rows::UserGroupRow;
/// A group to be made, or its changed columns.
pub type NewUserGroup = rows::NewUserGroup;
/// What accounts of a group pay.
pub type GroupBilling = rows::GroupBilling;
/// How mail of a group's accounts leaves.
pub type GroupDelivery = rows::GroupDelivery;

/// The theme that every installation has.
pub const FIRST_THEME: i64 = 1;

/// Why a user group was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveGroupError {
    /// No such user group.
    #[error("no user group {0}")]
    NoGroup(UserGroupId),
    /// No such theme.
    #[error("no theme {0}")]
    NoTheme(i64),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A group that may do everything without limits, pays nothing and sends through the system's own delivery.
#[must_use]
pub fn blank(cx: &Ctx<'_>, name: &str) -> (NewUserGroup, GroupBilling, GroupDelivery) {
    let group = NewUserGroup {
        name: name.to_owned(),
        theme_id: FIRST_THEME,
        logout_url: String::new(),
        force_unsubscribe_link: false,
        force_reject_link: false,
        force_opt_in_list: false,
        permissions: "*".to_owned(),
        limit_subscribers: 0,
        limit_lists: 0,
        limit_campaigns_per_month: 0,
        limit_emails_per_month: 0,
        limit_emails_per_day: 0,
        threshold_import: 0,
        threshold_send: 0,
        plain_header: String::new(),
        plain_footer: String::new(),
        html_header: String::new(),
        html_footer: String::new(),
        is_trial: false,
        trial_seconds: 0,
        options: String::new(),
        is_default: false,
        created_at: cx.now,
    };
    let delivery = GroupDelivery {
        method: SendMethod::System,
        save_to_disk_dir: String::new(),
        powermta_vmta: String::new(),
        powermta_dir: String::new(),
        local_mta_path: String::new(),
        smtp_host: String::new(),
        smtp_port: 25,
        smtp_security: String::new(),
        smtp_timeout_seconds: 10,
        smtp_auth: false,
        smtp_username: String::new(),
        smtp_password: String::new(),
    };
    (group, GroupBilling::default(), delivery)
}

/// Makes a group. The first group of all becomes the default one. For operators and the product itself.
///
/// # Errors
/// [`SaveGroupError`].
pub fn create(
    cx: &mut Ctx<'_>,
    group: &NewUserGroup,
    billing: &GroupBilling,
    delivery: &GroupDelivery,
) -> Result<UserGroupId, SaveGroupError> {
    cx.administrator()?;
    if !cx.tx.has_user_group_with_theme(group.theme_id)? && group.theme_id != FIRST_THEME {
        return Err(SaveGroupError::NoTheme(group.theme_id));
    }
    let is_first = cx.tx.find_default_user_group()?.is_none();
    let group = NewUserGroup { is_default: group.is_default || is_first, ..group.clone() };
    Ok(cx.tx.insert_user_group(&group, billing, delivery)?)
}
