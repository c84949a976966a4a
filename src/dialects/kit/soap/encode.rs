//! Writing answers: exactly what the WSDL declares, in its order, in UTF-8 (SO-3.6 to SO-3.9).

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::contract::Contract;
use super::envelope::Version;
use super::lexical::{self, Any, Binary, DateTime, Decimal};
use crate::dialects::kit::value::Value;
use crate::dialects::kit::xml::is_xml_char;

/// A type as `xsi:type` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeName {
    /// Of XML Schema.
    Schema(&'static str),
    /// Of the service.
    Own(&'static str),
}

/// Something that can be written as the inside of an element.
pub trait Encode {
    /// Its type.
    const TYPE: TypeName;

    /// Writes what stands between the tags.
    fn encode(&self, out: &mut Writer);
}

/// An answer being written.
#[derive(Debug)]
pub struct Writer {
    out: String,
    is_typed: bool,
    is_empty: bool,
    begun: Begun,
    /// Header blocks of the answer.
    blocks: String,
}

#[derive(Debug, Clone, Copy)]
struct Begun {
    version: Version,
    name: &'static str,
    /// Where the Body begins.
    body_at: usize,
}

impl Writer {
    /// Begins the answer to an operation, whose name is the one it was called by in the WSDL.
    pub fn answer(contract: &Contract, version: Version, name: &'static str, is_typed: bool) -> Self {
        let mut out = String::with_capacity(1024);
        let prefix = prefix(version);
        out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<");
        for part in
            [prefix, ":Envelope xmlns:", prefix, "=\"", version.namespace(), "\" xmlns:ns1=\"", contract.namespace]
        {
            out.push_str(part);
        }
        out.push_str("\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"");
        if is_typed {
            out.push_str(" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"");
        }
        out.push('>');
        let body_at = out.len();
        for part in ["<", prefix, ":Body><ns1:", name, "Response"] {
            out.push_str(part);
        }
        if is_typed {
            let style = match version {
                Version::V11 => "http://schemas.xmlsoap.org/soap/encoding/",
                Version::V12 => "http://www.w3.org/2003/05/soap-encoding",
            };
            for part in [" ", prefix, ":encodingStyle=\"", style, "\""] {
                out.push_str(part);
            }
        }
        out.push('>');
        Self { out, is_typed, is_empty: true, begun: Begun { version, name, body_at }, blocks: String::new() }
    }

    /// Ends the envelope and gives the text.
    pub fn finish(mut self) -> String {
        let prefix = prefix(self.begun.version);
        for part in ["</ns1:", self.begun.name, "Response></", prefix, ":Body></", prefix, ":Envelope>\n"] {
            self.out.push_str(part);
        }
        if !self.blocks.is_empty() {
            let header = format!("<{prefix}:Header>{}</{prefix}:Header>", self.blocks);
            self.out.insert_str(self.begun.body_at, &header);
        }
        self.out
    }

    /// A block in the header of the answer, of the service's own accord: clients look for it only where both sides agreed on it (SO-3.16).
    pub fn block<T: Encode>(&mut self, namespace: &str, name: &str, value: &T) {
        let mut inside = Self::fragment();
        value.encode(&mut inside);
        self.blocks.push_str("<h:");
        self.blocks.push_str(name);
        self.blocks.push_str(" xmlns:h=\"");
        push_text(&mut self.blocks, namespace);
        self.blocks.push_str("\">");
        self.blocks.push_str(&inside.out);
        self.blocks.push_str("</h:");
        self.blocks.push_str(name);
        self.blocks.push('>');
    }

    /// Only the inside, without an envelope.
    pub fn fragment() -> Self {
        let begun = Begun { version: Version::V11, name: "", body_at: 0 };
        Self { out: String::new(), is_typed: false, is_empty: true, begun, blocks: String::new() }
    }

    /// What was written by [`Writer::fragment`].
    pub fn into_text(self) -> String {
        self.out
    }

    /// The result. It stands there once.
    pub fn result<T: Encode>(&mut self, name: &'static str, value: &T) {
        debug_assert!(self.is_empty, "an answer has one result");
        self.is_empty = false;
        self.member(name, value);
    }

    /// A member that is always there.
    pub fn member<T: Encode>(&mut self, name: &str, value: &T) {
        self.out.push('<');
        self.out.push_str(name);
        if self.is_typed {
            self.push_type(T::TYPE);
        }
        self.out.push('>');
        value.encode(self);
        self.close(name);
    }

    /// A member whose absence is written as `xsi:nil`.
    pub fn nillable<T: Encode>(&mut self, name: &str, value: &Option<T>) {
        match value {
            Some(value) => self.member(name, value),
            None => {
                self.out.push('<');
                self.out.push_str(name);
                self.out.push_str(" xsi:nil=\"true\"/>");
            }
        }
    }

    /// A member that is left out when there is none.
    pub fn omittable<T: Encode>(&mut self, name: &str, value: &Option<T>) {
        if let Some(value) = value {
            self.member(name, value);
        }
    }

    /// A member for each value.
    pub fn each<T: Encode>(&mut self, name: &str, values: &[T]) {
        for value in values {
            self.member(name, value);
        }
    }

    /// Text, escaped.
    pub fn text(&mut self, text: &str) {
        push_text(&mut self.out, text);
    }

    fn plain(&mut self, text: impl std::fmt::Display) {
        // Writing to a String cannot fail.
        let _ = write!(self.out, "{text}");
    }

    fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    fn push_type(&mut self, name: TypeName) {
        let (prefix, name) = match name {
            // An open container says of each value what it is, not of itself.
            TypeName::Schema("anyType") => return,
            TypeName::Schema(name) => ("xsd:", name),
            TypeName::Own(name) => ("ns1:", name),
        };
        for part in [" xsi:type=\"", prefix, name, "\""] {
            self.out.push_str(part);
        }
    }
}

/// As PHP's own server writes them, because scripts compare the text (SO-3.5).
fn prefix(version: Version) -> &'static str {
    match version {
        Version::V11 => "SOAP-ENV",
        Version::V12 => "env",
    }
}

/// Appends text for elements and attributes: escaped, and without the characters that XML cannot carry.
pub fn push_text(out: &mut String, text: &str) {
    let is_plain = |byte: &u8| *byte >= b' ' && !matches!(byte, b'&' | b'<' | b'>' | b'"' | 0xef);
    if text.as_bytes().iter().all(is_plain) {
        out.push_str(text);
        return;
    }
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            sign if is_xml_char(sign) => out.push(sign),
            _ => {}
        }
    }
}

