//! Letters: one message to one person with everything put in, ready to be written as RFC 5322 by `delivery`.

pub mod text_part;

use std::sync::Arc;

use crate::domain::envelope_senders::Posted;
use crate::domain::mail_queue::Mail;
use crate::model::ids::{AccountId, ListId};
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
    /// What a campaign's letter says of its list and campaign; `None` for [`LetterKind::Transactional`].
    pub bulk: Option<Bulk>,
    /// Files attached, and pictures that the HTML shows, shared by all letters of a campaign.
    pub enclosures: Arc<[Enclosure]>,
}

/// What a letter to many says of where it came from and how to get no more of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    /// The list.
    pub list: ListId,
    /// Its name.
    pub list_name: String,
    /// The campaign's number; 0 for none.
    pub campaign: i64,
    /// What sort of mail complaints are counted under, such as `campaign`: letters, digits and hyphens.
    pub sort: &'static str,
    /// Where one POST unsubscribes this person (RFC 8058); empty for nowhere.
    pub unsubscribe_url: String,
}

/// A file that travels with a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosure {
    /// Its name.
    pub name: String,
    /// Its type, such as `application/pdf`.
    pub mime_type: String,
    /// What the HTML calls a picture (`cid:…`); empty for an attached file.
    pub content_id: String,
    /// What is in it.
    pub content: Arc<[u8]>,
}

/// The letter of a mail that was queued by itself.
#[must_use]
pub fn of_mail(mail: &Mail) -> Letter {
    Letter {
        posted: Posted::Mail(mail.id),
        account: mail.account_id,
        kind: LetterKind::Transactional,
        from_name: mail.from_name.clone(),
        from_email: mail.from_email.clone(),
        reply_to_name: String::new(),
        reply_to: mail.reply_to.clone(),
        to: mail.to_email.clone(),
        subject: mail.subject.clone(),
        plain: mail.plain_body.clone(),
        html: mail.html_body.clone(),
        headers: Vec::new(),
        created_at: mail.created_at,
        bulk: None,
        enclosures: Arc::default(),
    }
}
