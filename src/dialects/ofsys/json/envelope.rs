//! How an answer is written, to the byte: order of members, lines, blanks (OF-2). The only place that knows it.

use std::io;

use serde_json::ser::{CharEscape, Formatter};
use serde_json::{Map, Serializer, Value};

use crate::dialects::ofsys::fault::Fault;

/// The members of a method's answer, in order.
pub type Members = Map<String, Value>;

/// The `Content-Type` of every answer (OF-2.1).
pub const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// A successful answer.
#[must_use]
pub fn success(members: Members, request: i64, trace: &str) -> String {
    let mut whole = head(true, Value::Null, Value::Null);
    whole.extend(members);
    finish(whole, request, trace)
}

/// A refusal.
#[must_use]
pub fn refusal(fault: &Fault, request: i64, trace: &str) -> String {
    finish(head(false, fault.code.word().into(), fault.message.as_str().into()), request, trace)
}

fn head(is_success: bool, code: Value, message: Value) -> Members {
    let mut whole = Members::new();
    whole.insert("Success".to_owned(), is_success.into());
    whole.insert("ErrorCode".to_owned(), code);
    whole.insert("ErrorMessage".to_owned(), message);
    whole
}

fn finish(mut whole: Members, request: i64, trace: &str) -> String {
    whole.insert("idRequest".to_owned(), request.into());
    whole.insert("Trace".to_owned(), trace.into());
    let mut bytes = Vec::with_capacity(1024);
    let mut writer = Serializer::with_formatter(&mut bytes, Layout::default());
    // Writing a tree of JSON values into memory has nothing to fail on.
    if let Err(error) = serde::Serialize::serialize(&Value::Object(whole), &mut writer) {
        tracing::error!(error = &error as &dyn std::error::Error, "an answer could not be written");
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// Lines ended by CRLF, two blanks a level, one blank after a colon (OF-2.3).
#[derive(Default)]
struct Layout {
    depth: usize,
    has_items: bool,
}

impl Layout {
    fn line<W: ?Sized + io::Write>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"\r\n")?;
        (0..self.depth).try_for_each(|_| writer.write_all(b"  "))
    }

    fn open<W: ?Sized + io::Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.has_items = false;
        writer.write_all(bracket)
    }

    fn close<W: ?Sized + io::Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth = self.depth.saturating_sub(1);
        if self.has_items {
            self.line(writer)?;
        }
        self.has_items = true;
        writer.write_all(bracket)
    }

    fn next<W: ?Sized + io::Write>(&self, writer: &mut W, is_first: bool) -> io::Result<()> {
        if !is_first {
            writer.write_all(b",")?;
        }
        self.line(writer)
    }
}

impl Formatter for Layout {
    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.next(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_items = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.next(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_items = true;
        Ok(())
    }

    /// Three line ends of Unicode are escaped (OF-2.4).
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['\u{85}', '\u{2028}', '\u{2029}']) {
            let (before, after) = rest.split_at(at);
            let sign = after.chars().next().map_or(0, u32::from);
            write!(writer, "{before}\\u{sign:04x}")?;
            rest = after.char_indices().nth(1).map_or("", |(next, _)| &after[next..]);
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + io::Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        match escape {
            CharEscape::Quote => writer.write_all(b"\\\""),
            CharEscape::ReverseSolidus => writer.write_all(b"\\\\"),
            CharEscape::Solidus => writer.write_all(b"/"),
            CharEscape::Backspace => writer.write_all(b"\\b"),
            CharEscape::FormFeed => writer.write_all(b"\\f"),
            CharEscape::LineFeed => writer.write_all(b"\\n"),
            CharEscape::CarriageReturn => writer.write_all(b"\\r"),
            CharEscape::Tab => writer.write_all(b"\\t"),
            CharEscape::AsciiControl(byte) => write!(writer, "\\u{byte:04x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dialects::ofsys::codes::Code;

    fn members(value: Value) -> Members {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn an_answer_is_laid_out_as_it_was_recorded() {
        let record = json!({ "IdRecord": 15, "Status": "Updated", "ID": { "key_f_EMail": "a@b.c" }, "Data": null });
        let text = success(members(json!({ "CreatedRecords": 0, "Records": [record] })), 18_945_355, "begun\r\n\tdone");
        let want = "{\r\n  \"Success\": true,\r\n  \"ErrorCode\": null,\r\n  \"ErrorMessage\": null,\r\n  \"CreatedRecords\": 0,\r\n  \
            \"Records\": [\r\n    {\r\n      \"IdRecord\": 15,\r\n      \"Status\": \"Updated\",\r\n      \"ID\": {\r\n        \
            \"key_f_EMail\": \"a@b.c\"\r\n      },\r\n      \"Data\": null\r\n    }\r\n  ],\r\n  \"idRequest\": 18945355,\r\n  \
            \"Trace\": \"begun\\r\\n\\tdone\"\r\n}";
        assert_eq!(text, want);
    }

    #[test]
    fn nothing_is_written_shortly_and_signs_are_kept() {
        let text = success(
            members(json!({ "A": [], "B": {}, "C": [[], [1, {}]], "D": "é/\u{2028}\u{85}\"\\\u{1}\u{7f}" })),
            1,
            "",
        );
        assert!(text.contains(
            "\"A\": [],\r\n  \"B\": {},\r\n  \"C\": [\r\n    [],\r\n    [\r\n      1,\r\n      {}\r\n    ]\r\n  ],"
        ));
        assert!(text.contains("\"D\": \"é/\\u2028\\u0085\\\"\\\\\\u0001\u{7f}\""), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).expect("json")["C"], json!([[], [1, {}]]));
    }

    #[test]
    fn a_refusal_has_both_code_and_text() {
        let text = refusal(&Fault::new(Code::TooManyRows, "3 rows match"), 7, "t");
        let want = "{\r\n  \"Success\": false,\r\n  \"ErrorCode\": \"TooManyRows\",\r\n  \"ErrorMessage\": \"3 rows match\",\r\n  \
            \"idRequest\": 7,\r\n  \"Trace\": \"t\"\r\n}";
        assert_eq!(text, want);
    }
}
