//! Bodies and heads of requests by their size, as received and as inflated (SO-4.1, SO-4.4).

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Case, Expected, Row, Service};

const KIB: usize = 1024;
const MIB: usize = 1024 * 1024;

/// The rows.
pub fn rows(service: &Service) -> Vec<Row> {
    let filled = |n: usize| {
        let bare = service.call("");
        format!("{bare}{}", " ".repeat(n - bare.len()))
    };
    let inflated = |n: usize, expected| packed(&format!("{n}"), noisy(&service.call(""), n).as_bytes(), expected);
    let bomb = |name: &str, n: usize| packed(name, filled(n).as_bytes(), Expected::TOO_LARGE);
    let no_gzip = Case::new("no gzip", "<a/>", Expected::UNREADABLE).with("Content-Encoding", "gzip");
    vec![
        Row {
            name: "body as received",
            allowed: vec![Case::new("1 MiB", filled(MIB), Expected::Done)],
            refused: vec![
                Case::new("1 MiB and 1", filled(MIB + 1), Expected::TOO_LARGE),
                Case::new("3 MiB", filled(3 * MIB), Expected::TOO_LARGE),
            ],
        },
        Row {
            name: "body as inflated",
            allowed: vec![inflated(4 * MIB, Expected::Done)],
            refused: vec![inflated(4 * MIB + 1, Expected::TOO_LARGE)],
        },
        Row {
            name: "gzip bombs",
            allowed: Vec::new(),
            refused: vec![bomb("more than a hundredfold", 3 * MIB), bomb("of 100 MiB", 100 * MIB), no_gzip],
        },
        head(service),
        fields(service),
    ]
}

/// As the server counts: the path, and each field with the four bytes around it.
fn head(service: &Service) -> Row {
    let of_size = |n: usize, expected| {
        let body = service.call("");
        let length = body.len().to_string();
        let fixed = [("Host", "localhost"), ("Connection", "close"), ("Content-Length", length.as_str())];
        let mut case = Case::new(format!("{n}"), body, expected);
        for (name, value) in fixed {
            case = case.with(name, value);
        }
        let others: usize = case.fields.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        let filler = n - service.path.len() - others - "X-Large".len() - 4;
        case.with("X-Large", &"a".repeat(filler))
    };
    Row {
        name: "head of the request",
        allowed: vec![of_size(16 * KIB, Expected::Done)],
        refused: vec![of_size(16 * KIB + 1, Expected::LIMIT), of_size(100 * KIB, Expected::LIMIT)],
    }
}

/// Host, Content-Length, Connection and Content-Type are fields too.
fn fields(service: &Service) -> Row {
    let with = |n: usize, expected| {
        (4..n).fold(Case::new(format!("{n}"), service.call(""), expected), |case, i| case.with(&format!("X-{i}"), "1"))
    };
    Row {
        name: "header fields",
        allowed: vec![with(96, Expected::Done)],
        refused: vec![with(97, Expected::Bare(431)), with(1_000, Expected::Bare(431))],
    }
}

fn packed(name: &str, text: &[u8], expected: Expected) -> Case {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory cannot fail; if it did, the row would, because the body is no gzip then.
    let body = out.write_all(text).and_then(|()| out.finish()).unwrap_or_default();
    Case::new(name, body, expected).with("Content-Encoding", "gzip")
}

/// A message and a comment of digits that compress, yet not a hundredfold.
fn noisy(message: &str, n: usize) -> String {
    let mut state = 1_u32;
    let mut text = message.to_owned();
    text.reserve(n - text.len());
    text.push_str("<!--");
    while text.len() < n - 3 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let is_other = state >> 28 == 0;
        text.push(if is_other { char::from(b'0' + (state >> 24 & 7) as u8) } else { '0' });
    }
    text.push_str("-->");
    text
}
