//! The front door over a real socket: every way in that clients use, both formats, and status codes.

use crate::support::TestApp;

#[test]
fn unknown_commands_are_refused_in_the_format_asked() {
    let app = TestApp::start();
    let answer = app.post("Command=No.Such");
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json().unwrap()["ErrorCode"], 100_003);
    let answer = app.post("Command=No.Such&ResponseFormat=XML");
    assert!(answer.text().starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>"), "{}", answer.text());
}

#[test]
fn a_call_without_credential_answers_the_scalar_99998_with_status_200() {
    let app = TestApp::start();
    let answer = app.post("command=lists.get");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json; charset=utf-8")));
    assert_eq!(answer.json().unwrap()["ErrorCode"], 99_998);
}
