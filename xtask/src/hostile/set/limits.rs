//! Each limit on what a message holds, at its value and one beyond (SO-4.1).

use super::{Case, Expected, Row, Service};

/// The rows.
pub fn rows(service: &Service) -> Vec<Row> {
    [elements(service), attributes(service), texts(service)].into_iter().flatten().collect()
}

fn elements(service: &Service) -> Vec<Row> {
    // Envelope, Body, operation and Request are four levels.
    let nested = |n: usize| service.call(&format!("{}{}", "<x>".repeat(n - 4), "</x>".repeat(n - 4)));
    let in_call = service.call("").matches('<').count() - service.call("").matches("</").count();
    let many = |n: usize| {
        let group = format!("<x>{}</x>", "<y/>".repeat(4_999));
        let rest = n - in_call - 3 * 5_000;
        service.call(&format!("{}<x>{}</x>", group.repeat(3), "<y/>".repeat(rest - 1)))
    };
    let children = |n: usize| service.call(&format!("<x>{}</x>", "<a>1</a>".repeat(n)));
    let members = |n: usize| service.holding(&(0..n).map(|i| format!("<a{i}>1</a{i}>")).collect::<String>(), "");
    vec![
        Row::limit("depth", 64, nested),
        Row::limit("elements", 20_000, many),
        Row::limit("children", 5_000, children),
        Row::limit_inside("children that are read", 5_000, members),
    ]
}

fn attributes(service: &Service) -> Vec<Row> {
    let named = |n: usize| (0..n).map(|i| format!(" a{i}=\"\"")).collect::<String>();
    let attributes = |n: usize| service.call(&format!("<x{}/>", named(n)));
    let all = |n: usize| service.call(&format!("{}<x{}/>", format!("<x{}/>", named(25)).repeat(n / 25), named(n % 25)));
    let long = |n: usize| service.call(&format!("<x a=\"{}\"/>", "a".repeat(n)));
    let name = |n: usize| service.call(&format!("<{0}/>", "a".repeat(n)));
    // Two are declared by the envelope.
    let bindings = |n: usize| {
        let list = |from: usize, to: usize| (from..to).map(|i| format!(" xmlns:p{i}=\"urn:x\"")).collect::<String>();
        service.call(&format!("<x{}><x{}><x{}/></x></x>", list(0, 30), list(30, 60), list(60, n - 2)))
    };
    // The service's own is one of them.
    let spaces = |n: usize| service.call(&(0..n - 1).map(|i| format!("<x xmlns=\"urn:{i}\"/>")).collect::<String>());
    vec![
        Row::limit("attributes of one element", 32, attributes),
        Row::limit("attributes in all", 20_000, all),
        Row::limit("length of an attribute", 8 * 1024, long),
        Row::limit("length of a name", 256, name),
        Row::limit("namespace declarations in scope", 64, bindings),
        Row::limit("namespaces", 256, spaces),
    ]
}

fn texts(service: &Service) -> Vec<Row> {
    let text = |n: usize| service.holding(&format!("<a>{}</a>", "a".repeat(n)), "");
    let pieces = |n: usize| {
        let piece = format!("<![CDATA[{}]]>b", "a".repeat(44));
        service.call(&format!("<x>{}{}</x>", piece.repeat(n / 45), "c".repeat(n % 45)))
    };
    let blocks = |n: usize| {
        let header = format!("<e:Header>{}</e:Header><e:Body>", "<t:h/>".repeat(n));
        service.call("").replacen("<e:Body>", &header, 1)
    };
    let ids = |n: usize| service.call(&(0..n).map(|i| format!("<x id=\"i{i}\"/>")).collect::<String>());
    // Each level has an item and a value, inside of the four of the call and the member.
    let maps = |n: usize| {
        let (begin, end) = ("<item><key>k</key><value>".repeat(n), "</value></item>".repeat(n));
        service.holding(&format!("{begin}x{end}"), "")
    };
    let deep_maps = Row {
        name: "maps in maps",
        allowed: vec![Case::new("29", maps(29), service.deep_maps)],
        refused: [30, 10_000].map(|n| Case::new(format!("{n}"), maps(n), Expected::LIMIT)).into(),
    };
    vec![
        Row::limit_inside("length of a text", 512 * 1024, text),
        Row::limit("length of a text in pieces", 512 * 1024, pieces),
        Row::limit("header blocks", 16, blocks),
        Row::limit("elements with an id", 1_000, ids),
        deep_maps,
    ]
}
