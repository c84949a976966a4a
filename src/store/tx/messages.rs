//! Contents of `queries/messages.rs`.

use crate::model::ids::{AccountId, MessageId};
use crate::store::rows::messages::{MessageRow, NewMessageRow};

queries! { messages {
    /// The message with this id, if it belongs to the account.
    fn find_message(account: AccountId, id: MessageId) -> Option<MessageRow>;
    /// Makes a message.
    fn insert_message(message: &NewMessageRow) -> MessageId;
} }
