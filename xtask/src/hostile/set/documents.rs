//! What is not well-formed, document type declarations, and messages that are dense with one sign (SO-2.3, SO-2.4).

use super::{Case, Expected, Row, Service};

/// The rows.
pub fn rows(service: &Service) -> Vec<Row> {
    vec![
        types(service),
        row("not well-formed", service, NOT_WELL_FORMED),
        row("roots: none, two, text beside", service, ROOTS),
        row("control characters", service, CHARACTERS),
        row("prefixes and declarations", service, PREFIXES),
        truncated(service),
        garbage(),
        dense(service),
    ]
}

/// `{good}` is a good call, `{inside}` stands for its beginning up to a member and `{rest}` for what follows.
fn row(name: &'static str, service: &Service, messages: &[&str]) -> Row {
    let refused = messages.iter().map(|pattern| {
        let message = filled(service, pattern);
        Case::new(*pattern, message, Expected::UNREADABLE)
    });
    Row { name, allowed: Vec::new(), refused: refused.collect() }
}

fn filled(service: &Service, pattern: &str) -> String {
    let whole = service.call("<mark/>");
    let (inside, rest) = whole.split_once("<mark/>").unwrap_or((&whole, ""));
    pattern.replace("{good}", &service.call("")).replace("{inside}", inside).replace("{rest}", rest)
}

const NOT_WELL_FORMED: &[&str] = &[
    "<",
    "<a",
    "<a>",
    "</a>",
    "<a></b>",
    "<a b=1/>",
    "<a b='1' b='2'/>",
    "<a b='<'/>",
    "<a b='1'c='2'/>",
    "<1/>",
    "<!-- -- --><a/>",
    "<a>]]></a>",
    "{inside}<x>]]></x>{rest}",
    "<a>&nbsp;</a>",
    "<a>&</a>",
    "{inside}&undeclared;{rest}",
    "<?xml version='1.1'?><a/>",
    " <?xml version='1.0'?><a/>",
    "<?xml?><a/>",
    "<?xml version='1.0' standalone='no' encoding='utf-8'?><a/>",
    "<a><?XML x?></a>",
    "<!-- never closed",
    "<a><![CDATA[x</a>",
];

const ROOTS: &[&str] = &[
    "",
    " ",
    "text",
    "<a/><b/>",
    "<a/>text",
    "<a/><![CDATA[x]]>",
    "<a/>&amp;",
    "{good}{good}",
    "{good}x",
    "x{good}",
    "{good}&#32;",
];

const CHARACTERS: &[&str] = &[
    "<a>\u{1}</a>",
    "<a>\u{fffe}</a>",
    "<a>&#0;</a>",
    "<a>&#x1F;</a>",
    "<a>&#xFFFE;</a>",
    "<a>&#xD800;</a>",
    "<a>&#x110000;</a>",
    "<a>&#99999999999999999999;</a>",
    "{inside}<x>\u{b}</x>{rest}",
    "{inside}<x a='\u{0}'/>{rest}",
    "{inside}<!--\u{8}-->{rest}",
    "{good}\u{0}",
];

const PREFIXES: &[&str] = &[
    "<a:b/>",
    "<a a:b='1'/>",
    "{inside}<u:x/>{rest}",
    "{inside}<x u:a='1'/>{rest}",
    "<a xmlns:b=''/>",
    "<a xmlns:xml='urn:x'/>",
    "<a xmlns:xmlns='urn:x'/>",
    "<a:b:c xmlns:a='urn:x'/>",
    "<a xmlns:n='urn:x' xmlns:m='urn:x' n:b='1' m:b='2'/>",
    "<a xmlns:n='http://www.w3.org/2001/XMLSchema-instance' n:nil='1' n:nil='1'/>",
    "{inside}<x><x xmlns:u='urn:x'/><u:x/></x>{rest}",
];

const TYPES: &[&str] = &[
    "<!DOCTYPE a><a/>",
    "<!doctype a><a/>",
    "<!DOCTYPE x SYSTEM \"http://127.0.0.1:1/x.dtd\">{good}",
    "<!DOCTYPE x PUBLIC \"-//x//y\" \"http://127.0.0.1:1/x.dtd\">{good}",
    "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>{inside}<x>&x;</x>{rest}",
    "<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://127.0.0.1:1/x'> %x;]>{good}",
    "<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>{inside}<x>&b;</x>{rest}",
    "<!DOCTYPE a [<!ENTITY a '&b;'><!ENTITY b '&a;'>]>{inside}<x>&a;</x>{rest}",
    "{inside}<!DOCTYPE b>{rest}",
    "<a/><!DOCTYPE b>",
    "{good}<!DOCTYPE b>",
];

