//! How Oempro wraps a reply: JSON, XML or JSONP (OE-4, OE-5). The only place that knows these bytes.

use crate::dialects::kit::value::{Object, Value};
use crate::dialects::kit::xml::{self, XmlWriter};
use crate::dialects::kit::{jsonp, php_json};

/// What the caller asked for with `ResponseFormat` and a callback name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// `ResponseFormat=JSON`, anything unknown, or nothing.
    Json,
    /// `ResponseFormat=XML`.
    Xml,
    /// A script that calls the named function. A name that [`jsonp::is_callback`] refuses is answered with plain JSON.
    Jsonp(String),
}

/// How `false` is written in XML; sources disagree (OE-5.3, OE-12.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XmlFalse {
    /// `<Success></Success>`, version 4.
    Empty,
    /// `<Success><![CDATA[]]></Success>`, seen at a rebrand.
    Cdata,
    /// `<Success><![CDATA[false]]></Success>`, the hard failures of 5.9.3.
    Word,
}

/// A reply ready to send. The status code is the caller's: nearly always 200 (OE-4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Value of the `Content-Type` header.
    pub content_type: &'static str,
    /// The whole body, one line, without a line end after it.
    pub body: String,
}

/// Turns a reply into the bytes of its format. How a row spells its values (ids as text) is decided by who built the reply.
pub fn render(reply: &Object, format: &Format, xml_false: XmlFalse) -> Rendered {
    match format {
        Format::Xml => Rendered { content_type: "text/xml; charset=utf-8", body: render_xml(reply, xml_false) },
        Format::Jsonp(name) if jsonp::is_callback(name) => Rendered {
            content_type: "application/javascript; charset=utf-8",
            body: jsonp::wrap(name, &php_json::object_to_string(reply)),
        },
        Format::Json | Format::Jsonp(_) => {
            Rendered { content_type: "application/json; charset=utf-8", body: php_json::object_to_string(reply) }
        }
    }
}

fn render_xml(reply: &Object, xml_false: XmlFalse) -> String {
    let mut out = XmlWriter::new();
    out.open("response");
    write_members(&mut out, reply, xml_false);
    out.close("response");
    out.finish()
}

fn write_members(out: &mut XmlWriter, object: &Object, xml_false: XmlFalse) {
    for (key, value) in object.iter() {
        write_element(out, key, value, xml_false);
    }
}

/// One element: scalars in CDATA, objects by key, list items as `<node_0>`, `<node_1>`, and nothing at all inside for empty text and NULL (OE-5).
fn write_element(out: &mut XmlWriter, name: &str, value: &Value, xml_false: XmlFalse) {
    out.open(name);
    match value {
        Value::Null => {}
        Value::Bool(true) => out.cdata("1"),
        Value::Bool(false) => match xml_false {
            XmlFalse::Empty => {}
            XmlFalse::Cdata => out.cdata(""),
            XmlFalse::Word => out.cdata("false"),
        },
        Value::Int(number) => out.cdata(&number.to_string()),
        Value::Text(text) => write_text(out, text),
        Value::List(items) => {
            for (position, item) in items.iter().enumerate() {
                write_element(out, &format!("node_{position}"), item, xml_false);
            }
        }
        Value::Object(object) => write_members(out, object, xml_false),
    }
    out.close(name);
}

/// Text that is empty, or that nothing is left of once XML's forbidden characters are gone, writes nothing.
fn write_text(out: &mut XmlWriter, text: &str) {
    let text = xml::legal_text(text);
    if !text.is_empty() {
        out.cdata(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROLOG: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";

    fn failed_login() -> Object {
        Object::new()
            .put("Success", false)
            .put("ErrorCode", vec![3])
            .put("ErrorText", vec!["Invalid login information"])
    }

    #[test]
    fn json_is_one_line() {
        let rendered = render(&failed_login(), &Format::Json, XmlFalse::Empty);
        assert_eq!(rendered.content_type, "application/json; charset=utf-8");
        assert_eq!(rendered.body, r#"{"Success":false,"ErrorCode":[3],"ErrorText":["Invalid login information"]}"#);
    }

    #[test]
    fn xml_follows_the_rules_of_scalars_lists_and_objects() {
        let reply = Object::new()
            .put("Success", true)
            .put("ErrorCode", 0)
            .put("ErrorText", "")
            .put("SessionID", None::<&str>)
            .put("UserInfo", Object::new().put("UserID", "1").put("2FA_Enabled", "No").put("Name", "A & B ]]>"))
            .put("Lists", vec![Object::new().put("ListID", "7")])
            .put("Tags", Vec::<&str>::new());
        let rendered = render(&reply, &Format::Xml, XmlFalse::Empty);
        assert_eq!(rendered.content_type, "text/xml; charset=utf-8");
        let want = "<response><Success><![CDATA[1]]></Success><ErrorCode><![CDATA[0]]></ErrorCode><ErrorText></ErrorText>\
            <SessionID></SessionID><UserInfo><UserID><![CDATA[1]]></UserID><_2FA_Enabled><![CDATA[No]]></_2FA_Enabled>\
            <Name><![CDATA[A & B ]]]]><![CDATA[>]]></Name></UserInfo><Lists><node_0><ListID><![CDATA[7]]></ListID></node_0></Lists>\
            <Tags></Tags></response>";
        assert_eq!(rendered.body, format!("{PROLOG}{want}"));
    }

    #[test]
    fn xml_false_has_three_spellings() {
        let tail = "<ErrorCode><node_0><![CDATA[3]]></node_0></ErrorCode>\
            <ErrorText><node_0><![CDATA[Invalid login information]]></node_0></ErrorText></response>";
        let cases = [
            (XmlFalse::Empty, "<Success></Success>"),
            (XmlFalse::Cdata, "<Success><![CDATA[]]></Success>"),
            (XmlFalse::Word, "<Success><![CDATA[false]]></Success>"),
        ];
        for (spelling, want) in cases {
            let rendered = render(&failed_login(), &Format::Xml, spelling);
            assert_eq!(rendered.body, format!("{PROLOG}<response>{want}{tail}"));
        }
    }

    #[test]
    fn jsonp_wraps_only_for_a_safe_name() {
        let reply = Object::new().put("Success", true).put("Text", "\u{2028}");
        let json = r#"{"Success":true,"Text":"\u2028"}"#;
        let rendered = render(&reply, &Format::Jsonp("page.show".into()), XmlFalse::Empty);
        assert_eq!(rendered.content_type, "application/javascript; charset=utf-8");
        assert_eq!(rendered.body, format!("page.show({json});"));
        let rendered = render(&reply, &Format::Jsonp("alert(1);x".into()), XmlFalse::Empty);
        assert_eq!(rendered.content_type, "application/json; charset=utf-8");
        assert_eq!(rendered.body, json);
    }

    #[test]
    fn text_of_forbidden_characters_only_is_an_empty_element() {
        let rendered = render(&Object::new().put("A", "\u{1}\u{2}"), &Format::Xml, XmlFalse::Cdata);
        assert_eq!(rendered.body, format!("{PROLOG}<response><A></A></response>"));
    }
}
