//! Characters, names and references as XML 1.0 allows them, and attributes as they stand in a tag. Quick-xml checks none of these (SO-2.4).

use std::borrow::Cow;

use crate::dialects::kit::xml::{is_name_char, is_name_start, is_xml_char};

/// Why a piece of a message is not XML.
pub type Flaw = &'static str;

/// The place of the first character that XML 1.0 forbids. Linear, and a few bytes at a time.
pub fn find_forbidden(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    // A chunk is looked at as a whole, which the compiler does with wide registers; only one that has something is searched.
    let mut at = 0;
    for chunk in bytes.chunks(64) {
        let suspicious = chunk.iter().fold(false, |found, byte| found | (*byte < b' ') | (*byte == 0xef));
        if suspicious {
            for (i, byte) in chunk.iter().enumerate() {
                let is_control = *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
                // U+FFFE and U+FFFF.
                let is_noncharacter =
                    *byte == 0xef && matches!(bytes.get(at + i + 1..at + i + 3), Some([0xbf, 0xbe | 0xbf]));
                if is_control || is_noncharacter {
                    return Some(at + i);
                }
            }
        }
        at += chunk.len();
    }
    None
}

/// A name as prefix (may be empty) and local part, if it is one of "Namespaces in XML".
pub fn split_name(name: &str) -> Option<(&str, &str)> {
    match name.split_once(':') {
        None => is_plain_name(name).then_some(("", name)),
        Some((prefix, local)) => (is_plain_name(prefix) && is_plain_name(local)).then_some((prefix, local)),
    }
}

/// A name without a colon.
pub fn is_plain_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let Some(first) = bytes.first() else { return false };
    if name.is_ascii() {
        return (first.is_ascii_alphabetic() || *first == b'_')
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    }
    name.chars().next().is_some_and(is_name_start) && name.chars().all(is_name_char)
}

/// What `&name;` stands for: the five, or a character by its number.
pub fn reference(name: &str) -> Result<char, Flaw> {
    let number = match name {
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "amp" => return Ok('&'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => name.strip_prefix('#').ok_or("unknown entity")?,
    };
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    let code = u32::from_str_radix(digits, radix).ok().filter(|_| is_number);
    code.and_then(char::from_u32).filter(|c| is_xml_char(*c)).ok_or("reference to a forbidden character")
}

/// Text with its line ends as XML wants them: `\r\n` and `\r` are `\n`.
pub fn line_ends(text: &str) -> Cow<'_, str> {
    if !text.contains('\r') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// An attribute's value: references resolved, white space as blanks.
pub fn attribute_value(raw: &str) -> Result<Cow<'_, str>, Flaw> {
    if memchr::memchr(b'<', raw.as_bytes()).is_some() {
        return Err("`<` in an attribute");
    }
    if !raw.bytes().any(|byte| matches!(byte, b'&' | b'\t' | b'\n' | b'\r')) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '\t', '\n', '\r']) {
        value.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('&') {
            let (name, after) = after.split_once(';').ok_or("`&` without a reference")?;
            value.push(reference(name)?);
            rest = after;
        } else {
            value.push(' ');
            rest = rest.strip_prefix("\r\n").unwrap_or(&rest[1..]);
        }
    }
    value.push_str(rest);
    Ok(Cow::Owned(value))
}

/// Goes through the attributes of a tag, given what stands after the name.
#[derive(Debug)]
pub struct RawAttributes<'x> {
    rest: &'x str,
}

impl<'x> RawAttributes<'x> {
    /// `rest` is what stands between the name and `>` or `/>`.
    pub fn new(rest: &'x str) -> Self {
        Self { rest }
    }

