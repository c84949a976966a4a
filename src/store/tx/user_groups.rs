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
} }
