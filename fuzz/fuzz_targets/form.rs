//! Any request must be read or refused, within the limits, and what was read must hold to the promises of the reader.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use understudy_fuzz::dialects::kit::form::{self, Array, Limits, Node};

#[derive(Debug, Arbitrary)]
struct Request<'a> {
    has_body: bool,
    content_type: ContentType<'a>,
    query: &'a [u8],
    tight_limits: bool,
    body: &'a [u8],
}

#[derive(Debug, Arbitrary)]
enum ContentType<'a> {
    None,
    Urlencoded,
    UrlencodedLatin,
    Multipart,
    Json,
    Other(&'a str),
}

fuzz_target!(|request: Request<'_>| {
    let content_type = match request.content_type {
        ContentType::None => None,
        ContentType::Urlencoded => Some("application/x-www-form-urlencoded"),
        ContentType::UrlencodedLatin => Some("application/x-www-form-urlencoded; charset=iso-8859-1"),
        ContentType::Multipart => Some("multipart/form-data; boundary=X"),
        ContentType::Json => Some("application/json"),
        ContentType::Other(text) => Some(text),
    };
    let limits = match request.tight_limits {
        true => Limits { body_bytes: 200, variables: 5, depth: 3, key_bytes: 12 },
        false => Limits::default(),
    };
    // Multipart is dense: let the short separators of the fuzzer stand for the long ones of the format.
    let dense;
    let body = match content_type {
        Some("multipart/form-data; boundary=X") => {
            dense = expand(request.body);
            dense.as_slice()
        }
        _ => request.body,
    };
    if let Ok(form) = form::read(request.has_body, content_type, request.query, body, &limits) {
        let n_variables = check(&form.variables, &limits, 0);
        assert!(n_variables + form.files.len() <= 2 * limits.variables);
        assert!(request.has_body || form.files.is_empty() && !form.body_was_json);
        let folded = form.variables.fold_keys();
        check(&folded, &limits, 0);
        assert_eq!(folded.clone().fold_keys(), folded);
    }
});

/// A newline becomes the start of a part, a vertical tab the end of its headers.
fn expand(body: &[u8]) -> Vec<u8> {
    let mut expanded = Vec::new();
    for byte in body {
        match byte {
            b'\n' => expanded.extend(b"\r\n--X\r\nContent-Disposition: form-data; name="),
            b'\x0b' => expanded.extend(b"\r\n\r\n"),
            b'\x0c' => expanded.extend(b"\r\n--X--"),
            other => expanded.push(*other),
        }
    }
    expanded
}

/// Checks one level and all below it; the number of texts.
fn check(array: &Array, limits: &Limits, depth: usize) -> usize {
    // One level more than brackets: the top one.
    assert!(depth <= limits.depth);
    assert_eq!(array.iter().len(), array.len());
    let mut n_texts = 0;
    for (key, node) in array.iter() {
        // NUL is one byte as sent and three as U+FFFD; only JSON keys are measured before that.
        assert!(key.len() <= 3 * limits.key_bytes);
        assert!(!key.contains('\0'));
        assert_eq!(array.get(key), Some(node));
        n_texts += match node {
            Node::Text(text) => {
                assert!(!text.contains('\0'));
                1
            }
            Node::Array(inner) => check(inner, limits, depth + 1),
        };
    }
    n_texts
}