macro_rules! encode_plain {
    ($($type:ty, $name:literal;)*) => { $(
        impl Encode for $type {
            const TYPE: TypeName = TypeName::Schema($name);

            fn encode(&self, out: &mut Writer) {
                out.plain(self);
            }
        }
    )* };
}

encode_plain! {
    i32, "int";
    i64, "long";
    DateTime, "dateTime";
}

impl Encode for bool {
    const TYPE: TypeName = TypeName::Schema("boolean");

    fn encode(&self, out: &mut Writer) {
        out.out.push_str(if *self { "true" } else { "false" });
    }
}

impl Encode for String {
    const TYPE: TypeName = TypeName::Schema("string");

    fn encode(&self, out: &mut Writer) {
        out.text(self);
    }
}

impl Encode for f64 {
    const TYPE: TypeName = TypeName::Schema("double");

    fn encode(&self, out: &mut Writer) {
        out.text(&lexical::float_text(*self));
    }
}

impl Encode for f32 {
    const TYPE: TypeName = TypeName::Schema("float");

    fn encode(&self, out: &mut Writer) {
        match self.is_finite() {
            true => out.plain(self),
            false => out.text(&lexical::float_text((*self).into())),
        }
    }
}

impl Encode for Decimal {
    const TYPE: TypeName = TypeName::Schema("decimal");

