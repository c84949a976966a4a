//! Character sets: marks at the beginning, and statements that agree or do not (SO-2.1, SO-2.2).

use super::{Case, Expected, Row, Service};

/// The rows.
pub fn rows(service: &Service) -> Vec<Row> {
    vec![marks(service), statements(service)]
}

/// A good call with a letter beyond ASCII.
fn message(service: &Service) -> String {
    service.call("<x>é</x>")
}

fn utf16(text: &str, is_big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// Byte for byte, as far as the letters go.
fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|sign| u8::try_from(u32::from(sign)).unwrap_or(b'?')).collect()
}

fn marks(service: &Service) -> Row {
    let done =
        |name: &str, content_type: &str, body: Vec<u8>| Case::new(name, body, Expected::Done).typed(content_type);
    let refused = |name: &str, body: Vec<u8>| Case::new(name, body, Expected::UNREADABLE).typed("text/xml");
    let marked = |text: String| format!("\u{feff}{text}");
    let mut broken = utf16(&marked(message(service)), false);
    broken.pop();
    let crossed = [b"\xff\xfe".as_slice(), message(service).as_bytes()].concat();
    let half = utf16(&marked(service.call("<x>😀</x>")).replace('😀', "?"), true);
    let half: Vec<u8> = replaced(&half, &[0, b'?'], &[0xd8, 0x3d]);
    row(
        "byte-order marks",
        vec![
            done("UTF-8", "text/xml", marked(message(service)).into()),
            done("UTF-8 against the content type", "text/xml; charset=iso-8859-1", marked(message(service)).into()),
            done("UTF-16, small end first", "text/xml", utf16(&marked(message(service)), false)),
            done("UTF-16, big end first", "text/xml; charset=utf-8", utf16(&marked(message(service)), true)),
            done("UTF-16 without a mark", "text/xml", utf16(&message(service), false)),
        ],
        vec![
            refused("two", format!("\u{feff}\u{feff}{}", message(service)).into()),
            refused("in the middle", service.call("").replace("<e:Body>", "\u{feff}<e:Body>\u{fffe}").into()),
            refused("half a letter", broken),
            refused("half a pair", half),
            refused("UTF-16 before UTF-8", crossed),
            refused("a mark alone", b"\xef\xbb\xbf".to_vec()),
            refused("half a mark", [b"\xef\xbb".as_slice(), message(service).as_bytes()].concat()),
            refused("UTF-32", [b"\xff\xfe\0\0".as_slice(), &wide(&message(service))].concat()),
        ],
    )
}

/// Four bytes a letter.
fn wide(text: &str) -> Vec<u8> {
    text.chars().flat_map(|sign| u32::from(sign).to_le_bytes()).collect()
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from);
    at.map_or_else(|| bytes.to_vec(), |at| [&bytes[..at], to, &bytes[at + from.len()..]].concat())
}

fn statements(service: &Service) -> Row {
    let declared = |name: &str, text: &str| format!("<?xml version=\"1.0\" encoding=\"{name}\"?>{text}");
    let case =
        |name: &str, content_type: &str, body: Vec<u8>, expected| Case::new(name, body, expected).typed(content_type);
    let utf8 = |text: String| text.into_bytes();
    let done = |name: &str, content_type: &str, body| case(name, content_type, body, Expected::Done);
    let refused = |name: &str, content_type: &str, body| case(name, content_type, body, Expected::UNREADABLE);
    row(
        "statements of the character set",
        vec![
            done(
                "ISO-8859-1 by both",
                "text/xml; charset=ISO-8859-1",
                latin(&declared("ISO-8859-1", &message(service))),
            ),
            done("the type goes first", "text/xml; charset=windows-1252", latin(&declared("utf-8", &message(service)))),
            done("the declaration alone", "text/xml", latin(&declared("iso-8859-1", &message(service)))),
            done("UTF-16 said in UTF-8", "text/xml", utf8(declared("UTF-16", &message(service)))),
        ],
        vec![
            refused("UTF-8 said, ISO-8859-1 sent", "text/xml; charset=utf-8", latin(&message(service))),
            refused("US-ASCII said, UTF-8 sent", "text/xml; charset=us-ascii", utf8(message(service))),
            refused("UTF-16 said, UTF-8 sent", "text/xml; charset=utf-16", utf8(message(service))),
            refused("an unknown one", "text/xml; charset=klingon", utf8(message(service))),
            refused("one that hides tags", "text/xml; charset=utf-7", utf8(message(service))),
            refused("one that is not taken", "text/xml", utf8(declared("Shift_JIS", &service.call("")))),
            refused("overlong UTF-8", "text/xml", replaced(service.call("<x>??</x>").as_bytes(), b"??", b"\xc0\x80")),
            refused(
                "a surrogate in UTF-8",
                "text/xml",
                replaced(service.call("<x>?</x>").as_bytes(), b">?<", b">\xed\xa0\x80<"),
            ),
        ],
    )
}

fn row(name: &'static str, allowed: Vec<Case>, refused: Vec<Case>) -> Row {
    Row { name, allowed, refused }
}
