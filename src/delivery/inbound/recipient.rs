//! Which of our mails a returned one is about, by whatever of it came back with a signature of ours (ML-8.1).

use mail_parser::{Message, PartType};

use super::{mime, verp};
use crate::domain::envelope_senders::{Posted, read_token};

/// The header of our mails that holds their token.
pub const REFERENCE: &str = "X-Mailing-Ref";
/// Places of one mail where a token is looked for.
const MAX_PLACES: usize = 50;
/// A longer word is no token.
const MAX_TOKEN_BYTES: usize = 40;

/// What tokens are read with.
#[derive(Debug, Clone, Copy)]
pub struct Keys<'a> {
    /// The secret that they are signed with.
    pub secret: &'a str,
    /// The domain of the envelope senders.
    pub domain: &'a str,
}

impl Keys<'_> {
    /// The queue row behind a token somewhere in a text: as a word of its own or within an envelope sender. What is not signed is nobody.
    #[must_use]
    pub fn find_in(self, text: &str) -> Option<Posted> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() <= MAX_TOKEN_BYTES);
        words.take(MAX_PLACES).find_map(|word| read_token(self.secret, word))
    }
}

/// Looks in the order of trust: our header in the mail that came back, as a part or in the raw text, then `ENVID`, then envelope senders that
/// came back. The recipient of the returned mail comes before all of these, see [`verp::read`].
#[must_use]
pub fn find(keys: Keys<'_>, message: &Message<'_>, raw: &[u8], envelope_id: &str) -> Option<Posted> {
    let inner = mime::messages(message);
    inner
        .iter()
        .flat_map(|one| mime::headers(one, REFERENCE))
        .find_map(|value| keys.find_in(&value))
        .or_else(|| in_texts(keys, message))
        .or_else(|| after_name(keys, raw))
        .or_else(|| keys.find_in(&super::fields::xtext(envelope_id)))
        .or_else(|| {
            inner.iter().skip(1).flat_map(|one| mime::headers(one, "Return-Path")).find_map(|v| of_address(keys, &v))
        })
        .or_else(|| mime::headers(message, "To").iter().find_map(|value| of_address(keys, value)))
}

/// The queue row of an envelope sender of ours.
#[must_use]
pub fn of_address(keys: Keys<'_>, address: &str) -> Option<Posted> {
    verp::read(keys.secret, address, keys.domain).and_then(verp::Way::posted)
}

/// Our header in a part that holds headers as text, however that part is encoded.
fn in_texts(keys: Keys<'_>, message: &Message<'_>) -> Option<Posted> {
    let held = message.parts.iter().filter(|part| !matches!(part.body, PartType::Message(_) | PartType::Multipart(_)));
    held.take(MAX_PLACES).find_map(|part| after_name(keys, mime::text(part).as_bytes()))
}

/// Our header anywhere in a text.
fn after_name(keys: Keys<'_>, text: &[u8]) -> Option<Posted> {
    let name = REFERENCE.as_bytes();
    let places = text.windows(name.len()).enumerate().filter(|(_, window)| window.eq_ignore_ascii_case(name));
    places.take(MAX_PLACES).find_map(|(at, _)| {
        let rest = &text[at + name.len()..];
        keys.find_in(&String::from_utf8_lossy(&rest[..rest.len().min(100)]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::envelope_senders::{address, token};
    use crate::model::ids::{MailId, RecipientId};

    const KEYS: Keys<'_> = Keys { secret: "secret", domain: "bounces.example.org" };
    const POSTED: Posted = Posted::Recipient(RecipientId(77));

    fn find_in(raw: &str, envelope_id: &str) -> Option<Posted> {
        find(KEYS, &mime::open(raw.as_bytes()).expect("a mail"), raw.as_bytes(), envelope_id)
    }

    #[test]
    fn our_header_is_found_wherever_it_came_back() {
        let token = token(KEYS.secret, POSTED).to_uppercase();
        let ours = format!("Subject: News\r\nX-MAILING-REF:\r\n {token}\r\n\r\nHi\r\n");
        let attached = format!(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{ours}--b--\r\n"
        );
        let as_text = format!(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{ours}--b--\r\n"
        );
        let coded = format!(
            "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("--- copy follows\r\n{ours}"))
        );
        let indented = format!("Subject: failure\r\n\r\n> X-Mailing-Ref: {token}\r\n");
        for raw in [attached, as_text, coded, indented] {
            assert_eq!(find_in(&raw, ""), Some(POSTED), "{raw}");
        }
    }

    #[test]
    fn the_header_goes_before_the_envelope_id() {
        let other = token(KEYS.secret, Posted::Mail(MailId(5)));
        let raw = format!("Subject: failure\r\n\r\nX-Mailing-Ref: {}\r\n", token(KEYS.secret, POSTED));
        assert_eq!(find_in(&raw, &other), Some(POSTED));
        assert_eq!(find_in("Subject: failure\r\n\r\nHi\r\n", &other), Some(Posted::Mail(MailId(5))));
    }

    #[test]
    fn the_envelope_sender_that_came_back_is_the_last_resort() {
        let sender = address(KEYS.secret, POSTED, KEYS.domain);
        let raw = format!("Content-Type: message/rfc822\r\n\r\nReturn-Path: <{sender}>\r\nSubject: x\r\n\r\nHi\r\n");
        assert_eq!(find_in(&raw, ""), Some(POSTED));
    }

    #[test]
    fn what_is_not_signed_by_us_is_nobody() {
        let forged = token("guessed", POSTED);
        assert_eq!(find_in(&format!("X: y\r\n\r\nX-Mailing-Ref: {forged}\r\n"), &forged), None);
        assert_eq!(find_in("X: y\r\n\r\nX-Mailing-Ref", ""), None);
    }
}