    fn encode(&self, out: &mut Writer) {
        out.text(self.as_str());
    }
}

impl Encode for Binary {
    const TYPE: TypeName = TypeName::Schema("base64Binary");

    fn encode(&self, out: &mut Writer) {
        STANDARD.encode_string(&self.0, &mut out.out);
    }
}

impl Encode for Any {
    const TYPE: TypeName = TypeName::Schema("anyType");

    /// Objects as `item/key/value`, which carries keys of any kind; lists as `item`.
    fn encode(&self, out: &mut Writer) {
        match self {
            Value::Null => {}
            Value::Bool(flag) => flag.encode(out),
            Value::Int(number) => number.encode(out),
            Value::Text(text) => out.text(text),
            Value::List(items) => items.iter().for_each(|item| any_member(out, "item", item)),
            Value::Object(object) => {
                for (key, value) in object.iter() {
                    out.out.push_str("<item><key>");
                    out.text(key);
                    out.out.push_str("</key>");
                    any_member(out, "value", value);
                    out.out.push_str("</item>");
                }
            }
        }
    }
}

fn any_member(out: &mut Writer, name: &str, value: &Value) {
    if matches!(value, Value::Null) {
        out.nillable::<Value>(name, &None);
        return;
    }
    let type_name = match value {
        Value::Bool(_) => bool::TYPE,
        Value::Int(_) => i64::TYPE,
        Value::Text(_) => String::TYPE,
        Value::Null | Value::List(_) | Value::Object(_) => Any::TYPE,
    };
    out.out.push('<');
    out.out.push_str(name);
    if out.is_typed {
        out.push_type(type_name);
    }
    out.out.push('>');
    value.encode(out);
    out.close(name);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_cleaned() {
        let cases = [
            ("a<b>&\"c\"", "a&lt;b&gt;&amp;&quot;c&quot;"),
            ("a\u{0}b\u{b}c\u{fffe}", "abc"),
            ("a\tb\nc\r", "a\tb\nc&#13;"),
            ("é😀\u{feff}", "é😀\u{feff}"),
        ];
        for (text, want) in cases {
            let mut out = String::new();
            push_text(&mut out, text);
            assert_eq!(out, want, "{text:?}");
        }
    }

    #[test]
    fn blocks_of_the_answer_stand_in_its_header() {
        let contract = Contract {
            service: "S",
            namespace: "urn:s",
            fault_element: "Error",
            operations: &[],
            folded: &[],
            wsdl: [&[], &[], &[], &[]],
        };
        for (version, prefix) in [(Version::V11, "SOAP-ENV"), (Version::V12, "env")] {
            let mut out = Writer::answer(&contract, version, "A", false);
            out.block("urn:a&b", "Ticket", &"x < y".to_owned());
            out.result("return", &true);
            out.block("urn:c", "Other", &1_i64);
            let text = out.finish();
            let header = "<h:Ticket xmlns:h=\"urn:a&amp;b\">x &lt; y</h:Ticket><h:Other xmlns:h=\"urn:c\">1</h:Other>";
            let wanted = format!(
                "-instance\"><{prefix}:Header>{header}</{prefix}:Header><{prefix}:Body><ns1:AResponse><return>true</return></ns1:AResponse></{prefix}:Body>"
            );
            assert!(text.contains(&wanted), "{text}");
        }
    }

    #[test]
    fn numbers_are_written_as_schema_writes_them() {
        let cases: [(f64, &str); 5] =
            [(f64::INFINITY, "INF"), (f64::NEG_INFINITY, "-INF"), (f64::NAN, "NaN"), (1.5, "1.5"), (0.1, "0.1")];
        for (number, want) in cases {
            let mut out = Writer::fragment();
            out.member("n", &number);
            assert_eq!(out.into_text(), format!("<n>{want}</n>"));
        }
        let mut out = Writer::fragment();
        out.member("n", &0.1_f32);
        assert_eq!(out.into_text(), "<n>0.1</n>");
    }
}
