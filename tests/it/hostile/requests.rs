//! Requests that are broken as such: bodies that are not what they say, too large, too many, too deep.

use std::io::Write;
use std::net::TcpStream;

use super::{assert_envelope, assert_xml_envelope};
use crate::contract::http::Answer;
use crate::support::TestApp;

fn send(app: &TestApp, content_type: &str, body: &[u8]) -> Answer {
    let headers = [("Content-Type".to_owned(), content_type.to_owned())];
    app.server.send("POST", "/api.php", "HTTP/1.1", &headers, body).unwrap()
}

#[test]
fn bodies_that_are_not_what_they_say_get_an_envelope() {
    let app = TestApp::start();
    for body in ["{", "[]", "1", "\"x\"", "{\"Command\":", "{\"Command\":\"Lists.Get\"}}", "\u{0}"] {
        let answer = send(&app, "application/json", body.as_bytes());
        let json = assert_envelope(body, &answer);
        assert_eq!((answer.status, &json["ErrorCode"]), (400, &100_000.into()), "{body}");
    }
    for (content_type, body) in [
        ("multipart/form-data", "--x\r\n"),
        ("multipart/form-data; boundary=x", "no boundary at all"),
        ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"Command\"\r\n\r\nLists.Get"),
        ("multipart/form-data; boundary=x", "--x\r\nnot a header\r\n\r\nLists.Get\r\n--x--\r\n"),
    ] {
        let answer = send(&app, content_type, body.as_bytes());
        assert_envelope(body, &answer);
        assert_eq!(answer.status, 400, "{content_type}: {body}");
    }
}

#[test]
fn ten_megabytes_are_read_and_more_than_the_limit_is_refused() {
    let app = TestApp::start();
    let big = format!("Command=Lists.Get&SubscriberListName={}", "A".repeat(10 * 1024 * 1024));
    assert_eq!(assert_envelope("10 MB", &app.post(&big))["ErrorCode"], 99_998);
    let json = format!("{{\"Command\":\"Lists.Get\",\"x\":\"{}\"}}", "A".repeat(10 * 1024 * 1024));
    assert_eq!(assert_envelope("10 MB of JSON", &send(&app, "application/json", json.as_bytes()))["ErrorCode"], 99_998);
    let too_big = format!("Command=Lists.Get&x={}", "A".repeat(17 * 1024 * 1024));
    let answer = app.post(&too_big);
    assert_eq!(answer.status, 413);
    assert_envelope("17 MB", &answer);
    assert_eq!(app.post("Command=Lists.Get").status, 200);
}

#[test]
fn a_hundred_thousand_parameters_get_an_envelope() {
    let app = TestApp::start();
    let many: String = (0..100_000).map(|n| format!("&p{n}={n}")).collect();
    assert_envelope("100,000 in a form", &app.post(&format!("Command=Lists.Get{many}")));
    let items = format!("Command=Lists.Get{}", "&a[]=1".repeat(100_000));
    assert_envelope("100,000 items", &app.post(&items));
    let members: Vec<String> = (0..100_000).map(|n| format!("\"p{n}\":{n}")).collect();
    let json = format!("{{\"Command\":\"Lists.Get\",{}}}", members.join(","));
    assert_envelope("100,000 in JSON", &send(&app, "application/json", json.as_bytes()));
}

#[test]
fn a_thousand_levels_get_an_envelope() {
    let app = TestApp::start();
    let deep = format!("Command=Lists.Get&a{}=1", "[b]".repeat(1_000));
    assert_envelope("a form 1,000 deep", &app.post(&deep));
    let open = format!("Command=Lists.Get&a{}=1", "[".repeat(1_000));
    assert_envelope("1,000 open brackets", &app.post(&open));
    let (begin, end) = ("{\"a\":".repeat(1_000), "}".repeat(1_000));
    let json = format!("{{\"Command\":\"Lists.Get\",\"x\":{begin}1{end}}}");
    assert_envelope("JSON 1,000 deep", &send(&app, "application/json", json.as_bytes()));
    let arrays = format!("{{\"Command\":\"Lists.Get\",\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_envelope("JSON arrays 100,000 deep", &send(&app, "application/json", arrays.as_bytes()));
}

#[test]
fn formats_callbacks_and_commands_of_rubbish_never_leave_the_envelope() {
    let app = TestApp::start();
    for command in ["", "%00", "%FF%FE", "Lists.Get%00", "../Lists.Get", "Lists.Get%0d%0aX:+y", "List%5B%5D=x", "<b>"] {
        let answer = app.post(&format!("Command={command}"));
        assert_envelope(command, &answer);
        assert_eq!(answer.header("x"), None, "{command}");
        assert_xml_envelope(command, &app.post(&format!("Command={command}&ResponseFormat=XML")));
    }
    for callback in ["a%0d%0ab", "alert(1)//", "%3Cscript%3E", "a.b.c[0]", "%FF"] {
        let answer = app.post(&format!("Command=Lists.Get&callback={callback}"));
        assert!(answer.status < 500, "{callback}: {}", answer.text());
        assert!(
            !answer.text().contains("alert(1)") && !answer.text().contains("<script"),
            "{callback}: {}",
            answer.text()
        );
    }
}

#[test]
fn broken_http_ends_and_the_next_caller_is_served() {
    let app = TestApp::start();
    let host = &app.server.authority;
    let broken: [Vec<u8>; 6] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(),
        format!("GET /api.php?Command=Lists.Get&x={} HTTP/1.1\r\nHost: {host}\r\n\r\n", "A".repeat(300_000)).into_bytes(),
        format!("POST /api.php HTTP/1.1\r\nHost: {host}\r\nContent-Length: -5\r\n\r\n").into_bytes(),
        format!("POST /api.php HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef").into_bytes(),
        format!("POST /api.php HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n").into_bytes(),
        format!("GET /api.php HTTP/1.1\r\nHost: {host}\r\nCookie: PHPSESSID=%00\"; PHPSESSID; =\r\nConnection: close\r\n\r\n").into_bytes(),
    ];
    for bytes in &broken {
        // Closing without an answer is an answer to what is no HTTP.
        if let Ok(answer) = app.server.exchange(bytes) {
            assert!(
                answer.status < 500,
                "{}: {}",
                String::from_utf8_lossy(&bytes[..bytes.len().min(80)]),
                answer.status
            );
        }
    }
    // A caller that promises more than it sends, and goes.
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "POST /api.php HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n\r\nCommand=").unwrap();
    drop(stream);
    assert_eq!(app.post("Command=Lists.Get").status, 200);
}
