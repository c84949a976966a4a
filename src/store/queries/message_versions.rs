//! Messages in versions with bodies.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, ListId, MessageId, VersionId};
use crate::store::rows::messages::{MessageRow, NewMessageRow};
use crate::store::rows::sendings::{BodyRow, NewVersionRow, VersionRow};
use crate::store::schema::messages;
use crate::store::schema::projects::{message_bodies, message_versions};

/// The versions of a message, in their order.
pub fn list_versions(conn: &mut Conn, message: MessageId) -> QueryResult<Vec<VersionRow>> {
    message_versions::table
        .filter(message_versions::message_id.eq(message))
        .order((message_versions::position, message_versions::id))
        .select(VersionRow::as_select())
        .load(conn)
}

/// The bodies of versions, in their order.
pub fn list_bodies(conn: &mut Conn, versions: &[VersionId]) -> QueryResult<Vec<BodyRow>> {
    message_bodies::table
        .filter(message_bodies::version_id.eq_any(versions))
        .order((message_bodies::version_id, message_bodies::position))
        .select(BodyRow::as_select())
        .load(conn)
}

/// Adds a version.
pub fn insert_version(conn: &mut Conn, row: &NewVersionRow) -> QueryResult<VersionId> {
    diesel::insert_into(message_versions::table).values(row).returning(message_versions::id).get_result(conn)
}

/// Replaces a version's columns.
pub fn update_version(conn: &mut Conn, id: VersionId, row: &NewVersionRow) -> QueryResult<()> {
    diesel::update(message_versions::table.filter(message_versions::id.eq(id)))
        .set((
            message_versions::position.eq(row.position),
            message_versions::name.eq(&row.name),
            message_versions::culture.eq(&row.culture),
            message_versions::sender_name.eq(&row.sender_name),
            message_versions::sender_email.eq(&row.sender_email),
            message_versions::reply_to_email.eq(&row.reply_to_email),
            message_versions::subject.eq(&row.subject),
            message_versions::subject_tell_a_friend.eq(&row.subject_tell_a_friend),
            message_versions::predicate.eq(&row.predicate),
            message_versions::must_match.eq(row.must_match),
        ))
        .execute(conn)
        .map(drop)
}

/// Adds a body.
pub fn insert_body(conn: &mut Conn, row: &BodyRow) -> QueryResult<()> {
    diesel::insert_into(message_bodies::table).values(row).execute(conn).map(drop)
}

/// Removes the bodies of versions.
pub fn delete_bodies(conn: &mut Conn, versions: &[VersionId]) -> QueryResult<()> {
    diesel::delete(message_bodies::table.filter(message_bodies::version_id.eq_any(versions))).execute(conn).map(drop)
}

/// Removes versions with their bodies.
pub fn delete_versions(conn: &mut Conn, versions: &[VersionId]) -> QueryResult<()> {
    delete_bodies(conn, versions)?;
    diesel::delete(message_versions::table.filter(message_versions::id.eq_any(versions))).execute(conn).map(drop)
}

/// Replaces a message's columns but its owner and when it was made.
pub fn update_message(conn: &mut Conn, id: MessageId, row: &NewMessageRow) -> QueryResult<()> {
    diesel::update(messages::table.filter(messages::id.eq(id)))
        .set((
            (
                messages::name.eq(&row.name),
                messages::from_name.eq(&row.from_name),
                messages::from_email.eq(&row.from_email),
                messages::reply_to_name.eq(&row.reply_to_name),
                messages::reply_to_email.eq(&row.reply_to_email),
                messages::content_type.eq(row.content_type),
                messages::subject.eq(&row.subject),
                messages::plain_body.eq(&row.plain_body),
                messages::html_body.eq(&row.html_body),
            ),
            (
                messages::list_id.eq(row.list_id),
                messages::category_id.eq(row.category_id),
                messages::hosts_images.eq(row.hosts_images),
                messages::tracks_links.eq(row.tracks_links),
            ),
        ))
        .execute(conn)
        .map(drop)
}

/// Up to `n` messages of an account after this one, by id: those of a list and those of every list; with [`ListId::NONE`] all of them.
pub fn list_messages(
    conn: &mut Conn,
    account: AccountId,
    list: ListId,
    after: MessageId,
    n: i64,
) -> QueryResult<Vec<MessageRow>> {
    let mut query = messages::table
        .filter(messages::account_id.eq(account))
        .filter(messages::id.gt(after))
        .order(messages::id)
        .limit(n)
        .select(MessageRow::as_select())
        .into_boxed();
    if list != ListId::NONE {
        query = query.filter(messages::list_id.eq_any([list, ListId::NONE]));
    }
    query.load(conn)
}

/// Removes a message with its versions and bodies.
pub fn delete_message(conn: &mut Conn, id: MessageId) -> QueryResult<()> {
    let versions: Vec<VersionId> =
        message_versions::table.filter(message_versions::message_id.eq(id)).select(message_versions::id).load(conn)?;
    delete_versions(conn, &versions)?;
    super::enclosures::delete_enclosures_of(conn, &[id])?;
    diesel::delete(messages::table.filter(messages::id.eq(id))).execute(conn).map(drop)
}
