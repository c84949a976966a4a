//! A small XML writer for the old platforms' replies: well-formed whatever text a subscriber once typed.

use quick_xml::Writer;
use quick_xml::events::{BytesCData, BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::borrow::Cow;

/// Writes elements one after the other, on one line.
///
/// The caller closes what it opens; names pass through [`legal_name`], text through [`legal_text`].
pub struct XmlWriter {
    out: Writer<Vec<u8>>,
}

impl XmlWriter {
    /// A document that starts with `<?xml version="1.0" encoding="utf-8"?>`.
    pub fn new() -> Self {
        let mut writer = Self::fragment();
        writer.event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)));
        writer
    }

    /// A piece of XML without a prolog.
    pub fn fragment() -> Self {
        Self { out: Writer::new(Vec::new()) }
    }

    /// `<name>`
    pub fn open(&mut self, name: &str) {
        self.event(Event::Start(BytesStart::new(legal_name(name))));
    }

    /// `</name>`
    pub fn close(&mut self, name: &str) {
        self.event(Event::End(BytesEnd::new(legal_name(name))));
    }

    /// Text as CDATA, also when it is empty (`<![CDATA[]]>`). A `]]>` inside is split over two sections.
    pub fn cdata(&mut self, text: &str) {
        let text = legal_text(text);
        for section in BytesCData::escaped(&text) {
            self.event(Event::CData(section));
        }
    }

    /// Text with `<`, `>`, `&` and quotes escaped.
    pub fn text(&mut self, text: &str) {
        let text = legal_text(text);
        self.event(Event::Text(BytesText::new(&text)));
    }

    /// The document so far.
    pub fn finish(self) -> String {
        // Only text went in, so nothing is lost here.
        String::from_utf8_lossy(&self.out.into_inner()).into_owned()
    }

    fn event(&mut self, event: Event<'_>) {
        // Writing to a Vec reports no error: it grows or aborts.
        let _ = self.out.write_event(event);
    }
}

impl Default for XmlWriter {
    fn default() -> Self {
        Self::new()
    }
}

/// Text without the characters that XML 1.0 cannot carry in any form (most control characters, U+FFFE, U+FFFF).
pub fn legal_text(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_xml_char) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| is_xml_char(*c)).collect())
}

/// A key as an element name. Every character that cannot stand in a name, and the colon (it would make a namespace prefix), becomes `_`;
/// a name that would then start with a digit, a hyphen or a dot gets `_` before it; the empty key is `_`. So `2FA_Enabled` is `_2FA_Enabled`.
///
/// Unproven: how the old platform escaped such keys is not known (OE-5). Two keys may become one name; both elements are then written.
pub fn legal_name(key: &str) -> Cow<'_, str> {
    let starts_well = key.chars().next().is_some_and(|c| is_name_start(c) || !is_name_char(c));
    if starts_well && key.chars().all(is_name_char) {
        return Cow::Borrowed(key);
    }
    let mut name = String::with_capacity(key.len() + 1);
    if !starts_well {
        name.push('_');
    }
    name.extend(key.chars().map(|c| if is_name_char(c) { c } else { '_' }));
    Cow::Owned(name)
}

/// `Char` of XML 1.0 section 2.2.
pub fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// `NameStartChar` of XML 1.0 section 2.3, without the colon.
pub fn is_name_start(c: char) -> bool {
    matches!(c, 'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

/// `NameChar` of XML 1.0 section 2.3, without the colon.
pub fn is_name_char(c: char) -> bool {
    is_name_start(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use quick_xml::Reader;

    #[test]
    fn names_become_legal() {
        let cases = [
            ("Success", "Success"),
            ("2FA_Enabled", "_2FA_Enabled"),
            ("", "_"),
            ("-a", "_-a"),
            (".", "_."),
            ("a b", "a_b"),
            (" a", "_a"),
            ("<x>", "_x_"),
            ("ns:name", "ns_name"),
            ("größe", "größe"),
            ("a\u{0}", "a_"),
            ("\u{b7}", "_\u{b7}"),
        ];
        for (key, want) in cases {
            assert_eq!(legal_name(key), want, "{key:?}");
        }
    }

    #[test]
    fn cdata_is_split_and_cleaned() {
        let cases = [
            ("a", "<![CDATA[a]]>"),
            ("", "<![CDATA[]]>"),
            ("\u{1}", "<![CDATA[]]>"),
            ("<&>\"", "<![CDATA[<&>\"]]>"),
            ("a]]>b", "<![CDATA[a]]]]><![CDATA[>b]]>"),
            ("]]\u{0}>", "<![CDATA[]]]]><![CDATA[>]]>"),
            ("a\u{fffe}\u{ffff}\u{b}\tb", "<![CDATA[a\tb]]>"),
        ];
        for (text, want) in cases {
            let mut writer = XmlWriter::fragment();
            writer.cdata(text);
            assert_eq!(writer.finish(), want, "{text:?}");
        }
    }

    #[test]
    fn documents_are_one_line() {
        let mut writer = XmlWriter::new();
        writer.open("a");
        writer.text("x<y & \"z\"");
        writer.close("a");
        assert_eq!(writer.finish(), "<?xml version=\"1.0\" encoding=\"utf-8\"?><a>x&lt;y &amp; &quot;z&quot;</a>");
    }

    proptest! {
        #[test]
        fn anything_written_is_read_back(key in "[\\x00-\\x{10ffff}]{0,8}", text in "[\\]>\\[<&a\\x00-\\x{10ffff}]{0,20}") {
            let mut writer = XmlWriter::new();
            writer.open(&key);
            writer.cdata(&text);
            writer.close(&key);
            let document = writer.finish();
            let mut reader = Reader::from_str(&document);
            let mut got = String::new();
            loop {
                match reader.read_event().unwrap() {
                    Event::CData(section) => got.push_str(&section.into_inner()),
                    Event::Eof => break,
                    _ => {}
                }
            }
            prop_assert_eq!(got, legal_text(&text).into_owned());
        }
    }
}