fn types(service: &Service) -> Row {
    let mut row = row("document types, entities, entity bombs", service, TYPES);
    // Each entity holds ten of the one before: ten to the tenth letters.
    let entities: String =
        (1..=10).map(|i| format!("<!ENTITY e{i} '{}'>", format!("&e{};", i - 1).repeat(10))).collect();
    let bomb = format!("<!DOCTYPE a [<!ENTITY e0 'a'>{entities}]>{{inside}}<x>&e10;</x>{{rest}}");
    let many = format!("<!DOCTYPE a [{}]><a/>", "<!ENTITY a 'a'>".repeat(60_000));
    for (name, pattern) in [("ten to the tenth letters", bomb), ("60000 entities", many)] {
        row.refused.push(Case::new(name, filled(service, &pattern), Expected::UNREADABLE));
    }
    row
}

/// A good call broken off at many places.
fn truncated(service: &Service) -> Row {
    let good = service.call("<x a='1'>&amp;<![CDATA[x]]><!--x--></x>");
    let step = (good.len() / 40).max(1);
    let cut = |n: usize| Case::new(format!("after {n} bytes"), &good.as_bytes()[..n], Expected::UNREADABLE);
    let refused = (1..good.len()).step_by(step).chain([good.len() - 1]).map(cut).collect();
    Row { name: "broken off", allowed: Vec::new(), refused }
}

/// Bytes in no order, and things that are no XML at all.
fn garbage() -> Row {
    let mut state = 7_u32;
    let mut noise = |n: usize| -> Vec<u8> {
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        (0..n).map(|_| next()).collect()
    };
    let mut refused: Vec<Case> = [1, 10, 1_000, 100_000]
        .into_iter()
        .map(|n| Case::new(format!("{n} bytes of noise"), noise(n), Expected::UNREADABLE))
        .collect();
    let others: [(&str, &[u8]); 6] = [
        ("zeros", &[0; 5_000]),
        ("JSON", b"{\"USER.CREATE\": {}}"),
        ("a form", b"Command=User.Login&Username=a"),
        ("HTML", b"<html><body><br></body></html>"),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("a call of HTTP", b"POST / HTTP/1.1\r\nHost: x\r\n\r\n"),
    ];
    refused.extend(others.into_iter().map(|(name, body)| Case::new(name, body, Expected::UNREADABLE)));
    Row { name: "no XML at all", allowed: Vec::new(), refused }
}

/// As many of one sign as a body holds: the time must go with the length, not with its square.
fn dense(service: &Service) -> Row {
    let n = 1024 * 1024 - 8_192;
    let inside = |more: &str| service.call(more);
    let allowed = [
        ("ampersands", inside(&format!("<x>{}</x>", "&amp;".repeat(n / 5)))),
        ("sections", inside(&format!("<x>{}</x>", "&lt;<![CDATA[a]]>".repeat(n / 17)))),
        ("comments", inside(&"<!---->".repeat(n / 7))),
        ("instructions", inside(&"<?a?>".repeat(n / 5))),
        ("one attribute", inside(&format!("<x a='{}'/>", "&lt;".repeat(2_000)))),
        ("declarations", inside(&"<x xmlns='urn:a'/>".repeat(4_990))),
    ];
    let refused = [
        ("open tags", "<a>".repeat(n / 3), Expected::LIMIT),
        ("lesser signs", "<".repeat(n), Expected::UNREADABLE),
        ("attributes", inside(&format!("<x {}/>", "a='' ".repeat(n / 5))), Expected::LIMIT),
        ("quotes", format!("<a b=\"{}", "'".repeat(n)), Expected::UNREADABLE),
        ("end tags", format!("<a>{}", "</a>".repeat(n / 4)), Expected::UNREADABLE),
        ("question marks", format!("<?{}", "?".repeat(n)), Expected::UNREADABLE),
        ("hyphens", format!("<!--{}", "-".repeat(n)), Expected::UNREADABLE),
    ];
    Row {
        name: "dense with one sign",
        allowed: allowed.map(|(name, message)| Case::new(name, message, Expected::Done)).into(),
        refused: refused.map(|(name, message, expected)| Case::new(name, message, expected)).into(),
    }
}
