//! Bodies in the encoding that fits them: as they are, quoted-printable or base64 (RFC 2045 6), never a line over 76 columns.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lettre::message::Body;
use lettre::message::header::ContentTransferEncoding;
use memchr::memchr2;

/// Longest encoded line without its end (RFC 2045 6.7, 6.8).
const MAX_LINE: usize = 76;
/// Octets that fill one line of base64.
const BASE64_OCTETS: usize = MAX_LINE / 4 * 3;

/// A text, encoded for its content: plain ASCII in short lines stays as it is, mostly ASCII becomes quoted-printable, anything else base64.
/// `boundary` begins every line that ends a part: a text that holds it is encoded so that it does not.
pub(super) fn text(text: &str, boundary: &str) -> Body {
    let bytes = text.as_bytes();
    let n_other = bytes.iter().filter(|byte| !matches!(**byte, b' '..=b'~' | b'\t' | b'\r' | b'\n')).count();
    let is_short = Lines(bytes).all(|line| line.len() <= MAX_LINE && !line.starts_with(b"From "));
    if n_other == 0 && is_short && !text.contains(boundary) {
        Body::dangerous_pre_encoded(with_crlf(bytes), ContentTransferEncoding::SevenBit)
    } else if n_other <= bytes.len() / 3 {
        Body::dangerous_pre_encoded(quoted_printable(bytes), ContentTransferEncoding::QuotedPrintable)
    } else {
        base64(&with_crlf(bytes))
    }
}

/// Octets as base64.
pub(super) fn base64(bytes: &[u8]) -> Body {
    let mut out = String::with_capacity(bytes.len().div_ceil(BASE64_OCTETS) * (MAX_LINE + 2));
    for line in bytes.chunks(BASE64_OCTETS) {
        if !out.is_empty() {
            out.push_str("\r\n");
        }
        STANDARD.encode_string(line, &mut out);
    }
    Body::dangerous_pre_encoded(out.into_bytes(), ContentTransferEncoding::Base64)
}

/// The lines of a text without their ends. CR LF, LF and CR each end one, so that no bare one is left; what follows the last end is a line too.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.0;
        if rest.is_empty() {
            return None;
        }
        let Some(end) = memchr2(b'\r', b'\n', rest) else {
            self.0 = &[];
            return Some(rest);
        };
        let n_end = if rest[end..].starts_with(b"\r\n") { 2 } else { 1 };
        self.0 = &rest[end + n_end..];
        Some(&rest[..end])
    }
}

/// Whether the text's last line has an end.
fn is_ended(bytes: &[u8]) -> bool {
    matches!(bytes.last(), Some(b'\r' | b'\n'))
}

fn with_crlf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 32 + 2);
    join(bytes, &mut out, |line, out| out.extend_from_slice(line));
    out
}

fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 8 + 16);
    join(bytes, &mut out, quote_line);
    out
}

/// Writes each line and CR LF between them, and behind the last if it had an end.
fn join(bytes: &[u8], out: &mut Vec<u8>, write: impl Fn(&[u8], &mut Vec<u8>)) {
    for (place, line) in Lines(bytes).enumerate() {
        if place > 0 {
            out.extend_from_slice(b"\r\n");
        }
        write(line, out);
    }
    if is_ended(bytes) {
        out.extend_from_slice(b"\r\n");
    }
}

/// One line as quoted-printable (RFC 2045 6.7), with soft breaks. What mail servers treat specially at a line's start, `.` and `From `, is encoded there,
/// and a blank at its end.
fn quote_line(line: &[u8], out: &mut Vec<u8>) {
    let (mut column, mut rest) = (0, line);
    while let [first, tail @ ..] = rest {
        if column == 0 && (*first == b'.' || rest.starts_with(b"From ")) {
            column = quote(*first, column, out);
            rest = tail;
            continue;
        }
        // One column stays free for the sign of a soft break.
        let window = &rest[..rest.len().min(MAX_LINE - 1 - column)];
        let n_plain = window.iter().position(|byte| !PLAIN[usize::from(*byte)]).unwrap_or(window.len());
        // A blank is plain but where the line ends.
        let n_plain =
            if n_plain == rest.len() && matches!(rest.last(), Some(b' ' | b'\t')) { n_plain - 1 } else { n_plain };
        out.extend_from_slice(&rest[..n_plain]);
        column += n_plain;
        rest = &rest[n_plain..];
        let Some((next, tail)) = rest.split_first() else { return };
        if column >= MAX_LINE - 1 {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        } else if !PLAIN[usize::from(*next)] || tail.is_empty() {
            column = quote(*next, column, out);
            rest = tail;
        }
    }
}

