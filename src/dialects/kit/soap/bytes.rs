//! From the bytes of a body to its text: inflating (SO-1.6) and character sets (SO-2.1, SO-2.2).

use std::borrow::Cow;
use std::io::Read;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::fault::Fault;
use super::limits::Limits;

/// How far into a message its XML declaration is looked for.
const DECLARATION_BYTES: usize = 256;

/// Undoes a content encoding: `gzip`, `deflate`, or none.
///
/// # Errors
/// Another encoding (415), a broken body, or one that inflates to more than the limits allow (413).
pub fn inflate<'b>(body: &'b [u8], encoding: &str, limits: &Limits) -> Result<Cow<'b, [u8]>, Fault> {
    let encoding = encoding.trim();
    let is = |word: &str| encoding.eq_ignore_ascii_case(word);
    if encoding.is_empty() || is("identity") || is("none") {
        return Ok(Cow::Borrowed(body));
    }
    if is("gzip") || is("x-gzip") {
        return unpack(MultiGzDecoder::new(body), body.len(), limits);
    }
    if is("deflate") {
        // The name means the zlib format; some clients send the bare stream.
        let is_zlib =
            matches!(body, [first, second, ..] if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]) % 31 == 0);
        return match is_zlib {
            true => unpack(ZlibDecoder::new(body), body.len(), limits),
            false => unpack(DeflateDecoder::new(body), body.len(), limits),
        };
    }
    Err(Fault::client("the Content-Encoding is not supported").with_status(415))
}

fn unpack<'b>(reader: impl Read, n_received: usize, limits: &Limits) -> Result<Cow<'b, [u8]>, Fault> {
    let most = limits.inflated_bytes.min(n_received.saturating_mul(limits.inflated_ratio));
    let mut body = Vec::with_capacity(most.min(n_received.saturating_mul(4)));
    let mut capped = reader.take(most as u64 + 1);
    if capped.read_to_end(&mut body).is_err() {
        return Err(Fault::client("the body is not what its Content-Encoding says"));
    }
    if body.len() > most {
        return Err(Fault::limit(format!("the body inflates to more than {most} bytes")).with_status(413));
    }
    Ok(Cow::Owned(body))
}

/// The text of a body. A byte-order mark decides, else the `charset` of the content type, else the XML declaration, else it is UTF-8.
///
/// # Errors
/// An unknown character set, or bytes that are none of it.
pub fn decode<'b>(body: &'b [u8], charset: Option<&str>) -> Result<Cow<'b, str>, Fault> {
    if let Some((encoding, n_mark)) = Encoding::for_bom(body) {
        return text_of(&body[n_mark..], encoding, n_mark);
    }
    let declared = match charset {
        Some(charset) => Some(Cow::Borrowed(charset)),
        None => declared_in(body),
    };
    let encoding = match &declared {
        Some(label) => encoding_of(label, body)?,
        None => guess(body),
    };
    if declared.is_some_and(|label| is_ascii_label(&label))
        && let Some(at) = body.iter().position(|byte| !byte.is_ascii())
    {
        return Err(Fault::client(format!("byte {at} is not of the character set that the message declares")));
    }
    text_of(body, encoding, 0)
}

fn text_of<'b>(body: &'b [u8], encoding: &'static Encoding, offset: usize) -> Result<Cow<'b, str>, Fault> {
    if encoding == UTF_8 {
        return match std::str::from_utf8(body) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(error) => {
                let at = error.valid_up_to() + offset;
                Err(Fault::client(format!("byte {at} does not belong to UTF-8")))
            }
        };
    }
    let text = encoding.decode_without_bom_handling_and_without_replacement(body);
    text.ok_or_else(|| Fault::client(format!("the message is not in {}", encoding.name())))
}

