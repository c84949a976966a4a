//! A letter as an RFC 5322 message with CRLF line ends, ready to be signed: the header by what the letter is, text before HTML, nothing smuggled in.
//!
//! lettre builds the tree of parts; the header's lines and the bodies' encodings are ours, because every campaign's speed and safety hang on them
//! (ML-6.3, ML-6.4). The same letter makes the same bytes at every try.

mod bodies;
mod disposition;
mod header;

use chrono::DateTime;
use lettre::message::header::{ContentId, ContentType, ContentTypeErr};
use lettre::message::{Body, MultiPart, MultiPartKind, SinglePart};

use crate::config::Settings;
use crate::domain::envelope_senders;
use crate::domain::letters::{Bulk, Enclosure, Letter, LetterKind, text_part};
use crate::model::email_address::EmailAddress;
use crate::model::time::UtcTime;
use disposition::Disposition;
use header::Header;

/// Headers that are written here and by nobody else.
const OWN: &[&str] = &[
    "from",
    "to",
    "cc",
    "bcc",
    "sender",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "return-path",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "precedence",
    "auto-submitted",
    "x-auto-response-suppress",
    "feedback-id",
    "cfbl-address",
    "x-mailing-ref",
    "dkim-signature",
];

/// How every boundary begins: no encoded body holds it, and one that is not encoded is looked at.
const BOUNDARY: &str = "=_";

