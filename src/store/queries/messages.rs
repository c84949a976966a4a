//! Messages: e-mails that can be sent.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, ListId, MessageId};
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

/// A message of a category that a list may use.
pub fn find_message_of_category(
    conn: &mut Conn,
    account: AccountId,
    list: ListId,
    category: i64,
) -> QueryResult<Option<MessageId>> {
    messages::table
        .filter(messages::account_id.eq(account))
        .filter(messages::list_id.eq_any([ListId::NONE, list]))
        .filter(messages::category_id.eq(category))
        .order(messages::id)
        .select(messages::id)
        .first(conn)
        .optional()
}

/// Makes a message.
pub fn insert_message(conn: &mut Conn, message: &NewMessageRow) -> QueryResult<MessageId> {
    diesel::insert_into(messages::table).values(message).returning(messages::id).get_result(conn)
}