/// Writes one octet as `=XX`, on the next line when it does not fit; answers the column behind it.
fn quote(byte: u8, column: usize, out: &mut Vec<u8>) -> usize {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let column = if column + 3 > MAX_LINE - 1 {
        out.extend_from_slice(b"=\r\n");
        0
    } else {
        column
    };
    out.extend_from_slice(&[b'=', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    column + 3
}

/// What may stand for itself inside a line.
static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        plain[byte as usize] = byte != b'=';
        byte += 1;
    }
    plain[b'\t' as usize] = true;
    plain
};

#[cfg(test)]
mod tests {
    use super::*;

    fn made(input: &str) -> (ContentTransferEncoding, String) {
        let body = text(input, "=_b");
        (body.encoding(), String::from_utf8(body.into_vec()).expect("ASCII"))
    }

    #[test]
    fn the_encoding_fits_the_content() {
        use ContentTransferEncoding::{Base64, QuotedPrintable, SevenBit};
        for (input, encoding, want) in [
            ("", SevenBit, ""),
            ("a\nb\r\nc\rd", SevenBit, "a\r\nb\r\nc\r\nd"),
            ("a\n\n\r\rb\n", SevenBit, "a\r\n\r\n\r\n\r\nb\r\n"),
            (".\n..\n", SevenBit, ".\r\n..\r\n"),
            ("caf\u{e9} au lait = 1 ", QuotedPrintable, "caf=C3=A9 au lait =3D 1=20"),
            (".caf\u{e9} con leche\t\n.", QuotedPrintable, "=2Ecaf=C3=A9 con leche=09\r\n=2E"),
            ("From here\n", QuotedPrintable, "=46rom here\r\n"),
            ("a \u{0}b c d e", QuotedPrintable, "a =00b c d e"),
            ("has =_b in it", QuotedPrintable, "has =3D_b in it"),
            ("\u{65e5}\u{672c}\n", Base64, "5pel5pysDQo="),
        ] {
            assert_eq!(made(input), (encoding, want.to_owned()), "{input:?}");
        }
    }

    #[test]
    fn no_line_is_too_long_and_nothing_is_lost() {
        let mut inputs: Vec<String> = (60..160).map(|n| format!("{} ", "x".repeat(n))).collect();
        inputs.extend((60..100).map(|n| format!("{}\u{1F600}.{}", "x".repeat(n), " ".repeat(n))));
        inputs.extend((60..100).map(|n| format!("{}={}\n.", ".".repeat(n), "\u{e9}".repeat(9))));
        inputs.push("x".repeat(1_000_000));
        inputs.push("\u{1F600}".repeat(1_000));
        for input in &inputs {
            let (encoding, encoded) = made(input);
            let longest = encoded.split("\r\n").map(str::len).max();
            assert!(longest <= Some(MAX_LINE), "{longest:?} for {input:.80}");
            let decoded = match encoding {
                ContentTransferEncoding::QuotedPrintable => decode(&encoded),
                ContentTransferEncoding::Base64 => STANDARD.decode(encoded.replace("\r\n", "")).expect("base64"),
                _ => encoded.into_bytes(),
            };
            assert_eq!(String::from_utf8(decoded).expect("UTF-8").replace("\r\n", "\n"), *input);
        }
    }

    fn decode(encoded: &str) -> Vec<u8> {
        let mut out = Vec::new();
        let joined = encoded.replace("=\r\n", "");
        let mut bytes = joined.bytes();
        while let Some(byte) = bytes.next() {
            let digit = |byte: Option<u8>| char::from(byte.expect("digit")).to_digit(16).expect("digit");
            out.push(if byte == b'=' {
                let high = digit(bytes.next());
                u8::try_from(high << 4 | digit(bytes.next())).expect("octet")
            } else {
                byte
            });
        }
        out
    }
}
