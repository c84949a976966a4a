//! Contents of `queries/enclosures.rs`.

use crate::model::ids::{EnclosureId, MailId, MessageId};
use crate::store::rows::tracking::{EnclosureRow, NewEnclosureRow};

queries! { enclosures {
    /// Adds a file to a message.
    fn insert_enclosure(enclosure: &NewEnclosureRow) -> EnclosureId;
    /// The files of a message, in their order, with what is in them.
    fn list_enclosures(message: MessageId) -> Vec<EnclosureRow>;
    /// Whether a message has any file.
    fn has_enclosures(message: MessageId) -> bool;
    /// Removes a file of a message; false when it has none of this id.
    fn delete_enclosure(message: MessageId, id: EnclosureId) -> bool;
    /// Notes which message a mail was made of, for the files that travel with it.
    fn insert_mail_message(mail: MailId, message: MessageId) -> ();
    /// Which of these mails have files, as (mail, message).
    fn list_mail_messages(mails: &[MailId]) -> Vec<(MailId, MessageId)>;
} }
