//! What lists have as projects, and what contacts say to their opt-ins.

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::Conn;
use crate::model::ids::{ListId, OptInId, SubscriberNumber};
use crate::model::time::UtcTime;
use crate::store::rows::projects::{ContactOptInRow, NewOptInRow, OptInRow, ProjectRow, TrackingRow};
use crate::store::schema::list_totals;
use crate::store::schema::projects::{contact_keys, contact_opt_ins, contact_tracking, opt_ins, projects};

/// What a list has as a project, if anything was set.
pub fn find_project(conn: &mut Conn, list: ListId) -> QueryResult<Option<ProjectRow>> {
    projects::table.filter(projects::list_id.eq(list)).select(ProjectRow::as_select()).get_result(conn).optional()
}

/// Sets what a list has as a project.
pub fn save_project(conn: &mut Conn, row: &ProjectRow) -> QueryResult<()> {
    diesel::insert_into(projects::table)
        .values(row)
        .on_conflict(projects::list_id)
        .do_update()
        .set(row)
        .execute(conn)
        .map(drop)
}

/// The opt-ins of a list, by id.
pub fn list_opt_ins(conn: &mut Conn, list: ListId) -> QueryResult<Vec<OptInRow>> {
    opt_ins::table.filter(opt_ins::list_id.eq(list)).order(opt_ins::id).select(OptInRow::as_select()).load(conn)
}

/// Adds an opt-in; a unique violation when the list has its code in any case.
pub fn insert_opt_in(conn: &mut Conn, row: &NewOptInRow) -> QueryResult<OptInId> {
    diesel::insert_into(opt_ins::table).values(row).returning(opt_ins::id).get_result(conn)
}

/// What one contact, or every contact of `numbers`, said to the opt-ins of its list.
pub fn list_contact_opt_ins(
    conn: &mut Conn,
    list: ListId,
    numbers: &[SubscriberNumber],
) -> QueryResult<Vec<ContactOptInRow>> {
    contact_opt_ins::table
        .filter(contact_opt_ins::list_id.eq(list))
        .filter(contact_opt_ins::number.eq_any(numbers))
        .select(ContactOptInRow::as_select())
        .load(conn)
}

/// Sets what a contact says to an opt-in.
pub fn set_contact_opt_in(conn: &mut Conn, row: &ContactOptInRow) -> QueryResult<()> {
    diesel::insert_into(contact_opt_ins::table)
        .values(row)
        .on_conflict((contact_opt_ins::list_id, contact_opt_ins::number, contact_opt_ins::opt_in_id))
        .do_update()
        .set((
            contact_opt_ins::is_given.eq(excluded(contact_opt_ins::is_given)),
            contact_opt_ins::effective_at.eq(excluded(contact_opt_ins::effective_at)),
        ))
        .execute(conn)
        .map(drop)
}

/// Forgets what a contact said to an opt-in.
pub fn delete_contact_opt_in(conn: &mut Conn, list: ListId, number: SubscriberNumber, id: OptInId) -> QueryResult<()> {
    diesel::delete(
        contact_opt_ins::table
            .filter(contact_opt_ins::list_id.eq(list))
            .filter(contact_opt_ins::number.eq(number))
            .filter(contact_opt_ins::opt_in_id.eq(id)),
    )
    .execute(conn)
    .map(drop)
}

/// What contacts said to being tracked.
pub fn list_tracking(conn: &mut Conn, list: ListId, numbers: &[SubscriberNumber]) -> QueryResult<Vec<TrackingRow>> {
    contact_tracking::table
        .filter(contact_tracking::list_id.eq(list))
        .filter(contact_tracking::number.eq_any(numbers))
        .select(TrackingRow::as_select())
        .load(conn)
}

