//! Contents of `queries/user_groups.rs`.

use crate::model::ids::UserGroupId;
use crate::store::rows::user_groups::{GroupBilling, GroupDelivery, NewUserGroup, UserGroupRow};

queries! { user_groups {
    /// The group with this id.
    fn find_user_group(id: UserGroupId) -> Option<UserGroupRow>;
    /// The group that new accounts get when none is named.
    fn find_default_user_group() -> Option<UserGroupRow>;
    /// Whether a group uses this theme.
    fn has_user_group_with_theme(theme: i64) -> bool;
    /// Makes a group with its billing and delivery settings.
    fn insert_user_group(group: &NewUserGroup, billing: &GroupBilling, delivery: &GroupDelivery) -> UserGroupId;
    /// The group with this id and its settings.
    fn find_user_group_settings(id: UserGroupId) -> Option<(UserGroupRow, GroupBilling, GroupDelivery)>;
    /// Every group with its settings, by id.
    fn list_user_groups() -> Vec<(UserGroupRow, GroupBilling, GroupDelivery)>;
    /// Replaces a group and its settings.
    fn update_user_group(id: UserGroupId, group: &NewUserGroup, billing: &GroupBilling, delivery: &GroupDelivery) -> ();
    /// Removes a group with its settings.
    fn delete_user_group(id: UserGroupId) -> ();
    /// Moves the accounts of one group into another.
    fn move_accounts(from: UserGroupId, to: UserGroupId) -> usize;
    /// How many groups there are.
    fn count_user_groups() -> i64;
} }
