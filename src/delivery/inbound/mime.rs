//! Returned mails taken apart, within bounds that hold before anything is parsed: bytes, parts, and messages within messages.

use std::borrow::Cow;

use mail_parser::{HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};

/// A mail is read as far as this, in bytes: what a report says stands before the mail that it returns (RFC 6522 3).
pub const MAX_READ_BYTES: usize = 512 * 1024;
/// Lines that may be boundaries; from the next one on nothing is read.
const MAX_BOUNDARIES: usize = 100;
/// Mentions of messages within messages; from the next one on nothing is read.
const MAX_MESSAGES: usize = 16;
/// Messages within messages are looked into so deep.
const MAX_DEPTH: usize = 4;

/// The part of a mail that is read. A cut mail is still a mail: parts that it closed stay whole.
#[must_use]
pub fn bounded(raw: &[u8]) -> &[u8] {
    let raw = &raw[..raw.len().min(MAX_READ_BYTES)];
    let end = nth_place(raw, b"\n--", MAX_BOUNDARIES).min(nth_place(raw, b"message/", MAX_MESSAGES));
    &raw[..end]
}

/// Where the text stands for the `n`th time, case aside, or the end.
fn nth_place(raw: &[u8], text: &[u8], n: usize) -> usize {
    let places = raw.windows(text.len()).enumerate().filter(|(_, window)| window.eq_ignore_ascii_case(text));
    places.map(|(at, _)| at).nth(n).unwrap_or(raw.len())
}

/// Takes a mail apart that [`bounded`] has cut. `None` when it has no header at all.
#[must_use]
pub fn open(bounded: &[u8]) -> Option<Message<'_>> {
    MessageParser::default().parse(bounded)
}

/// A part with what it is, such as `message/delivery-status`, in lower case; empty for none.
#[must_use]
pub fn kind(part: &MessagePart<'_>) -> String {
    part.content_type().map_or_else(String::new, |kind| {
        format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_ascii_lowercase()
    })
}

/// A parameter of the mail's content type, in lower case; empty for none.
#[must_use]
pub fn parameter(message: &Message<'_>, name: &str) -> String {
    let value = message.content_type().and_then(|kind| kind.attribute(name));
    value.unwrap_or_default().to_ascii_lowercase()
}

/// What a part holds, decoded, as text.
#[must_use]
pub fn text<'a>(part: &'a MessagePart<'_>) -> Cow<'a, str> {
    match &part.body {
        PartType::Text(text) | PartType::Html(text) => Cow::Borrowed(text.as_ref()),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => String::from_utf8_lossy(bytes),
        PartType::Message(_) | PartType::Multipart(_) => Cow::Borrowed(""),
    }
}

/// A header's text, unfolded, by its name in any case; `None` when it is absent or empty.
#[must_use]
pub fn header(message: &Message<'_>, name: &str) -> Option<String> {
    headers(message, name).into_iter().next()
}

/// Every header of a name, as [`header`] gives one.
#[must_use]
pub fn headers(message: &Message<'_>, name: &str) -> Vec<String> {
    let found = message.headers().iter().filter(|header| header.name.as_str().eq_ignore_ascii_case(name));
    found
        .filter_map(|header| {
            let (from, to) = (header.offset_start as usize, header.offset_end as usize);
            let text = match &header.value {
                HeaderValue::Text(text) => text.to_string(),
                _ => String::from_utf8_lossy(message.raw_message.get(from..to)?).into_owned(),
            };
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            (!text.is_empty()).then_some(text)
        })
        .take(20)
        .collect()
}

/// The mail itself and, within bounds, every mail in it.
#[must_use]
pub fn messages<'a, 'x>(message: &'a Message<'x>) -> Vec<&'a Message<'x>> {
    let mut found = vec![message];
    let mut level = vec![message];
    for _ in 0..MAX_DEPTH {
        level = level
            .iter()
            .flat_map(|message| &message.parts)
            .filter_map(|part| match &part.body {
                PartType::Message(inner) => Some(inner),
                _ => None,
            })
            .collect();
        found.extend(&level);
    }
    found
}

/// The text of the first part that is text for people: what a mail that is no report has to say.
#[must_use]
pub fn first_text<'a>(message: &'a Message<'_>) -> Cow<'a, str> {
    message.body_text(0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_before_anything_is_parsed() {
        assert_eq!(bounded(&vec![b'x'; MAX_READ_BYTES * 2]).len(), MAX_READ_BYTES);
        let deep = b"Content-Type: MESSAGE/rfc822\r\n\r\n".repeat(30_000);
        let message = open(bounded(&deep)).expect("a mail");
        assert!(messages(&message).len() <= 1 + MAX_DEPTH);
        let wide = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\nx\r\n".repeat(50_000));
        assert!(open(bounded(wide.as_bytes())).expect("a mail").parts.len() <= MAX_BOUNDARIES + 1);
    }

    #[test]
    fn many_levels_of_parts_end() {
        let mut mail = String::new();
        for level in 0..5_000 {
            mail.push_str(&format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"));
        }
        assert!(open(bounded(mail.as_bytes())).is_some());
        let lost = "Content-Type: multipart/mixed; boundary=a\r\n\r\n".to_owned()
            + &"--a\r\nContent-Type: multipart/mixed; boundary=never\r\n\r\nx\r\n".repeat(5_000);
        assert!(open(bounded(lost.as_bytes())).is_some());
    }

    #[test]
    fn headers_are_found_in_any_case_and_unfolded() {
        let raw = b"Subject: a\r\nX-Mailing-REF: abc\r\n def\r\nTo: Ann <ann@example.com>\r\nX-Empty:\r\n\r\nHi";
        let message = open(bounded(raw)).expect("a mail");
        assert_eq!(header(&message, "x-mailing-ref").as_deref(), Some("abc def"));
        assert_eq!(header(&message, "to").as_deref(), Some("Ann <ann@example.com>"));
        assert_eq!(header(&message, "x-empty"), None);
        assert_eq!(first_text(&message), "Hi");
    }
}
