//! Letters: one message to one person with everything put in, ready to be written as RFC 5322 by `delivery`.

use crate::domain::envelope_senders::Posted;
use crate::model::ids::AccountId;
use crate::model::time::UtcTime;

/// What a letter is, which decides the headers it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterKind {
    /// Mail to many, which people can unsubscribe from.
    Campaign,
    /// Mail that one person caused: opt-in requests, passwords, notices, single sendings.
    Transactional,
}

/// One message to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The queue row it is sent for.
    pub posted: Posted,
    /// Whose mail it is.
    pub account: AccountId,
    /// What it is.
    pub kind: LetterKind,
    /// Sender's name; empty for none.
    pub from_name: String,
    /// Sender's address.
    pub from_email: String,
    /// Name behind the address that answers go to; empty for none.
    pub reply_to_name: String,
    /// Where answers go; empty for the sender.
    pub reply_to: String,
    /// The recipient's address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// Body as text; empty: one is made from the HTML.
    pub plain: String,
    /// Body as HTML; empty for none.
    pub html: String,
    /// Further headers, in their order.
    pub headers: Vec<(&'static str, String)>,
    /// When it was queued: the `Date`, and part of the `Message-ID`, so that every try makes the same mail.
    pub created_at: UtcTime,
}
