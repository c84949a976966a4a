//! Answers against the schema of the WSDL that is served with them: every member declared, in its order, of its type, and nothing else.

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use understudy::dialects::kit::soap::lexical::{DateTime, Decimal, boolean, float};
use wsdl_codegen::model::{Kind, Occurs, Scalar, Service, Struct};

use super::{TestEcho, envelope, envelope_12, everything};

/// An element of an answer.
#[derive(Debug, Default)]
struct Element {
    name: String,
    is_nil: bool,
    text: String,
    children: Vec<Element>,
}

fn read(text: &str) -> Element {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    let begin = |tag: &BytesStart<'_>| Element {
        name: tag.name().as_ref().to_owned(),
        is_nil: tag.attributes().flatten().any(|one| one.key.as_ref() == "xsi:nil" && one.value == "true"),
        ..Element::default()
    };
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => open.push(begin(&tag)),
            Event::Empty(tag) => open.last_mut().unwrap().children.push(begin(&tag)),
            Event::End(_) => {
                let closed = open.pop().unwrap();
                open.last_mut().unwrap().children.push(closed);
            }
            Event::Text(text) => open.last_mut().unwrap().text.push_str(&text.into_inner()),
            Event::GeneralRef(_) => open.last_mut().unwrap().text.push('&'),
            Event::Eof => return open.pop().unwrap().children.pop().unwrap(),
            _ => {}
        }
    }
}

/// What does not fit, with the path to it.
fn misfits(service: &Service, kind: Kind, element: &Element, path: &str) -> Vec<String> {
    match kind {
        Kind::Struct(i) => of_struct(service, &service.structs[i], element, path),
        Kind::Enum(i) => {
            let is_word = service.enums[i].words.iter().any(|word| word.value == element.text);
            wrong_unless(is_word && element.children.is_empty(), path, &element.text)
        }
        Kind::Scalar(Scalar::Any) => Vec::new(),
        Kind::Scalar(scalar) => {
            wrong_unless(element.children.is_empty() && is_lexical(scalar, &element.text), path, &element.text)
        }
    }
}

fn wrong_unless(is_right: bool, path: &str, text: &str) -> Vec<String> {
    if is_right { Vec::new() } else { vec![format!("{path}: {text:?}")] }
}

fn of_struct(service: &Service, one: &Struct, element: &Element, path: &str) -> Vec<String> {
    let mut wrong = wrong_unless(element.text.trim().is_empty(), path, &element.text);
    let mut rest = element.children.iter().peekable();
    for member in &one.members {
        let at = format!("{path}/{}", member.name);
        let mut n = 0;
        while let Some(child) = rest.next_if(|child| child.name == member.name) {
            n += 1;
            match child.is_nil {
                true => wrong.extend(wrong_unless(member.nillable && child.text.is_empty(), &at, "nil")),
                false => wrong.extend(misfits(service, member.kind, child, &at)),
            }
        }
        let is_right = match member.occurs {
            Occurs::One => n == 1,
            Occurs::Optional => n <= 1,
            Occurs::Many => true,
        };
        wrong.extend(wrong_unless(is_right, &at, &format!("{n} times")));
    }
    wrong.extend(rest.map(|child| format!("{path}/{}: not declared, or not here", child.name)));
    wrong
}

fn is_lexical(scalar: Scalar, text: &str) -> bool {
    match scalar {
        Scalar::Text | Scalar::Any => true,
        Scalar::Boolean => boolean(text).is_some() && text == text.to_lowercase(),
        Scalar::Int => text.parse::<i32>().is_ok(),
        Scalar::Long => text.parse::<i64>().is_ok(),
        Scalar::Float | Scalar::Double => float(text).is_some(),
        Scalar::Decimal => Decimal::parse(text).is_some(),
        Scalar::DateTime => text.ends_with('Z') && DateTime::parse(text).is_some(),
        Scalar::Binary => text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')),
    }
}

/// The service as its served WSDL says.
fn served(echo: &TestEcho) -> Service {
    let text = echo.server.send("GET", "/soap?wsdl", "HTTP/1.1", &[], b"").unwrap().text();
    wsdl_codegen::read("served", &text).unwrap()
}

fn check(service: &Service, operation: &str, text: &str) {
    let root = read(text);
    let prefix = root.name.split(':').next().unwrap();
    assert_eq!(root.children.len(), 1, "{text}");
    let body = &root.children[0];
    assert_eq!((body.name.as_str(), body.children.len()), (format!("{prefix}:Body").as_str(), 1), "{text}");
    let wrapper = &body.children[0];
    assert_eq!((wrapper.name.as_str(), wrapper.children.len()), (format!("ns1:{operation}Response").as_str(), 1));
    let declared = service.operations.iter().find(|one| one.name == operation).unwrap();
    assert_eq!(wrapper.children[0].name, declared.result);
    let wrong = misfits(service, declared.response, &wrapper.children[0], "return");
    assert!(wrong.is_empty(), "{wrong:?}: {text}");
}

#[test]
fn every_answer_is_what_the_wsdl_declares() {
    let echo = TestEcho::start();
    let service = served(&echo);
    let members = "<vText>é&amp;</vText><vBoolean>1</vBoolean><vInt>-1</vInt><vLong>9007199254740993</vLong><vFloat>INF</vFloat><vDouble>1e300</vDouble>\
        <vDecimal>-0.10</vDecimal><vDateTime>2026-01-31T10:00:00+02:00</vDateTime><vBinary>AP8=</vBinary><vAny><a>1</a></vAny><Colour>BLUE</Colour>\
        <Inner><Name>a</Name><Deeper><item><Name>b</Name></item></Deeper></Inner><Numbers><item>1</item></Numbers><Inners><item/></Inners>";
    for members in ["", members] {
        check(&service, "echo.everything", &echo.send(&everything(members)).text());
        let message = everything(members).replace(super::ENV11, super::ENV12);
        check(&service, "echo.everything", &echo.send(&message).text());
        let style = "<t:echo.everything e:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\">";
        let encoded = everything(members).replace("<t:echo.everything>", style);
        check(&service, "echo.everything", &echo.send(&encoded).text());
    }
    check(&service, "nothing", &echo.send(&envelope("<t:nothing/>")).text());
    check(&service, "behave", &echo.send(&envelope_12("<t:behave/>")).text());
}

#[test]
fn the_check_itself_finds_what_does_not_fit() {
    let echo = TestEcho::start();
    let service = served(&echo);
    let declared = service.operations.iter().find(|one| one.name == "nothing").unwrap().response;
    for (text, n_wrong) in [
        ("<r><Fine>true</Fine><Colour>red</Colour></r>", 0),
        ("<r><Colour>red</Colour><Fine>true</Fine></r>", 2),
        ("<r><Fine>true</Fine></r>", 1),
        ("<r><Fine>TRUE</Fine><Colour>pink</Colour></r>", 2),
        ("<r><Fine xsi:nil=\"true\"/><Colour>red</Colour><More/></r>", 2),
    ] {
        assert_eq!(misfits(&service, declared, &read(text), "r").len(), n_wrong, "{text}");
    }
}
