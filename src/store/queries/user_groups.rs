//! User groups with their billing and delivery settings.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::UserGroupId;
use crate::store::rows::user_groups::{GroupBilling, GroupDelivery, NewUserGroup, UserGroupRow};
use crate::store::schema::{accounts, user_group_billing, user_group_delivery, user_groups};

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

/// The group with this id and its settings.
pub fn find_user_group_settings(
    conn: &mut Conn,
    id: UserGroupId,
) -> QueryResult<Option<(UserGroupRow, GroupBilling, GroupDelivery)>> {
    user_groups::table
        .inner_join(user_group_billing::table.on(user_group_billing::user_group_id.eq(user_groups::id)))
        .inner_join(user_group_delivery::table.on(user_group_delivery::user_group_id.eq(user_groups::id)))
        .filter(user_groups::id.eq(id))
        .select((UserGroupRow::as_select(), GroupBilling::as_select(), GroupDelivery::as_select()))
        .get_result(conn)
        .optional()
}

/// Every group with its settings, by id; they are few.
pub fn list_user_groups(conn: &mut Conn) -> QueryResult<Vec<(UserGroupRow, GroupBilling, GroupDelivery)>> {
    user_groups::table
        .inner_join(user_group_billing::table.on(user_group_billing::user_group_id.eq(user_groups::id)))
        .inner_join(user_group_delivery::table.on(user_group_delivery::user_group_id.eq(user_groups::id)))
        .order(user_groups::id)
        .select((UserGroupRow::as_select(), GroupBilling::as_select(), GroupDelivery::as_select()))
        .load(conn)
}

/// Replaces a group and its settings.
pub fn update_user_group(
    conn: &mut Conn,
    id: UserGroupId,
    group: &NewUserGroup,
    billing: &GroupBilling,
    delivery: &GroupDelivery,
) -> QueryResult<()> {
    diesel::update(user_groups::table.filter(user_groups::id.eq(id))).set(group).execute(conn)?;
    diesel::update(user_group_billing::table.filter(user_group_billing::user_group_id.eq(id)))
        .set(billing)
        .execute(conn)?;
    diesel::update(user_group_delivery::table.filter(user_group_delivery::user_group_id.eq(id)))
        .set(delivery)
        .execute(conn)
        .map(drop)
}

/// Removes a group with its settings.
pub fn delete_user_group(conn: &mut Conn, id: UserGroupId) -> QueryResult<()> {
    diesel::delete(user_groups::table.filter(user_groups::id.eq(id))).execute(conn).map(drop)
}

/// Moves the accounts of one group into another.
pub fn move_accounts(conn: &mut Conn, from: UserGroupId, to: UserGroupId) -> QueryResult<usize> {
    diesel::update(accounts::table.filter(accounts::user_group_id.eq(from)))
        .set(accounts::user_group_id.eq(to))
        .execute(conn)
}

/// How many groups there are.
pub fn count_user_groups(conn: &mut Conn) -> QueryResult<i64> {
    user_groups::table.count().get_result(conn)
}