fn encoding_of(label: &str, body: &[u8]) -> Result<&'static Encoding, Fault> {
    let label = label.trim();
    match Encoding::for_label(label.as_bytes()) {
        // `UTF-16` alone leaves the order of the bytes open.
        Some(encoding) if encoding == UTF_16LE && label.eq_ignore_ascii_case("utf-16") => {
            Ok(if body.starts_with(&[0]) { UTF_16BE } else { UTF_16LE })
        }
        Some(encoding) if [UTF_8, UTF_16LE, UTF_16BE, WINDOWS_1252].contains(&encoding) => Ok(encoding),
        _ => {
            let shown: String = label.chars().take(40).collect();
            Err(Fault::client(format!("character set {shown:?} is not supported")))
        }
    }
}

fn is_ascii_label(label: &str) -> bool {
    let label = label.trim();
    label.eq_ignore_ascii_case("us-ascii") || label.eq_ignore_ascii_case("ascii")
}

/// UTF-16 without any mark shows by a zero beside the first `<`.
fn guess(body: &[u8]) -> &'static Encoding {
    match body {
        [b'<', 0, ..] => UTF_16LE,
        [0, b'<', ..] => UTF_16BE,
        _ => UTF_8,
    }
}

/// The `encoding` of an XML declaration in a message whose first characters are ASCII.
fn declared_in(body: &[u8]) -> Option<Cow<'_, str>> {
    if !body.starts_with(b"<?xml") {
        return None;
    }
    let head = body.get(..body.len().min(DECLARATION_BYTES)).unwrap_or_default();
    let end = memchr::memmem::find(head, b"?>")?;
    let head = std::str::from_utf8(&head[..end]).ok()?;
    let after = head.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = after[1..].split(quote).next()?;
    // A message that could be read so far is not in UTF-16, whatever it says.
    (!label.to_ascii_lowercase().starts_with("utf-16")).then(|| Cow::Owned(label.to_owned()))
}

/// What a content type says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentType {
    /// In lower case, without parameters.
    pub essence: String,
    /// The `charset` parameter.
    pub charset: Option<String>,
    /// The `action` parameter.
    pub action: Option<String>,
}

impl ContentType {
    /// Reads a field's value: parameters in any order, quoted or not.
    pub fn parse(field: &str) -> Self {
        let mut parts = split_outside_quotes(field).into_iter();
        let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let mut parsed = Self { essence, charset: None, action: None };
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = value.trim().trim_matches('"').to_owned();
            if name.trim().eq_ignore_ascii_case("charset") {
                parsed.charset = Some(value).filter(|value| !value.is_empty());
            } else if name.trim().eq_ignore_ascii_case("action") {
                parsed.action = Some(value);
            }
        }
        parsed
    }
}