/// Why no message can be made of a letter. Another try would end alike.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A line break or another control character where it could start a header of its own.
    #[error("the {0} holds a control character")]
    Control(&'static str),
    /// No address that a mail can carry.
    #[error("the {0} is no mail address")]
    Address(&'static str),
    /// A further header is one of those that are written here.
    #[error("the header {0} is none that a letter may add")]
    Taken(&'static str),
    /// The type of an enclosure is none.
    #[error("enclosure {0:?} has no type that a mail can carry")]
    Enclosure(String, #[source] ContentTypeErr),
}

/// What the server puts on every letter, read once from the settings.
#[derive(Debug, Clone)]
pub struct Imprint {
    link_secret: String,
    /// Where mail that unsubscribes goes; empty for nowhere.
    returns_domain: String,
    list_domain: String,
    precedence_bulk: bool,
    feedback_sender: String,
    complaints_address: String,
    legacy_message_id: bool,
}

impl Imprint {
    /// What the settings say.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        let letters = &settings.letters;
        let host = || {
            let url = url::Url::parse(&settings.public_url()).ok();
            url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "localhost".to_owned())
        };
        let list_domain = if letters.list_domain.is_empty() { host() } else { letters.list_domain.clone() };
        Self {
            link_secret: settings.security.link_secret.clone(),
            returns_domain: settings.returns.domain.clone(),
            list_domain,
            precedence_bulk: letters.precedence_bulk,
            feedback_sender: letters.feedback_sender.clone(),
            complaints_address: letters.complaints_address.clone(),
            legacy_message_id: letters.legacy_message_id,
        }
    }
}

/// The message's bytes. `Date`, `Message-ID` and the boundaries between parts come from the letter alone, so that every try makes the same mail.
///
/// # Errors
/// [`BuildError`].
pub fn build(letter: &Letter, imprint: &Imprint) -> Result<Vec<u8>, BuildError> {
    let token = envelope_senders::token(&imprint.link_secret, letter.posted);
    let mut message = head(letter, imprint, &token)?.into_text().into_bytes();
    message.extend_from_slice(&parts(letter, &token)?);
    Ok(message)
}

/// An address as it stands in envelopes and headers: the domain as A-labels in lower case (RFC 5890), the local part as it was written, which needs
/// SMTPUTF8 when it is not ASCII (RFC 6531). `None` for what is no address.
#[must_use]
pub fn wire_address(text: &str) -> Option<String> {
    let address = EmailAddress::parse(text)?;
    let (local, domain) = address.entered().rsplit_once('@')?;
    if domain.starts_with('[') {
        return Some(address.entered().to_owned());
    }
    let domain = idna::domain_to_ascii(domain).ok().filter(|domain| !domain.is_empty())?;
    (local.len() + 1 + domain.len() <= 254).then(|| format!("{local}@{domain}"))
}

fn address(what: &'static str, text: &str) -> Result<String, BuildError> {
    wire_address(text).ok_or(BuildError::Address(what))
}

fn head(letter: &Letter, imprint: &Imprint, token: &str) -> Result<Header, BuildError> {
    check(letter)?;
    let from = address("sender", &letter.from_email)?;
    let domain = from.rsplit('@').next().unwrap_or_default();
    let mut header = Header::new();
    header.mailbox("From", &letter.from_name, &from);
    header.mailbox("To", "", &address("recipient", &letter.to)?);
    if !letter.reply_to.is_empty() {
        header.mailbox("Reply-To", &letter.reply_to_name, &address("reply address", &letter.reply_to)?);
    }
    header.text("Subject", &letter.subject);
    header.words("Date", &date(letter.created_at));
    header.identifier("Message-ID", "", &format!("{token}@{domain}"));
    match (letter.kind, &letter.bulk) {
        (LetterKind::Campaign, Some(bulk)) => bulk_head(&mut header, bulk, imprint, token),
        (LetterKind::Campaign, None) => {}
        (LetterKind::Transactional, _) => {
            // RFC 3834 5: answering machines leave such mail alone; the other asks the same of Exchange.
            header.words("Auto-Submitted", "auto-generated");
            header.words("X-Auto-Response-Suppress", "All");
            if !imprint.feedback_sender.is_empty() {
                header.words("Feedback-ID", &format!("0:0:transactional:{}", imprint.feedback_sender));
            }
        }
    }
    header.words("X-Mailing-Ref", token);
    if imprint.legacy_message_id {
        header.words("X-MessageID", token);
    }
    for (name, value) in &letter.headers {
        header.text(name, value);
    }
    header.words("MIME-Version", "1.0");
    Ok(header)
}

/// What mail to many says: its list, how to leave it, and what complaints are counted under (ML-5.2 to ML-5.6).
fn bulk_head(header: &mut Header, bulk: &Bulk, imprint: &Imprint, token: &str) {
    header.identifier("List-Id", &bulk.list_name, &format!("{}.lists.{}", bulk.list, imprint.list_domain));
    let url = &bulk.unsubscribe_url;
    let mut ways = Vec::new();
    if !url.is_empty() {
        ways.push(format!("<{url}>"));
    }
    if !imprint.returns_domain.is_empty() {
        ways.push(format!("<mailto:unsubscribe+{token}@{}?subject=unsubscribe>", imprint.returns_domain));
    }
    if !ways.is_empty() {
        header.words("List-Unsubscribe", &ways.join(", "));
    }
    if url.starts_with("https://") {
        header.words("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    }
    if imprint.precedence_bulk {
        header.words("Precedence", "bulk");
    }
    if !imprint.feedback_sender.is_empty() {
        let Bulk { campaign, list, sort, .. } = bulk;
        header.words("Feedback-ID", &format!("{campaign}:{list}:{sort}:{}", imprint.feedback_sender));
    }
    if !imprint.complaints_address.is_empty() {
        header.words("CFBL-Address", &format!("{}; report=arf", imprint.complaints_address));
    }
}

/// Nothing that comes from a person or a merge field may begin a header of its own.
fn check(letter: &Letter) -> Result<(), BuildError> {
    let bulk = letter.bulk.as_ref();
    let texts = [
        ("sender's name", letter.from_name.as_str()),
        ("sender", &letter.from_email),
        ("reply name", &letter.reply_to_name),
        ("reply address", &letter.reply_to),
        ("recipient", &letter.to),
        ("subject", &letter.subject),
        ("list's name", bulk.map_or("", |bulk| &bulk.list_name)),
        ("unsubscribe address", bulk.map_or("", |bulk| &bulk.unsubscribe_url)),
    ];
    let further = letter.headers.iter().map(|(name, value)| (*name, value.as_str()));
    if let Some((name, _)) = texts.into_iter().chain(further).find(|(_, text)| text.chars().any(char::is_control)) {
        return Err(BuildError::Control(name));
    }
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    for (place, (name, _)) in letter.headers.iter().enumerate() {
        let is_repeated = letter.headers[..place].iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        if is_repeated || !is_name(name) || OWN.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(BuildError::Taken(name));
        }
    }
    Ok(())
}

fn date(at: UtcTime) -> String {
    DateTime::from_timestamp_micros(at.0).unwrap_or_default().format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// The content with its own header: `mixed ( related ( alternative ( text, HTML ), pictures ), files )`, each only where there is a need for it.
fn parts(letter: &Letter, token: &str) -> Result<Vec<u8>, BuildError> {
    let boundary = |sort: &str| format!("{BOUNDARY}{sort}_{token}");
    let plain = if letter.plain.is_empty() && !letter.html.is_empty() {
        SinglePart::plain(bodies::text(&text_part::of_html(&letter.html), BOUNDARY))
    } else {
        SinglePart::plain(bodies::text(&letter.plain, BOUNDARY))
    };
    let multi = |kind: MultiPartKind, sort: &str| MultiPart::builder().kind(kind).boundary(boundary(sort));
    let (pictures, files): (Vec<_>, Vec<_>) =
        letter.enclosures.iter().partition(|enclosure| !enclosure.content_id.is_empty() && !letter.html.is_empty());
    if letter.html.is_empty() && files.is_empty() {
        return Ok(plain.formatted());
    }
    let mut body = multi(MultiPartKind::Alternative, "alt").singlepart(plain);
    if !letter.html.is_empty() {
        body = body.singlepart(SinglePart::html(bodies::text(&letter.html, BOUNDARY)));
    }
    if !pictures.is_empty() {
        body = multi(MultiPartKind::Related, "rel").multipart(body);
        for picture in pictures {
            body = body.singlepart(enclosed(picture, true)?);
        }
    }
    if !files.is_empty() {
        body = multi(MultiPartKind::Mixed, "mix").multipart(body);
        for file in files {
            body = body.singlepart(enclosed(file, false)?);
        }
    }
    Ok(body.formatted())
}

fn enclosed(enclosure: &Enclosure, is_picture: bool) -> Result<SinglePart, BuildError> {
    let Enclosure { name, mime_type, content_id, content } = enclosure;
    let kind = ContentType::parse(mime_type).map_err(|error| BuildError::Enclosure(name.clone(), error))?;
    let body: Body = bodies::base64(content);
    let part = if is_picture {
        let id: String = content_id.chars().filter(|c| c.is_ascii_graphic() && !"<>()\"\\".contains(*c)).collect();
        SinglePart::builder().header(ContentId::from(format!("<{id}>"))).header(Disposition::inline(name))
    } else {
        SinglePart::builder().header(Disposition::attachment(name))
    };
    Ok(part.content_type(kind).body(body))
}

#[cfg(test)]
mod tests;
