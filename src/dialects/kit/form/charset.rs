//! From the bytes a client sent to text: by the declared charset, otherwise UTF-8, otherwise windows-1252.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::borrow::Cow;

/// The byte order mark of UTF-8, which some editors put before a body.
pub(super) const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// What is known of the encoding of some bytes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Charset {
    /// Nothing: UTF-8, or windows-1252 if they are not valid UTF-8.
    Undeclared,
    /// Named by the client, and one that keeps ASCII in place.
    Declared(&'static Encoding),
}

impl Charset {
    /// The charset parameter of a content type. Unknown names, UTF-8 and UTF-16 (no form is sent in it) count as undeclared.
    pub(super) fn of_content_type(content_type: &str) -> Self {
        let parameters = content_type.split(';').skip(1);
        let label = parameters.filter_map(|parameter| parameter.split_once('=')).find_map(|(name, value)| {
            name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
        });
        match label.and_then(|label| Encoding::for_label(label.as_bytes())) {
            Some(encoding) if encoding != UTF_8 && encoding.is_ascii_compatible() => Self::Declared(encoding),
            _ => Self::Undeclared,
        }
    }

    /// The text of some bytes. Never fails; NUL becomes U+FFFD, and so does what a declared charset does not know.
    pub(super) fn decode(self, bytes: &[u8]) -> String {
        let text = self.decode_keeping_nul(bytes);
        if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text.into_owned() }
    }

    /// As [`Charset::decode`], but NUL stays.
    pub(super) fn decode_keeping_nul(self, bytes: &[u8]) -> Cow<'_, str> {
        match (self, std::str::from_utf8(bytes)) {
            (Self::Undeclared, Ok(text)) => Cow::Borrowed(text),
            (Self::Undeclared, Err(_)) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
            (Self::Declared(encoding), _) => encoding.decode_without_bom_handling(bytes).0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_by_the_declared_charset() {
        let cases: [(&str, &[u8], &str); 10] = [
            ("", b"plain", "plain"),
            ("", "größe".as_bytes(), "größe"),
            ("", b"gr\xf6\xdfe", "größe"),
            ("", b"\x80 5\0", "€ 5\u{fffd}"),
            ("x/y; charset=utf-8", b"\xe4", "ä"),
            ("x/y; charset=ISO-8859-1", "ä".as_bytes(), "Ã¤"),
            ("x/y;a=b; Charset=\"windows-1252\"", b"\x80", "€"),
            ("x/y; charset=iso-8859-15", b"\xa4", "€"),
            ("x/y; charset=utf-16", b"ab", "ab"),
            ("x/y; charset=nonsense", b"\xe4", "ä"),
        ];
        for (content_type, bytes, want) in cases {
            assert_eq!(Charset::of_content_type(content_type).decode(bytes), want, "{content_type} {bytes:?}");
        }
    }
}
