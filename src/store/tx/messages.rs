//! Contents of `queries/messages.rs`.

use crate::model::ids::{AccountId, ListId, MessageId};
use crate::store::rows::messages::{MessageRow, NewMessageRow};

queries! { messages {
    /// The message with this id, if it belongs to the account.
    fn find_message(account: AccountId, id: MessageId) -> Option<MessageRow>;
    /// A message of a category that a list may use.
    fn find_message_of_category(account: AccountId, list: ListId, category: i64) -> Option<MessageId>;
    /// Makes a message.
    fn insert_message(message: &NewMessageRow) -> MessageId;
} }
