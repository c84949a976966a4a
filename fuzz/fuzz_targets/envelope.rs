//! Any reply must render to JSON and XML that other people's parsers accept, and carry its texts unharmed.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use quick_xml::Reader;
use quick_xml::events::Event;
use understudy_fuzz::dialects::kit::value::{Object, Value};
use understudy_fuzz::dialects::kit::{jsonp, xml};
use understudy_fuzz::dialects::oempro::envelope::{Format, XmlFalse, render};

/// Replies are built by our own code, so they are shallow.
const MAX_DEPTH: usize = 20;

#[derive(Debug)]
struct Reply(Object);

impl<'a> Arbitrary<'a> for Reply {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        object(u, 0).map(Reply)
    }
}

fn object(u: &mut Unstructured<'_>, depth: usize) -> arbitrary::Result<Object> {
    let mut object = Object::new();
    while u.ratio(3, 4)? && !u.is_empty() {
        let key: String = u.arbitrary()?;
        object.insert(key, value(u, depth + 1)?);
    }
    Ok(object)
}

fn value(u: &mut Unstructured<'_>, depth: usize) -> arbitrary::Result<Value> {
    let n_kinds = if depth < MAX_DEPTH { 6 } else { 4 };
    Ok(match u.choose_index(n_kinds)? {
        0 => Value::Null,
        1 => Value::Bool(u.arbitrary()?),
        2 => Value::Int(u.arbitrary()?),
        3 => Value::Text(u.arbitrary()?),
        4 => Value::Object(object(u, depth)?),
        _ => {
            let mut items = Vec::new();
            while u.ratio(3, 4)? && !u.is_empty() {
                items.push(value(u, depth + 1)?);
            }
            Value::List(items)
        }
    })
}

fuzz_target!(|input: (Reply, String, u8)| {
    let (Reply(reply), callback, spelling) = input;
    let xml_false = [XmlFalse::Empty, XmlFalse::Cdata, XmlFalse::Word][usize::from(spelling % 3)];
    check_json(&reply, &render(&reply, &Format::Json, xml_false).body);
    check_jsonp(&reply, callback, xml_false);
    check_xml(&reply, &render(&reply, &Format::Xml, xml_false).body, xml_false);
});

fn check_json(reply: &Object, body: &str) {
    assert!(body.is_ascii() && !body.contains(['\n', '\r']));
    let parsed: serde_json::Value = serde_json::from_str(body).expect("our own JSON");
    assert_eq!(parsed, as_json(&Value::Object(reply.clone())));
}

fn check_jsonp(reply: &Object, callback: String, xml_false: XmlFalse) {
    let json = render(reply, &Format::Json, xml_false);
    let jsonp = render(reply, &Format::Jsonp(callback.clone()), xml_false);
    match jsonp::is_callback(&callback) {
        true => assert_eq!(jsonp.body, format!("{callback}({});", json.body)),
        false => assert_eq!(jsonp, json),
    }
}

fn as_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Int(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(as_json).collect(),
        Value::Object(object) if object.is_empty() => serde_json::Value::Array(Vec::new()),
        Value::Object(object) => object.iter().map(|(key, value)| (key, as_json(value))).collect(),
    }
}

/// Reads the document back: names balance (quick-xml checks it), there is one root, and the texts come back in order.
fn check_xml(reply: &Object, body: &str, xml_false: XmlFalse) {
    let mut expected = String::new();
    members(reply, xml_false, &mut expected);
    let mut reader = Reader::from_str(body);
    let (mut got, mut depth, mut n_roots) = (String::new(), 0usize, 0usize);
    loop {
        match reader.read_event().expect("our own XML") {
            Event::Start(start) => {
                n_roots += usize::from(depth == 0);
                depth += 1;
                let name = start.name().as_ref().to_owned();
                assert_eq!(xml::legal_name(&name), name);
            }
            Event::End(_) => depth -= 1,
            Event::CData(section) => got.push_str(&section.into_inner()),
            Event::Decl(_) => assert_eq!(depth, 0),
            Event::Eof => break,
            other => panic!("{other:?} is never written"),
        }
    }
    assert_eq!((depth, n_roots), (0, 1));
    assert_eq!(got, expected);
}

fn members(object: &Object, xml_false: XmlFalse, out: &mut String) {
    object.iter().for_each(|(_, value)| texts(value, xml_false, out));
}

fn texts(value: &Value, xml_false: XmlFalse, out: &mut String) {
    match value {
        Value::Null => {}
        Value::Bool(true) => out.push('1'),
        Value::Bool(false) => out.push_str(if xml_false == XmlFalse::Word { "false" } else { "" }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Text(text) => out.push_str(&xml::legal_text(text)),
        Value::List(items) => items.iter().for_each(|item| texts(item, xml_false, out)),
        Value::Object(object) => members(object, xml_false, out),
    }
}
