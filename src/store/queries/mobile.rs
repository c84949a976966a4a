//! Mobile applications, their installations and what those report.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, AppId, DeviceId, ListId, SubscriberNumber};
use crate::model::time::UtcTime;
use crate::store::rows::mobile::{AppRow, DeviceRow, NewAppRow, NewDeviceRow, NewMobileEventRow};
use crate::store::schema::tables::{mobile_apps, mobile_devices, mobile_events};

/// Makes an application.
pub fn insert_mobile_app(conn: &mut Conn, app: &NewAppRow) -> QueryResult<AppId> {
    diesel::insert_into(mobile_apps::table).values(app).returning(mobile_apps::id).get_result(conn)
}

/// An application, whoever owns it.
pub fn find_mobile_app(conn: &mut Conn, id: AppId) -> QueryResult<Option<AppRow>> {
    mobile_apps::table.filter(mobile_apps::id.eq(id)).select(AppRow::as_select()).get_result(conn).optional()
}

/// The applications of an account, oldest first.
pub fn list_mobile_apps(conn: &mut Conn, account: AccountId) -> QueryResult<Vec<AppRow>> {
    mobile_apps::table
        .filter(mobile_apps::account_id.eq(account))
        .order(mobile_apps::id)
        .select(AppRow::as_select())
        .load(conn)
}

/// Switches an application on or off.
pub fn enable_mobile_app(conn: &mut Conn, id: AppId, is_enabled: bool) -> QueryResult<()> {
    diesel::update(mobile_apps::table.filter(mobile_apps::id.eq(id)))
        .set(mobile_apps::is_enabled.eq(is_enabled))
        .execute(conn)
        .map(drop)
}

/// An installation by what it calls itself.
pub fn find_device(conn: &mut Conn, app: AppId, guid: &str) -> QueryResult<Option<DeviceRow>> {
    mobile_devices::table
        .filter(mobile_devices::app_id.eq(app))
        .filter(mobile_devices::guid.eq(guid))
        .select(DeviceRow::as_select())
        .get_result(conn)
        .optional()
}

/// An installation by the digest of its token.
pub fn find_device_by_token(conn: &mut Conn, app: AppId, token_hash: &str) -> QueryResult<Option<DeviceRow>> {
    mobile_devices::table
        .filter(mobile_devices::app_id.eq(app))
        .filter(mobile_devices::token_hash.eq(token_hash))
        .select(DeviceRow::as_select())
        .get_result(conn)
        .optional()
}

/// Notes an installation.
pub fn insert_device(conn: &mut Conn, device: &NewDeviceRow) -> QueryResult<DeviceId> {
    diesel::insert_into(mobile_devices::table).values(device).returning(mobile_devices::id).get_result(conn)
}

/// Stores a changed installation.
pub fn update_device(conn: &mut Conn, device: &DeviceRow) -> QueryResult<()> {
    diesel::update(mobile_devices::table.filter(mobile_devices::id.eq(device.id))).set(device).execute(conn).map(drop)
}

/// Takes a token away from an installation.
pub fn clear_token(conn: &mut Conn, id: DeviceId) -> QueryResult<()> {
    diesel::update(mobile_devices::table.filter(mobile_devices::id.eq(id)))
        .set((mobile_devices::token.eq(""), mobile_devices::token_hash.eq(None::<String>)))
        .execute(conn)
        .map(drop)
}

/// Unties the installations of these subscribers, and drops what they said about their holders.
pub fn untie_devices(conn: &mut Conn, list: ListId, contacts: &[SubscriberNumber]) -> QueryResult<()> {
    let tied =
        mobile_devices::table.filter(mobile_devices::list_id.eq(list)).filter(mobile_devices::contact_number.eq_any(contacts));
    diesel::update(tied)
        .set((mobile_devices::contact_number.eq(SubscriberNumber::NONE), mobile_devices::claims.eq("{}")))
        .execute(conn)
        .map(drop)
}

/// Notes a report; one that was noted before is passed over. Answers whether it is new.
pub fn insert_mobile_event(conn: &mut Conn, event: &NewMobileEventRow) -> QueryResult<bool> {
    let n = diesel::insert_into(mobile_events::table).values(event).on_conflict_do_nothing().execute(conn)?;
    Ok(n > 0)
}

/// Removes up to `n` reports noted before `before`; answers how many.
pub fn sweep_mobile_events(conn: &mut Conn, before: UtcTime, n: i64) -> QueryResult<usize> {
    let old: Vec<i64> = mobile_events::table
        .filter(mobile_events::created_at.lt(before))
        .order(mobile_events::created_at)
        .select(mobile_events::id)
        .limit(n)
        .load(conn)?;
    diesel::delete(mobile_events::table.filter(mobile_events::id.eq_any(old))).execute(conn)
}

/// Removes up to `n` reports and installations of a list's applications; answers how many.
pub fn purge_devices(conn: &mut Conn, list: ListId, n: i64) -> QueryResult<usize> {
    let apps: Vec<AppId> = mobile_apps::table.filter(mobile_apps::list_id.eq(list)).select(mobile_apps::id).load(conn)?;
    let events: Vec<i64> = mobile_events::table
        .filter(mobile_events::app_id.eq_any(&apps))
        .select(mobile_events::id)
        .limit(n)
        .load(conn)?;
    let n_gone = diesel::delete(mobile_events::table.filter(mobile_events::id.eq_any(events))).execute(conn)?;
    if n_gone > 0 {
        return Ok(n_gone);
    }
    let devices: Vec<DeviceId> = mobile_devices::table
        .filter(mobile_devices::list_id.eq(list))
        .select(mobile_devices::id)
        .limit(n)
        .load(conn)?;
    diesel::delete(mobile_devices::table.filter(mobile_devices::id.eq_any(devices))).execute(conn)
}

/// Removes a list's applications. Call it when they have no installations any more.
pub fn purge_mobile_apps(conn: &mut Conn, list: ListId) -> QueryResult<()> {
    diesel::delete(mobile_apps::table.filter(mobile_apps::list_id.eq(list))).execute(conn).map(drop)
}
