//! Bad input: whatever is sent, a clear envelope comes back, in the format asked, and nothing is half done.

mod commands;
mod foreign;
mod guessing;
mod requests;

use crate::contract::http::Answer;

/// Fails unless the answer is an envelope in JSON with a truth and a code. A failure of the server itself is never an answer to bad input.
#[track_caller]
fn assert_envelope(what: &str, answer: &Answer) -> serde_json::Value {
    assert!(answer.status < 500, "{what}: status {}: {}", answer.status, answer.text());
    let json = answer.json().unwrap_or_else(|error| panic!("{what}: {error:#}"));
    assert!(json["Success"].is_boolean(), "{what}: {json}");
    assert!(!json["ErrorCode"].is_null(), "{what}: {json}");
    json
}

/// The same in XML: one well-formed `<response>` with both.
#[track_caller]
fn assert_xml_envelope(what: &str, answer: &Answer) {
    assert!(answer.status < 500, "{what}: status {}: {}", answer.status, answer.text());
    let text = answer.text();
    let mut reader = quick_xml::Reader::from_str(&text);
    let mut names = Vec::new();
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Start(start)) => names.push(start.name().as_ref().to_owned()),
            Ok(quick_xml::events::Event::Eof) => break,
            Ok(_) => {}
            Err(error) => panic!("{what}: {error} in {text}"),
        }
    }
    for name in ["response", "Success", "ErrorCode"] {
        assert!(names.iter().any(|found| found == name), "{what}: no <{name}> in {text}");
    }
}