fn split_outside_quotes(field: &str) -> Vec<&str> {
    let mut is_quoted = false;
    field
        .split(|c| {
            is_quoted ^= c == '"';
            c == ';' && !is_quoted
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn character_sets_are_taken_in_their_order() {
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>";
        let cases: Vec<(Vec<u8>, Option<&str>, &str)> = vec![
            ("<a>é</a>".into(), None, "<a>é</a>"),
            ("\u{feff}<a>é</a>".into(), Some("iso-8859-1"), "<a>é</a>"),
            (b"<a>\xe9</a>".to_vec(), Some("ISO-8859-1"), "<a>é</a>"),
            (b"<a>\x80</a>".to_vec(), Some("windows-1252"), "<a>€</a>"),
            (latin.to_vec(), None, "<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>"),
            (
                "<?xml version='1.0' encoding='ISO-8859-1'?>é".into(),
                Some("utf-8"),
                "<?xml version='1.0' encoding='ISO-8859-1'?>é",
            ),
            (utf16("\u{feff}<a>é</a>", false), None, "<a>é</a>"),
            (utf16("\u{feff}<a>é</a>", true), Some("utf-8"), "<a>é</a>"),
            (utf16("<a>é</a>", false), None, "<a>é</a>"),
            (utf16("<a>é</a>", true), None, "<a>é</a>"),
            (utf16("<a>é</a>", true), Some("UTF-16"), "<a>é</a>"),
            (utf16("<a>é</a>", true), Some("utf-16be"), "<a>é</a>"),
            (
                b"<?xml version='1.0' encoding='UTF-16'?><a/>".to_vec(),
                None,
                "<?xml version='1.0' encoding='UTF-16'?><a/>",
            ),
        ];
        for (body, charset, want) in cases {
            assert_eq!(decode(&body, charset).unwrap(), want, "{body:?} {charset:?}");
        }
    }

    #[test]
    fn what_is_not_of_the_character_set_is_refused() {
        let mut half = utf16("\u{feff}<a>😀</a>", false);
        half.truncate(half.len() - 11);
        let cases: Vec<(Vec<u8>, Option<&str>)> = vec![
            (b"<a>\xe9</a>".to_vec(), None),
            (b"<a>\xc0\x80</a>".to_vec(), None),
            (b"<a>\xe9</a>".to_vec(), Some("us-ascii")),
            (b"<a/>".to_vec(), Some("utf-7")),
            (b"<a/>".to_vec(), Some("ebcdic")),
            (b"<?xml version='1.0' encoding='Shift_JIS'?><a/>".to_vec(), None),
            (half, None),
        ];
        for (body, charset) in cases {
            assert!(decode(&body, charset).is_err(), "{body:?} {charset:?}");
        }
        let fault = decode("é\u{feff}".as_bytes().split_last().unwrap().1, None).unwrap_err();
        assert!(fault.message.contains("byte 2 "), "{}", fault.message);
    }

    #[test]
    fn bodies_are_inflated_within_the_limits() {
        let text = b"<a>hello hello hello</a>".repeat(3);
        let gzip = {
            let mut out = GzEncoder::new(Vec::new(), Compression::default());
            out.write_all(&text).unwrap();
            out.finish().unwrap()
        };
        let zlib = {
            let mut out = ZlibEncoder::new(Vec::new(), Compression::default());
            out.write_all(&text).unwrap();
            out.finish().unwrap()
        };
        let bare = {
            let mut out = DeflateEncoder::new(Vec::new(), Compression::default());
            out.write_all(&text).unwrap();
            out.finish().unwrap()
        };
        let limits = Limits { inflated_bytes: text.len(), ..Limits::default() };
        let cases: [(&[u8], &str); 6] = [
            (&gzip, "gzip"),
            (&gzip, "X-GZIP"),
            (&zlib, "deflate"),
            (&bare, "deflate"),
            (&text, ""),
            (&text, "identity"),
        ];
        for (body, encoding) in cases {
            assert_eq!(inflate(body, encoding, &limits).unwrap().as_ref(), text, "{encoding}");
        }
        let tight = Limits { inflated_bytes: text.len() - 1, ..Limits::default() };
        assert_eq!(inflate(&gzip, "gzip", &tight).unwrap_err().status, Some(413));
        assert_eq!(inflate(&text, "br", &limits).unwrap_err().status, Some(415));
        assert!(inflate(&text, "gzip", &limits).is_err());
        assert!(inflate(&gzip[..gzip.len() - 9], "gzip", &limits).is_err(), "cut off");
    }

    #[test]
    fn content_types_are_read() {
        let parsed = ContentType::parse("Application/SOAP+XML; charset=\"UTF-8\"; action=\"urn:x;y#Z\"");
        assert_eq!(parsed.essence, "application/soap+xml");
        assert_eq!(parsed.charset.as_deref(), Some("UTF-8"));
        assert_eq!(parsed.action.as_deref(), Some("urn:x;y#Z"));
        assert_eq!(ContentType::parse("text/xml;CHARSET=utf-8").charset.as_deref(), Some("utf-8"));
        assert_eq!(ContentType::parse("").essence, "");
    }
}
