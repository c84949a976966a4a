//! Files that travel with messages.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{EnclosureId, MailId, MessageId};
use crate::store::rows::tracking::{EnclosureRow, NewEnclosureRow};
use crate::store::schema::tracking::{enclosures, mail_messages};

/// Adds a file to a message.
pub fn insert_enclosure(conn: &mut Conn, enclosure: &NewEnclosureRow) -> QueryResult<EnclosureId> {
    diesel::insert_into(enclosures::table).values(enclosure).returning(enclosures::id).get_result(conn)
}

/// The files of a message, in their order, with what is in them.
pub fn list_enclosures(conn: &mut Conn, message: MessageId) -> QueryResult<Vec<EnclosureRow>> {
    enclosures::table
        .filter(enclosures::message_id.eq(message))
        .order((enclosures::position, enclosures::id))
        .select(EnclosureRow::as_select())
        .load(conn)
}

/// Whether a message has any file.
pub fn has_enclosures(conn: &mut Conn, message: MessageId) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(enclosures::table.filter(enclosures::message_id.eq(message)))).get_result(conn)
}

/// Removes a file of a message; false when it has none of this id.
pub fn delete_enclosure(conn: &mut Conn, message: MessageId, id: EnclosureId) -> QueryResult<bool> {
    let own = enclosures::table.filter(enclosures::id.eq(id)).filter(enclosures::message_id.eq(message));
    diesel::delete(own).execute(conn).map(|n| n > 0)
}

/// Removes the files of messages.
pub fn delete_enclosures_of(conn: &mut Conn, messages: &[MessageId]) -> QueryResult<()> {
    diesel::delete(enclosures::table.filter(enclosures::message_id.eq_any(messages))).execute(conn).map(drop)
}

/// Notes which message a mail was made of, for the files that travel with it.
pub fn insert_mail_message(conn: &mut Conn, mail: MailId, message: MessageId) -> QueryResult<()> {
    diesel::insert_into(mail_messages::table)
        .values((mail_messages::mail_id.eq(mail), mail_messages::message_id.eq(message)))
        .execute(conn)
        .map(drop)
}

/// Which of these mails have files, as (mail, message).
pub fn list_mail_messages(conn: &mut Conn, mails: &[MailId]) -> QueryResult<Vec<(MailId, MessageId)>> {
    mail_messages::table
        .filter(mail_messages::mail_id.eq_any(mails))
        .select((mail_messages::mail_id, mail_messages::message_id))
        .load(conn)
}

/// Forgets the messages of mails that go.
pub fn delete_mail_messages(conn: &mut Conn, mails: &[MailId]) -> QueryResult<()> {
    diesel::delete(mail_messages::table.filter(mail_messages::mail_id.eq_any(mails))).execute(conn).map(drop)
}
