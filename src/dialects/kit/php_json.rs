//! JSON exactly as PHP's `json_encode` writes it with its default flags: one line, escaped slashes, `\u` and four hexadecimal digits for all that is not ASCII.
//!
//! Old clients cut replies out of raw text (OE-4), so the bytes matter, not only their meaning.

use super::value::{Object, Value};
use std::fmt::Write;

/// Writes any node. An empty [`Object`] is PHP's empty array and therefore prints `[]`.
pub fn to_string(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

/// Writes an object, as [`to_string`] does.
pub fn object_to_string(object: &Object) -> String {
    let mut out = String::new();
    write_object(&mut out, object);
    out
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(number) => push_fmt(out, format_args!("{number}")),
        Value::Text(text) => write_text(out, text),
        Value::List(items) => write_list(out, items),
        Value::Object(object) => write_object(out, object),
    }
}

fn write_list(out: &mut String, items: &[Value]) {
    out.push('[');
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_value(out, item);
    }
    out.push(']');
}

fn write_object(out: &mut String, object: &Object) {
    if object.is_empty() {
        out.push_str("[]");
        return;
    }
    out.push('{');
    for (position, (key, value)) in object.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_text(out, key);
        out.push(':');
        write_value(out, value);
    }
    out.push('}');
}

fn write_text(out: &mut String, text: &str) {
    out.reserve(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='\u{7f}' => out.push(c),
            _ => write_escape(out, c),
        }
    }
    out.push('"');
}

/// `\u` and four hexadecimal digits in lower case, a surrogate pair beyond the basic plane.
fn write_escape(out: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        push_fmt(out, format_args!("\\u{unit:04x}"));
    }
}

fn push_fmt(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String reports no error: it grows or aborts.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_escaped_as_php_does() {
        let cases = [
            ("", r#""""#),
            ("plain", r#""plain""#),
            ("a/b", r#""a\/b""#),
            ("\"\\", r#""\"\\""#),
            ("\u{8}\u{c}\n\r\t", r#""\b\f\n\r\t""#),
            ("\u{0}\u{1f}\u{7f}", "\"\\u0000\\u001f\u{7f}\""),
            ("Söhne", r#""S\u00f6hne""#),
            ("\u{2028}\u{fffd}", r#""\u2028\ufffd""#),
            ("\u{1f600}", r#""\ud83d\ude00""#),
            ("<b>'&", r#""<b>'&""#),
        ];
        for (text, want) in cases {
            assert_eq!(to_string(&text.into()), want, "{text:?}");
        }
    }

    #[test]
    fn trees_are_one_line_without_blanks() {
        let reply = Object::new()
            .put("Success", true)
            .put("ErrorCode", 0)
            .put("ErrorText", "")
            .put("Lists", vec![Object::new().put("ListID", "1").put("Name", None::<&str>)])
            .put("Empty", Vec::<i64>::new())
            .put("None", Object::new());
        let want = r#"{"Success":true,"ErrorCode":0,"ErrorText":"","Lists":[{"ListID":"1","Name":null}],"Empty":[],"None":[]}"#;
        assert_eq!(object_to_string(&reply), want);
        assert_eq!(to_string(&reply.into()), want);
    }

    proptest! {
        #[test]
        fn any_text_reads_back(text in "\\PC*|[\\x00-\\x{10ffff}]{0,20}") {
            let json = to_string(&Value::Text(text.clone()));
            prop_assert!(json.is_ascii());
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
