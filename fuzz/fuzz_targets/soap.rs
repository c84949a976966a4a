//! Any message must be read or refused within the limits; what is written of it is read again as the same, and faults are XML.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use understudy_fuzz::dialects::kit::soap::contract::{Contract, Operation};
use understudy_fuzz::dialects::kit::soap::decode::{At, Decode, Reading};
use understudy_fuzz::dialects::kit::soap::encode::Writer;
use understudy_fuzz::dialects::kit::soap::envelope::{self, Version};
use understudy_fuzz::dialects::kit::soap::fault::Fault;
use understudy_fuzz::dialects::kit::soap::headers::{self, Known};
use understudy_fuzz::dialects::kit::soap::lexical::{Any, DateTime};
use understudy_fuzz::dialects::kit::soap::limits::Limits;
use understudy_fuzz::dialects::kit::soap::security::Logins;
use understudy_fuzz::dialects::kit::soap::{bytes, gate, operation};
use understudy_fuzz::dialects::kit::value::Value;

static CONTRACT: Contract = Contract {
    service: "Fuzz",
    namespace: "urn:f",
    fault_element: "Error",
    operations: &[Operation { name: "A.B", safe_name: "AB", action: "urn:f#A.B", parameter: "Request" }],
    folded: &[("ab", 0)],
    wsdl: [&[], &[], &[], &[]],
};

/// A service that knows every block named `K`.
const KNOWN: Known<'static> = Known { logins: Logins::BOTH, role: "urn:f", knows: &|_, name| name == "K" };

#[derive(Debug, Arbitrary)]
struct Message<'a> {
    /// Stands bare, or inside of an envelope of 1.1 or 1.2.
    frame: u8,
    charset: Option<Charset>,
    encoding: u8,
    tight_limits: bool,
    action: &'a str,
    body: &'a [u8],
}

#[derive(Debug, Arbitrary)]
enum Charset {
    Utf8,
    Utf16,
    Latin,
    Ascii,
}

/// As wsdl-codegen writes them.
#[derive(Debug, Default)]
struct Request {
    open: Option<Any>,
    number: Option<i32>,
    list: Option<List>,
    time: Option<DateTime>,
}

#[derive(Debug)]
struct List(Vec<String>);

impl Decode for List {
    fn decode(at: At<'_, '_>) -> Result<Self, Fault> {
        at.items().map(List)
    }
}

impl Decode for Request {
    const MEMBERS: &'static [&'static str] = &["o", "n", "l", "t"];

    fn decode(at: At<'_, '_>) -> Result<Self, Fault> {
        let mut request = Request::default();
        at.members(Self::MEMBERS, |member, value| match member {
            0 => value.set(&mut request.open),
            1 => value.set(&mut request.number),
            2 => value.set(&mut request.list),
            _ => value.set(&mut request.time),
        })?;
        Ok(request)
    }
}

fuzz_target!(|message: Message<'_>| {
    let limits = match message.tight_limits {
        true => Limits { depth: 8, elements: 40, children: 10, attributes: 3, text_bytes: 50, hops: 2, ..Limits::default() },
        false => Limits::default(),
    };
    let framed = frame(message.frame, message.body);
    let (encoding, body) = match message.encoding {
        0 => ("gzip", message.body),
        1 => ("deflate", message.body),
        _ => ("", framed.as_slice()),
    };
    let charset = message.charset.map(|charset| match charset {
        Charset::Utf8 => "utf-8",
        Charset::Utf16 => "UTF-16",
        Charset::Latin => "iso-8859-1",
        Charset::Ascii => "us-ascii",
    });
    if let Err(fault) = run(body, encoding, charset, message.action, &limits) {
        for version in [Version::V11, Version::V12] {
            let text = fault.write(version, CONTRACT.namespace, CONTRACT.fault_element);
            gate::read(&text, CONTRACT.namespace, &Limits::default()).expect("our own fault");
        }
    }
});

/// The prefixes that matter are bound, so that the fuzzer finds the way into types, references and maps.
fn frame(frame: u8, body: &[u8]) -> Vec<u8> {
    let envelope = match frame {
        0 => return body.to_vec(),
        1 => Version::V12.namespace(),
        _ => Version::V11.namespace(),
    };
    let head = format!(
        "<e:Envelope xmlns:e=\"{envelope}\" xmlns:t=\"urn:f\" xmlns:x=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:m=\"http://xml.apache.org/xml-soap\" xmlns:c=\"http://schemas.xmlsoap.org/soap/encoding/\"><e:Body><t:A.B>"
    );
    [head.as_bytes(), body, b"</t:A.B></e:Body></e:Envelope>"].concat()
}

fn run(body: &[u8], encoding: &str, charset: Option<&str>, action: &str, limits: &Limits) -> Result<(), Fault> {
    let inflated = bytes::inflate(body, encoding, limits)?;
    assert!(inflated.len() <= limits.inflated_bytes.max(body.len()));
    let text = bytes::decode(&inflated, charset)?;
    let tree = gate::read(&text, CONTRACT.namespace, limits)?;
    assert!(tree.len() <= limits.elements);
    let version = envelope::version(&tree)?;
    let header = envelope::find_header(&tree, version);
    let blocks = headers::read(&tree, header, version, KNOWN, limits)?.blocks;
    let envelope = envelope::open(&tree, version)?;
    let called = operation::find(&CONTRACT, &tree, &envelope, action)?;
    let reading = Reading::new(tree, limits);
    for block in blocks {
        if let Ok(open) = Any::decode(reading.at(block)?) {
            read_again(&open);
        }
    }
    let argument = operation::argument(reading.at(called.wrapper)?, "Request")?;
    let request = Request::decode(argument)?;
    assert!(request.list.is_none_or(|list| list.0.len() <= limits.children));
    if let Some(open) = request.open {
        read_again(&open);
    }
    if let Ok(open) = Any::decode(argument) {
        read_again(&open);
    }
    Ok(())
}

/// What is written of an open container reads as the same, but for what XML cannot tell apart.
fn read_again(open: &Value) {
    let mut out = Writer::fragment();
    out.member("o", open);
    let text = out.into_text().replace(" xsi:nil=\"true\"", "");
    let roomy = Limits { depth: 1_000, elements: 1_000_000, children: 1_000_000, ..Limits::default() };
    let tree = gate::read(&text, CONTRACT.namespace, &roomy).expect("our own XML");
    let reading = Reading::new(tree, &roomy);
    let again = reading.at(reading.tree.root()).and_then(Any::decode);
    if let Ok(again) = again {
        assert_eq!(plain(&again), plain(open), "{text}");
    }
}

/// Texts trimmed, and nothing in one form.
fn plain(value: &Value) -> Value {
    match value {
        Value::Text(text) if text.is_empty() => Value::Null,
        Value::List(items) => Value::List(items.iter().map(plain).collect()),
        Value::Object(object) => {
            let mut plainer = understudy_fuzz::dialects::kit::value::Object::new();
            object.iter().for_each(|(key, value)| plainer.insert(key.trim().to_owned(), plain(value)));
            Value::Object(plainer)
        }
        other => other.clone(),
    }
}
