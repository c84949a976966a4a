//! User groups with their billing and delivery settings.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::UserGroupId;
use crate::store::rows::user_groups::{GroupBilling, GroupDelivery, NewUserGroup, UserGroupRow};
use crate::store::schema::{user_group_billing, user_group_delivery, user_groups};

/// The group with this id.
pub fn find_user_group(conn: &mut Conn, id: UserGroupId) -> QueryResult<Option<UserGroupRow>> {
    user_groups::table.filter(user_groups::id.eq(id)).select(UserGroupRow::as_select()).get_result(conn).optional()
}

/// The group that new accounts get when none is named.
pub fn find_default_user_group(conn: &mut Conn) -> QueryResult<Option<UserGroupRow>> {
    user_groups::table
        .filter(user_groups::is_default.eq(true))
        .order(user_groups::id)
        .select(UserGroupRow::as_select())
        .load(conn)
        .map(|rows| rows.into_iter().next())
}

/// Whether a group uses this theme.
pub fn has_user_group_with_theme(conn: &mut Conn, theme: i64) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(user_groups::table.filter(user_groups::theme_id.eq(theme)))).get_result(conn)
}

/// Makes a group with its billing and delivery settings.
pub fn insert_user_group(
    conn: &mut Conn,
    group: &NewUserGroup,
    billing: &GroupBilling,
    delivery: &GroupDelivery,
) -> QueryResult<UserGroupId> {
    let id: UserGroupId =
        diesel::insert_into(user_groups::table).values(group).returning(user_groups::id).get_result(conn)?;
    diesel::insert_into(user_group_billing::table)
        .values((user_group_billing::user_group_id.eq(id), billing))
        .execute(conn)?;
    diesel::insert_into(user_group_delivery::table)
        .values((user_group_delivery::user_group_id.eq(id), delivery))
        .execute(conn)?;
    Ok(id)
}
