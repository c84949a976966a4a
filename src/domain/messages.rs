//! Messages: e-mails that can be sent. Here as one text, such as those that ask new subscribers to confirm; in versions see [`versions`].

pub mod predicate;
pub mod removal;
pub mod versions;

use crate::domain::cx::Ctx;
use crate::model::email_address::EmailAddress;
use crate::model::ids::{AccountId, ListId, MessageId};
use crate::model::states::{ContentType, MessageMode};
use crate::store::StoreError;
use crate::store::rows::messages::{MessageRow, NewMessageRow};

/// A message, as the layers above see it.
pub type Message = MessageRow;

/// Longer subjects and names are refused, in characters.
const MAX_LINE_CHARS: usize = 998;

/// A message to be made.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What its owner calls it.
    pub name: String,
    /// Sender's name.
    pub from_name: String,
    /// Sender's address.
    pub from_email: String,
    /// Name behind the address that answers go to; empty for none.
    pub reply_to_name: String,
    /// Where answers go; empty for the sender.
    pub reply_to_email: String,
    /// The subject.
    pub subject: String,
    /// The line that mail programs show beside the subject; empty for none.
    pub pre_header: String,
    /// Which bodies it has.
    pub content_type: ContentType,
    /// How it was made.
    pub mode: MessageMode,
    /// The template that it was made from; 0 for none.
    pub template_id: i64,
    /// Body as text.
    pub plain: String,
    /// Body as HTML.
    pub html: String,
}

/// Why a message is no good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// Subject, sender's name or sender's address is empty.
    #[error("subject or sender is missing")]
    Incomplete,
    /// It is to have an HTML body and has none.
    #[error("the HTML body is missing")]
    NoHtml,
    /// It is to have a plain body and has none.
    #[error("the plain body is missing")]
    NoPlain,
    /// It is to come from a template and names none.
    #[error("the template is missing")]
    NoTemplate,
    /// An address cannot be mailed, or a header would hold a line break or be too long.
    #[error("{0} cannot stand in a header")]
    BadHeader(&'static str),
}

/// Checks a draft before anything is stored.
///
/// # Errors
/// [`DraftError`].
pub fn check(draft: &Draft) -> Result<(), DraftError> {
    if [&draft.subject, &draft.from_name, &draft.from_email].iter().any(|text| text.trim().is_empty()) {
        return Err(DraftError::Incomplete);
    }
    if matches!(draft.content_type, ContentType::Html | ContentType::Both) && draft.html.is_empty() {
        return Err(DraftError::NoHtml);
    }
    if matches!(draft.content_type, ContentType::Plain | ContentType::Both) && draft.plain.is_empty() {
        return Err(DraftError::NoPlain);
    }
    if draft.mode == MessageMode::Template && draft.template_id <= 0 {
        return Err(DraftError::NoTemplate);
    }
    let lines = [
        ("name", &draft.name),
        ("subject", &draft.subject),
        ("sender's name", &draft.from_name),
        ("reply-to name", &draft.reply_to_name),
        ("pre-header", &draft.pre_header),
    ];
    for (what, line) in lines {
        if line.chars().any(char::is_control) || line.chars().count() > MAX_LINE_CHARS {
            return Err(DraftError::BadHeader(what));
        }
    }
    if EmailAddress::parse(&draft.from_email).is_none() {
        return Err(DraftError::BadHeader("sender's address"));
    }
    if !draft.reply_to_email.is_empty() && EmailAddress::parse(&draft.reply_to_email).is_none() {
        return Err(DraftError::BadHeader("reply-to address"));
    }
    Ok(())
}

/// Makes a message from a checked draft. For internal use: the caller has checked the permission.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn insert(cx: &mut Ctx<'_>, account: AccountId, draft: Draft) -> Result<MessageId, StoreError> {
    let row = NewMessageRow {
        account_id: account,
        name: draft.name,
        from_name: draft.from_name,
        from_email: draft.from_email.trim().to_owned(),
        reply_to_name: draft.reply_to_name,
        reply_to_email: draft.reply_to_email.trim().to_owned(),
        content_type: draft.content_type,
        mode: draft.mode,
        fetch_url: String::new(),
        fetch_plain_url: String::new(),
        subject: draft.subject,
        plain_body: draft.plain,
        html_body: draft.html,
        embeds_images: false,
        template_id: draft.template_id,
        pre_header: draft.pre_header,
        created_at: cx.now,
        list_id: ListId::NONE,
        category_id: 0,
        hosts_images: false,
        tracks_links: false,
    };
    cx.tx.insert_message(&row)
}

/// The account's message of this id. For internal use: no permission is asked.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn find(
    cx: &mut Ctx<'_>,
    account: AccountId,
    id: MessageId,
) -> Result<Option<Message>, StoreError> {
    cx.tx.find_message(account, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        Draft {
            name: String::new(),
            from_name: "News".to_owned(),
            from_email: "news@example.com".to_owned(),
            reply_to_name: String::new(),
            reply_to_email: String::new(),
            subject: "Please confirm".to_owned(),
            pre_header: String::new(),
            content_type: ContentType::Both,
            mode: MessageMode::Empty,
            template_id: 0,
            plain: "%Link:Confirm%".to_owned(),
            html: "<a href='%Link:Confirm%'>yes</a>".to_owned(),
        }
    }

    #[test]
    fn a_draft_needs_a_sender_a_subject_and_the_bodies_it_announces() {
        assert_eq!(check(&draft()), Ok(()));
        let cases = [
            (Draft { subject: " ".to_owned(), ..draft() }, DraftError::Incomplete),
            (Draft { from_email: String::new(), ..draft() }, DraftError::Incomplete),
            (Draft { html: String::new(), ..draft() }, DraftError::NoHtml),
            (Draft { plain: String::new(), ..draft() }, DraftError::NoPlain),
            (Draft { mode: MessageMode::Template, ..draft() }, DraftError::NoTemplate),
            (Draft { subject: "a\r\nBcc: x@example.com".to_owned(), ..draft() }, DraftError::BadHeader("subject")),
            (Draft { from_email: "nobody".to_owned(), ..draft() }, DraftError::BadHeader("sender's address")),
            (Draft { reply_to_email: "x".to_owned(), ..draft() }, DraftError::BadHeader("reply-to address")),
        ];
        for (draft, error) in cases {
            assert_eq!(check(&draft), Err(error));
        }
        let html_only = Draft { content_type: ContentType::Html, plain: String::new(), ..draft() };
        assert_eq!(check(&html_only), Ok(()));
    }
}
