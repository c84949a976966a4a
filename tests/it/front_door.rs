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

#[test]
fn counts_are_shown_to_readers_on_this_machine_and_to_nobody_behind_a_proxy() {
    let app = TestApp::start();
    app.post("Command=No.Such");
    let get = |more: &str| {
        let request = format!("GET /metrics HTTP/1.1\r\nHost: x\r\n{more}Connection: close\r\n\r\n");
        app.server.exchange(request.as_bytes()).unwrap()
    };
    let shown = get("");
    assert_eq!(shown.status, 200);
    assert!(shown.text().contains("# TYPE http_requests_total counter"), "{}", shown.text());
    assert!(shown.text().contains("http_requests_total{wire=\"oempro\",class=\"4xx\"}"), "{}", shown.text());
    for passed_on in ["X-Forwarded-For: 127.0.0.1\r\n", "Via: 1.1 proxy\r\n", "Forwarded: for=127.0.0.1\r\n"] {
        assert_eq!(get(passed_on).status, 404, "{passed_on}");
    }

    let app = TestApp::start_with(|settings| settings.metrics.readers = vec!["192.0.2.1".to_owned()]);
    let answer = app.server.exchange(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(answer.status, 404);
}
