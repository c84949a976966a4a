//! Messages: e-mails that can be sent.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, MessageId};
use crate::store::rows::messages::{MessageRow, NewMessageRow};
use crate::store::schema::messages;

/// The message with this id, if it belongs to the account.
pub fn find_message(conn: &mut Conn, account: AccountId, id: MessageId) -> QueryResult<Option<MessageRow>> {
    messages::table
        .filter(messages::id.eq(id))
        .filter(messages::account_id.eq(account))
        .select(MessageRow::as_select())
        .get_result(conn)
        .optional()
}

/// Makes a message.
pub fn insert_message(conn: &mut Conn, message: &NewMessageRow) -> QueryResult<MessageId> {
    diesel::insert_into(messages::table).values(message).returning(messages::id).get_result(conn)
}
