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

/// Why a user group was not read or deleted.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// No such user group.
    #[error("no user group {0}")]
    NoGroup(UserGroupId),
    /// New accounts go into this group.
    #[error("user group {0} is the default one")]
    IsDefault(UserGroupId),
    /// Accounts need one.
    #[error("the last user group cannot go")]
    IsLast,
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A group with its settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The group.
    pub group: UserGroup,
    /// What its accounts pay.
    pub billing: GroupBilling,
    /// How their mail leaves.
    pub delivery: GroupDelivery,
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
    check_theme(cx, group.theme_id)?;
    let is_first = cx.tx.find_default_user_group()?.is_none();
    let group = NewUserGroup { is_default: group.is_default || is_first, ..group.clone() };
    Ok(cx.tx.insert_user_group(&group, billing, delivery)?)
}

/// Replaces a group and its settings. Whether it is the default one, and when it was made, stays.
///
/// # Errors
/// [`SaveGroupError`].
pub fn update(
    cx: &mut Ctx<'_>,
    id: UserGroupId,
    group: &NewUserGroup,
    billing: &GroupBilling,
    delivery: &GroupDelivery,
) -> Result<(), SaveGroupError> {
    cx.administrator()?;
    let old = cx.tx.find_user_group(id)?.ok_or(SaveGroupError::NoGroup(id))?;
    check_theme(cx, group.theme_id)?;
    let group = NewUserGroup { is_default: old.is_default, created_at: old.created_at, ..group.clone() };
    Ok(cx.tx.update_user_group(id, &group, billing, delivery)?)
}

/// A group with its settings. For operators and the product itself.
///
/// # Errors
/// [`GroupError`].
pub fn get(cx: &mut Ctx<'_>, id: UserGroupId) -> Result<Settings, GroupError> {
    cx.administrator()?;
    let (group, billing, delivery) = cx.tx.find_user_group_settings(id)?.ok_or(GroupError::NoGroup(id))?;
    Ok(Settings { group, billing, delivery })
}

/// Every group with its settings, by id. For operators and the product itself.
///
/// # Errors
/// [`GroupError`].
pub fn list(cx: &mut Ctx<'_>) -> Result<Vec<Settings>, GroupError> {
    cx.administrator()?;
    let rows = cx.tx.list_user_groups()?;
    Ok(rows.into_iter().map(|(group, billing, delivery)| Settings { group, billing, delivery }).collect())
}

/// Copies a group with its settings under another name. The copy is never the default one.
///
/// # Errors
/// [`GroupError`].
pub fn duplicate(cx: &mut Ctx<'_>, id: UserGroupId) -> Result<UserGroupId, GroupError> {
    let Settings { group, billing, delivery } = get(cx, id)?;
    let name = format!("Copy of {}", group.name);
    let copy = NewUserGroup { name, is_default: false, created_at: cx.now, ..columns_of(&group) };
    Ok(cx.tx.insert_user_group(&copy, &billing, &delivery)?)
}

/// Deletes groups, all or none. Accounts in them move to the default group, so that nobody is left without one.
///
/// # Errors
/// [`GroupError`].
pub fn delete(cx: &mut Ctx<'_>, ids: &[UserGroupId]) -> Result<(), GroupError> {
    cx.administrator()?;
    for id in ids.iter().copied() {
        let group = cx.tx.find_user_group(id)?.ok_or(GroupError::NoGroup(id))?;
        if cx.tx.count_user_groups()? <= 1 {
            return Err(GroupError::IsLast);
        }
        if group.is_default {
            return Err(GroupError::IsDefault(id));
        }
        let default = cx.tx.find_default_user_group()?.ok_or(GroupError::IsLast)?;
        cx.tx.move_accounts(id, default.id)?;
        cx.tx.delete_user_group(id)?;
    }
    Ok(())
}

/// The columns of a stored group, to be changed.
#[must_use]
pub fn columns_of(group: &UserGroup) -> NewUserGroup {
    let group = group.clone();
    NewUserGroup {
        name: group.name,
        theme_id: group.theme_id,
        logout_url: group.logout_url,
        force_unsubscribe_link: group.force_unsubscribe_link,
        force_reject_link: group.force_reject_link,
        force_opt_in_list: group.force_opt_in_list,
        permissions: group.permissions,
        limit_subscribers: group.limit_subscribers,
        limit_lists: group.limit_lists,
        limit_campaigns_per_month: group.limit_campaigns_per_month,
        limit_emails_per_month: group.limit_emails_per_month,
        limit_emails_per_day: group.limit_emails_per_day,
        threshold_import: group.threshold_import,
        threshold_send: group.threshold_send,
        plain_header: group.plain_header,
        plain_footer: group.plain_footer,
        html_header: group.html_header,
        html_footer: group.html_footer,
        is_trial: group.is_trial,
        trial_seconds: group.trial_seconds,
        options: group.options,
        is_default: group.is_default,
        created_at: group.created_at,
    }
}

/// There is one theme; ids that imported groups carry are known too.
fn check_theme(cx: &mut Ctx<'_>, theme: i64) -> Result<(), SaveGroupError> {
    if theme == FIRST_THEME || cx.tx.has_user_group_with_theme(theme)? {
        Ok(())
    } else {
        Err(SaveGroupError::NoTheme(theme))
    }
}
