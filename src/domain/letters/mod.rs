//! Letters: one message to one person with everything put in, ready to be written as RFC 5322 by `delivery`.

mod bodies;
pub mod browser;
pub mod enclosures;
pub mod prepare;
pub mod text_part;
mod values;

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::config::Settings;
use crate::domain::cx::Ctx;
use crate::domain::envelope_senders::Posted;
use crate::domain::mail_queue::Mail;
use crate::domain::tracking::tokens::{Purpose, Trail};
use crate::domain::workload::WorkError;
use crate::model::ids::{AccountId, CampaignId, ListId, MailId, MessageId};
use crate::model::states::MailPurpose;
use crate::model::time::UtcTime;
use values::LinkMaker;

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

impl Enclosure {
    /// The file as an address of its own (RFC 2397), for pages that show a message.
    #[must_use]
    pub fn as_data(&self) -> String {
        format!("data:{};base64,{}", self.mime_type, STANDARD.encode(&self.content))
    }
}

/// The letters of mails that were queued by themselves, in their order. For workers.
///
/// # Errors
/// [`WorkError`].
pub fn of_mails(cx: &mut Ctx<'_>, mails: &[Mail]) -> Result<Vec<Letter>, WorkError> {
    cx.administrator()?;
    let ids: Vec<MailId> = mails.iter().map(|mail| mail.id).collect();
    let made_of: BTreeMap<MailId, MessageId> = cx.tx.list_mail_messages(&ids)?.into_iter().collect();
    let mut enclosed: BTreeMap<MessageId, Arc<[Enclosure]>> = BTreeMap::new();
    let mut letters = Vec::with_capacity(mails.len());
    for mail in mails {
        let mut letter = of_mail(cx.settings, mail);
        if let Some(message) = made_of.get(&mail.id) {
            if !enclosed.contains_key(message) {
                enclosed.insert(*message, enclosures::of_message(cx, *message)?);
            }
            letter.enclosures = enclosed.get(message).cloned().unwrap_or_default();
        }
        letters.push(letter);
    }
    Ok(letters)
}

/// The letter of a mail that was queued by itself, without the files of its message.
#[must_use]
pub fn of_mail(settings: &Settings, mail: &Mail) -> Letter {
    let bulk = (mail.purpose == MailPurpose::BatchSending).then(|| {
        let LinkMaker { public_url, signer, .. } = prepare::link_maker(settings);
        let (list, number) = (mail.list_id, mail.number);
        let trail = Trail { campaign: CampaignId::NONE, message: MessageId::NONE, list, number };
        let token = signer.token(Purpose::Unsubscribe, &trail);
        Bulk {
            list,
            list_name: String::new(),
            campaign: 0,
            sort: "batch",
            unsubscribe_url: format!("{public_url}{}{token}", Purpose::Unsubscribe.path()),
        }
    });
    Letter {
        posted: Posted::Mail(mail.id),
        account: mail.account_id,
        kind: if bulk.is_some() { LetterKind::Campaign } else { LetterKind::Transactional },
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
        bulk,
        enclosures: Arc::default(),
    }
}

#[cfg(test)]
mod tests;