    fn cut(&mut self) -> Result<(&'x str, &'x str), Flaw> {
        let trimmed = self.rest.trim_start_matches(BLANKS);
        if trimmed.len() == self.rest.len() {
            return Err("no blank between attributes");
        }
        let (name, after) = trimmed.split_once('=').ok_or("attribute without a value")?;
        let after = after.trim_start_matches(BLANKS);
        let quote =
            after.bytes().next().filter(|byte| matches!(byte, b'"' | b'\'')).ok_or("attribute without quotes")?;
        let inside = &after[1..];
        let end = memchr::memchr(quote, inside.as_bytes()).ok_or("attribute without end")?;
        self.rest = &inside[end + 1..];
        Ok((name.trim_end_matches(BLANKS), &inside[..end]))
    }
}

const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

impl<'x> Iterator for RawAttributes<'x> {
    type Item = Result<(&'x str, &'x str), Flaw>;

    fn next(&mut self) -> Option<Self::Item> {
        if is_blank(self.rest) {
            return None;
        }
        let cut = self.cut();
        if cut.is_err() {
            self.rest = "";
        }
        Some(cut)
    }
}

/// Whether there is nothing but white space.
pub fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_characters_are_found_where_they_are() {
        let long = "é".repeat(200);
        let cases = [
            ("a\tb\n\r", None),
            ("\u{0}", Some(0)),
            ("ab\u{1f}", Some(2)),
            ("\u{feff}\u{fffd}", None),
            ("ab\u{fffe}", Some(2)),
            ("\u{ffff}", Some(0)),
            (long.as_str(), None),
        ];
        for (text, want) in cases {
            assert_eq!(find_forbidden(text), want, "{text:?}");
        }
        assert_eq!(find_forbidden(&format!("{long}\u{b}")), Some(400));
    }

    #[test]
    fn names_have_one_colon_at_most() {
        let cases = [
            ("a", Some(("", "a"))),
            ("a:b", Some(("a", "b"))),
            ("USER.CREATE", Some(("", "USER.CREATE"))),
            ("größe:ß", Some(("größe", "ß"))),
            ("a:b:c", None),
            (":a", None),
            ("a:", None),
            ("1a", None),
            ("a:1", None),
            ("", None),
            ("a b", None),
            ("a\u{300}", Some(("", "a\u{300}"))),
            ("\u{300}a", None),
        ];
        for (name, want) in cases {
            assert_eq!(split_name(name), want, "{name:?}");
        }
    }

    #[test]
    fn references_are_the_five_and_numbers() {
        let cases = [
            ("lt", Some('<')),
            ("apos", Some('\'')),
            ("#65", Some('A')),
            ("#x41", Some('A')),
            ("#x1F600", Some('😀')),
            ("#0", None),
            ("#x0", None),
            ("#x1f", None),
            ("#xD800", None),
            ("#xFFFE", None),
            ("#", None),
            ("#x", None),
            ("#+65", None),
            ("#X41", None),
            ("#99999999999", None),
            ("nbsp", None),
            ("", None),
        ];
        for (name, want) in cases {
            assert_eq!(reference(name).ok(), want, "{name:?}");
        }
    }

    #[test]
    fn attributes_are_cut_as_they_stand() {
        let read = |text| RawAttributes::new(text).collect::<Result<Vec<_>, _>>();
        assert_eq!(read(" a='1'  b = \"2'\" "), Ok(vec![("a", "1"), ("b", "2'")]));
        assert_eq!(read(""), Ok(vec![]));
        for bad in ["a='1'", " a='1'b='2'", " a", " a=1", " a='1", " a='1' b"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn values_are_normalised() {
        let cases = [
            ("a&lt;b", Some("a<b")),
            ("a\r\nb\tc", Some("a b c")),
            ("a&#10;b", Some("a\nb")),
            ("&", None),
            ("&x;", None),
            ("<", None),
        ];
        for (raw, want) in cases {
            assert_eq!(attribute_value(raw).ok().as_deref(), want, "{raw:?}");
        }
        assert_eq!(line_ends("a\r\nb\rc\n"), "a\nb\nc\n");
    }
}
