//! A queued mail as an RFC 5322 message: text, HTML beside it when there is some, non-ASCII encoded, nothing smuggled into headers.

use std::time::{Duration, SystemTime};

use lettre::address::{Address, AddressError};
use lettre::message::header::{HeaderName, HeaderValue, InvalidHeaderName};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};

use crate::domain::workload::Mail;

/// Why no message can be made of a queued mail. Another try would end alike.
#[derive(Debug, thiserror::Error)]
pub(super) enum BuildError {
    /// A line break or another control character where it could start a header of its own.
    #[error("the {0} holds a control character")]
    Control(&'static str),
    /// No address that a mail can carry.
    #[error("the {0} is no mail address")]
    Address(&'static str, #[source] AddressError),
    /// The message as a whole.
    #[error("the message cannot be put together")]
    Message(#[from] lettre::error::Error),
    /// A header of ours.
    #[error("the message cannot be put together")]
    Header(#[from] InvalidHeaderName),
}

/// The message's bytes. `Date` and `Message-ID` come from the row, so that every try makes the same mail.
pub(super) fn build(mail: &Mail) -> Result<Vec<u8>, BuildError> {
    let headers = [
        ("sender's name", &mail.from_name),
        ("sender", &mail.from_email),
        ("reply address", &mail.reply_to),
        ("recipient", &mail.to_email),
        ("subject", &mail.subject),
    ];
    if let Some((name, _)) = headers.iter().find(|(_, text)| text.chars().any(char::is_control)) {
        return Err(BuildError::Control(name));
    }
    let from = address("sender", &mail.from_email)?;
    let micros = u64::try_from(mail.created_at.0).unwrap_or_default();
    let id = format!("<mail-{}.{micros}@{}>", mail.id, from.domain());
    let name = Some(mail.from_name.trim()).filter(|name| !name.is_empty()).map(str::to_owned);
    let mut builder = Message::builder()
        .from(Mailbox::new(name, from))
        .to(Mailbox::new(None, address("recipient", &mail.to_email)?))
        .subject(mail.subject.as_str())
        .date(SystemTime::UNIX_EPOCH + Duration::from_micros(micros))
        .message_id(Some(id))
        // RFC 3834 5: answering machines leave such mail alone.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii("Auto-Submitted".to_owned())?,
            "auto-generated".to_owned(),
        ));
    if !mail.reply_to.is_empty() {
        builder = builder.reply_to(Mailbox::new(None, address("reply address", &mail.reply_to)?));
    }
    let (plain, html) = (mail.plain_body.clone(), mail.html_body.clone());
    let message = match (plain.is_empty(), html.is_empty()) {
        (_, true) => builder.singlepart(SinglePart::plain(plain))?,
        (true, false) => builder.singlepart(SinglePart::html(html))?,
        (false, false) => builder.multipart(MultiPart::alternative_plain_html(plain, html))?,
    };
    Ok(message.formatted())
}

fn address(what: &'static str, text: &str) -> Result<Address, BuildError> {
    text.trim().parse().map_err(|error| BuildError::Address(what, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::{AccountId, ListId, MailId, SubscriberNumber};
    use crate::model::states::{MailPurpose, QueueState};
    use crate::model::time::UtcTime;

    fn mail() -> Mail {
        Mail {
            id: MailId(7),
            account_id: AccountId(1),
            list_id: ListId(2),
            number: SubscriberNumber(3),
            purpose: MailPurpose::OptInRequest,
            from_name: "Jürgen Müller".to_owned(),
            from_email: "sender@example.org".to_owned(),
            reply_to: "answers@example.org".to_owned(),
            to_email: "reader@example.com".to_owned(),
            subject: "Bitte bestätigen".to_owned(),
            plain_body: "Grüße\nzweite Zeile".to_owned(),
            html_body: String::new(),
            state: QueueState::Leased,
            due_at: UtcTime(0),
            n_tries: 1,
            created_at: UtcTime(1_700_000_000_000_000),
        }
    }

    fn text(mail: &Mail) -> String {
        String::from_utf8(build(mail).expect("good mail")).expect("ASCII")
    }

    #[test]
    fn headers_are_encoded_and_every_try_makes_the_same_mail() {
        let made = text(&mail());
        assert!(made.is_ascii(), "{made}");
        for part in [
            "From: =?utf-8?b?",
            "<sender@example.org>\r\n",
            "To: reader@example.com\r\n",
            "Reply-To: answers@example.org\r\n",
            "Subject: Bitte =?utf-8?b?",
            "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n",
            "Message-ID: <mail-7.1700000000000000@example.org>\r\n",
            "Auto-Submitted: auto-generated\r\n",
        ] {
            assert!(made.contains(part), "{part:?} is missing in\n{made}");
        }
        assert!(!made.replace("\r\n", "").contains(['\r', '\n']), "bare line break in\n{made}");
        assert_eq!(made, text(&mail()));
    }

    #[test]
    fn html_stands_beside_the_text_or_alone() {
        let both = text(&Mail { html_body: "<p>Hi</p>".to_owned(), ..mail() });
        assert!(both.contains("multipart/alternative") && both.contains("text/plain") && both.contains("text/html"));
        let html = text(&Mail { html_body: "<p>Hi</p>".to_owned(), plain_body: String::new(), ..mail() });
        assert!(!html.contains("multipart") && html.contains("text/html"));
    }

    #[test]
    fn what_would_smuggle_a_header_is_refused() {
        let evil = "x\r\nBcc: victim@example.net";
        for bad in [
            Mail { subject: evil.to_owned(), ..mail() },
            Mail { from_name: evil.to_owned(), ..mail() },
            Mail { from_email: evil.to_owned(), ..mail() },
            Mail { reply_to: evil.to_owned(), ..mail() },
            Mail { to_email: evil.to_owned(), ..mail() },
            Mail { to_email: "no address".to_owned(), ..mail() },
            Mail { subject: "a\nb".to_owned(), ..mail() },
        ] {
            assert!(build(&bad).is_err(), "{bad:?}");
        }
    }
}
