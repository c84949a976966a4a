//! Operational links: links in messages that change whoever follows them.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, ListId, MessageId, OperationalLinkId, SubscriberNumber};
use crate::model::time::UtcTime;
use crate::store::rows::sendings::{NewOperationalLinkRow, OperationalLinkRow};
use crate::store::schema::projects::{operational_link_changes, operational_link_visits, operational_links};

/// The operational link with this id, whosever it is.
pub fn find_operational_link(conn: &mut Conn, id: OperationalLinkId) -> QueryResult<Option<OperationalLinkRow>> {
    operational_links::table
        .filter(operational_links::id.eq(id))
        .select(OperationalLinkRow::as_select())
        .get_result(conn)
        .optional()
}

/// The operational links of a list, by id.
pub fn list_operational_links(conn: &mut Conn, list: ListId) -> QueryResult<Vec<OperationalLinkRow>> {
    operational_links::table
        .filter(operational_links::list_id.eq(list))
        .order(operational_links::id)
        .select(OperationalLinkRow::as_select())
        .load(conn)
}

/// What a link changes, as (column, value), in its order.
pub fn list_link_changes(conn: &mut Conn, id: OperationalLinkId) -> QueryResult<Vec<(String, String)>> {
    operational_link_changes::table
        .filter(operational_link_changes::link_id.eq(id))
        .order(operational_link_changes::position)
        .select((operational_link_changes::target, operational_link_changes::value))
        .load(conn)
}

/// Makes a link that changes these columns.
pub fn insert_operational_link(
    conn: &mut Conn,
    row: &NewOperationalLinkRow,
    changes: &[(String, String)],
) -> QueryResult<OperationalLinkId> {
    let id: OperationalLinkId =
        diesel::insert_into(operational_links::table).values(row).returning(operational_links::id).get_result(conn)?;
    insert_changes(conn, id, changes)?;
    Ok(id)
}

/// Replaces what a link leads to, sends and changes.
pub fn update_operational_link(
    conn: &mut Conn,
    id: OperationalLinkId,
    row: &NewOperationalLinkRow,
    changes: &[(String, String)],
) -> QueryResult<()> {
    diesel::update(operational_links::table.filter(operational_links::id.eq(id)))
        .set((
            operational_links::name.eq(&row.name),
            operational_links::url.eq(&row.url),
            operational_links::message_id.eq(row.message_id),
        ))
        .execute(conn)?;
    diesel::delete(operational_link_changes::table.filter(operational_link_changes::link_id.eq(id))).execute(conn)?;
    insert_changes(conn, id, changes)
}

fn insert_changes(conn: &mut Conn, id: OperationalLinkId, changes: &[(String, String)]) -> QueryResult<()> {
    for (position, (target, value)) in (0_i64..).zip(changes) {
        diesel::insert_into(operational_link_changes::table)
            .values((
                operational_link_changes::link_id.eq(id),
                operational_link_changes::position.eq(position),
                operational_link_changes::target.eq(target),
                operational_link_changes::value.eq(value),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Notes that a contact followed a link; false when it did so before.
pub fn note_link_visit(
    conn: &mut Conn,
    list: ListId,
    number: SubscriberNumber,
    id: OperationalLinkId,
    at: UtcTime,
) -> QueryResult<bool> {
    diesel::insert_into(operational_link_visits::table)
        .values((
            operational_link_visits::list_id.eq(list),
            operational_link_visits::number.eq(number),
            operational_link_visits::link_id.eq(id),
            operational_link_visits::visited_at.eq(at),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .map(|n| n == 1)
}

/// Removes a link with what it changes. Notes of visits stay with their contacts.
pub fn delete_operational_link(conn: &mut Conn, id: OperationalLinkId) -> QueryResult<()> {
    diesel::delete(operational_link_changes::table.filter(operational_link_changes::link_id.eq(id))).execute(conn)?;
    diesel::delete(operational_links::table.filter(operational_links::id.eq(id))).execute(conn).map(drop)
}

/// A link of an account that sends a message.
pub fn find_link_sending(conn: &mut Conn, account: AccountId, message: MessageId) -> QueryResult<Option<OperationalLinkId>> {
    operational_links::table
        .filter(operational_links::account_id.eq(account))
        .filter(operational_links::message_id.eq(message))
        .order(operational_links::id)
        .select(operational_links::id)
        .first(conn)
        .optional()
}