/// Sets what a contact says to being tracked.
pub fn set_tracking(conn: &mut Conn, row: &TrackingRow) -> QueryResult<()> {
    diesel::insert_into(contact_tracking::table)
        .values(row)
        .on_conflict((contact_tracking::list_id, contact_tracking::number))
        .do_update()
        .set((
            contact_tracking::is_given.eq(excluded(contact_tracking::is_given)),
            contact_tracking::effective_at.eq(excluded(contact_tracking::effective_at)),
        ))
        .execute(conn)
        .map(drop)
}

/// Forgets what a contact said to being tracked.
pub fn delete_tracking(conn: &mut Conn, list: ListId, number: SubscriberNumber) -> QueryResult<()> {
    diesel::delete(
        contact_tracking::table.filter(contact_tracking::list_id.eq(list)).filter(contact_tracking::number.eq(number)),
    )
    .execute(conn)
    .map(drop)
}

/// The contact of a list with this key.
pub fn find_contact_by_key(conn: &mut Conn, list: ListId, key_text: &str) -> QueryResult<Option<SubscriberNumber>> {
    contact_keys::table
        .filter(contact_keys::list_id.eq(list))
        .filter(contact_keys::key_text.eq(key_text))
        .select(contact_keys::number)
        .get_result(conn)
        .optional()
}

/// Gives a contact its key in place of the one it had; a unique violation when another contact has it.
pub fn set_contact_key(conn: &mut Conn, list: ListId, number: SubscriberNumber, key_text: &str) -> QueryResult<()> {
    delete_contact_key(conn, list, number)?;
    diesel::insert_into(contact_keys::table)
        .values((
            contact_keys::list_id.eq(list),
            contact_keys::key_text.eq(key_text),
            contact_keys::number.eq(number),
        ))
        .execute(conn)
        .map(drop)
}

/// Frees the key of a contact.
pub fn delete_contact_key(conn: &mut Conn, list: ListId, number: SubscriberNumber) -> QueryResult<()> {
    diesel::delete(contact_keys::table.filter(contact_keys::list_id.eq(list)).filter(contact_keys::number.eq(number)))
        .execute(conn)
        .map(drop)
}

/// Frees every key of a list, for its keys to be made anew; the caller bounds how many there are.
pub fn delete_contact_keys_of_list(conn: &mut Conn, list: ListId) -> QueryResult<()> {
    diesel::delete(contact_keys::table.filter(contact_keys::list_id.eq(list))).execute(conn).map(drop)
}

/// Notes that something happened on a list, as its totals show.
pub fn touch_list(conn: &mut Conn, list: ListId, at: UtcTime) -> QueryResult<()> {
    diesel::update(list_totals::table.filter(list_totals::list_id.eq(list)))
        .set(list_totals::last_activity_at.eq(at))
        .execute(conn)
        .map(drop)
}

/// Removes an opt-in; what contacts said to it is left for [`purge_said`].
pub fn delete_opt_in(conn: &mut Conn, id: OptInId) -> QueryResult<()> {
    diesel::delete(opt_ins::table.filter(opt_ins::id.eq(id))).execute(conn).map(drop)
}

/// Looks through what up to `n` contacts of a list after this one said, and forgets what they said to one opt-in; answers the last of them, `None` at the end.
pub fn purge_said(
    conn: &mut Conn,
    list: ListId,
    id: OptInId,
    after: SubscriberNumber,
    n: i64,
) -> QueryResult<Option<SubscriberNumber>> {
    let numbers: Vec<SubscriberNumber> = contact_opt_ins::table
        .filter(contact_opt_ins::list_id.eq(list))
        .filter(contact_opt_ins::number.gt(after))
        .order(contact_opt_ins::number)
        .select(contact_opt_ins::number)
        .limit(n)
        .load(conn)?;
    let Some(last) = numbers.last().copied() else { return Ok(None) };
    diesel::delete(
        contact_opt_ins::table
            .filter(contact_opt_ins::list_id.eq(list))
            .filter(contact_opt_ins::number.gt(after))
            .filter(contact_opt_ins::number.le(last))
            .filter(contact_opt_ins::opt_in_id.eq(id)),
    )
    .execute(conn)?;
    Ok(Some(last))
}
