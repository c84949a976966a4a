//! Requests that are broken, huge, deep or nonsense: each gets a clear answer, nothing changes, and the server lives.

use std::time::{Duration, Instant};

use serde_json::json;

use super::Site;
use super::site::refusal;

/// Every answer is an envelope, never HTML.
fn code_of(answer: &crate::contract::http::Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"), "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("private"));
    (answer.status, refusal(&answer.json().unwrap()))
}

#[test]
fn what_is_no_request_is_refused_at_once() {
    let site = Site::open();
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!("{{\"a\":[{}0]}}", "0,".repeat(600_000));
    let bodies: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"{\"AuthKey\":".to_vec(),
        b"AuthKey=1&Key=2".to_vec(),
        b"{\"a\":\"\xFF\"}".to_vec(),
        b"\xFF\xFE{\x00}\x00".to_vec(),
        "[".repeat(1_000_000).into_bytes(),
        deep.into_bytes(),
        wide.into_bytes(),
        b"<?xml version=\"1.0\"?><a/>".to_vec(),
    ];
    for body in bodies {
        let started = Instant::now();
        let answer = site.post_bytes("/webservices/ofc4/contacts.ashx?method=Merge", &[], &body);
        let shown = String::from_utf8_lossy(&body[..body.len().min(30)]).into_owned();
        assert_eq!(code_of(&answer), (200, "InvalidRequest".to_owned()), "{shown}");
        assert!(started.elapsed() < Duration::from_secs(5), "{shown}");
    }
    site.done("Projects.List", json!({}));
}

#[test]
fn what_is_no_call_has_its_own_status() {
    let site = Site::open();
    let send = |verb: &str, path: &str| site.app.server.send(verb, path, "HTTP/1.1", &[], b"").unwrap();
    for path in [
        "/webservices/ofc4/",
        "/webservices/ofc4/nothing.ashx?method=Get",
        "/webservices/ofc4/contacts.asmx",
        "/webservices/ofc4/contacts.ashx/Get",
    ] {
        assert_eq!(code_of(&send("POST", path)), (404, "UnknownMethod".to_owned()), "{path}");
    }
    for verb in ["GET", "PUT", "DELETE", "PATCH"] {
        let answer = send(verb, "/webservices/ofc4/contacts.ashx?method=Get");
        assert_eq!(code_of(&answer), (405, "InvalidRequest".to_owned()), "{verb}");
        assert_eq!(answer.header("allow"), Some("POST, OPTIONS"));
    }
    for path in [
        "/webservices/ofc4/contacts.ashx",
        "/webservices/ofc4/contacts.ashx?method=",
        "/webservices/ofc4/contacts.ashx?method=Drop",
    ] {
        assert_eq!(code_of(&send("POST", path)), (200, "UnknownMethod".to_owned()), "{path}");
    }
    let large = vec![b' '; 16 * 1024 * 1024 + 1];
    let answer = site.post_bytes("/webservices/ofc4/contacts.ashx?method=Get", &[], &large);
    assert_eq!(code_of(&answer), (413, "InvalidRequest".to_owned()));
}

#[test]
fn numbers_of_requests_grow_and_a_byte_order_mark_does_no_harm() {
    let site = Site::open();
    let body = json!({ "AuthKey": { "idKey": site.key.0, "Key": site.key.1 } }).to_string();
    let marked = [b"\xEF\xBB\xBF".as_slice(), body.as_bytes()].concat();
    let mut last = 0;
    for _ in 0..5 {
        let answer = site.post_bytes("/webservices/ofc4/projects.ashx?method=List", &[], &marked).json().unwrap();
        assert_eq!(answer["Success"], json!(true));
        let number = answer["idRequest"].as_i64().unwrap();
        assert!(number > last);
        last = number;
    }
    assert!(site.app.count("SELECT last_number AS n FROM number_ranges") >= last, "a restart begins behind them");
}

#[test]
fn nonsense_in_members_is_named_and_changes_nothing() {
    let site = Site::open();
    for (method, body) in [
        ("Contacts.Merge", json!({})),
        ("Contacts.Merge", json!({ "Records": [] })),
        ("Contacts.Merge", json!({ "Records": "x" })),
        ("Contacts.Merge", json!({ "Records": [{}] })),
        ("Contacts.Merge", json!({ "Records": [[{ "ID": {} }]] })),
        ("Contacts.Merge", json!({ "Records": [{ "ID": "x" }] })),
        ("Contacts.Merge", json!({ "Records": vec![json!({ "ID": {} }); 1_001] })),
        ("Contacts.Merge", json!({ "Records": [{ "ID": {} }], "MergeOptions": [1] })),
        ("Contacts.Merge", json!({ "idProject": "abc", "Records": [{ "ID": {} }] })),
        ("Contacts.Get", json!({ "idProject": 1e300, "Clause": {} })),
        ("RelationalTables.Merge", json!({ "idTable": {}, "Records": [{ "ID": {} }] })),
    ] {
        let code = site.refused(method, body.clone());
        assert!(matches!(code.as_str(), "MissingParameter" | "InvalidParameter"), "{method} {body}: {code}");
    }
    assert_eq!(site.app.count("SELECT count(*) AS n FROM subscribers"), 0);
    let answer = site.call("Contacts.Merge", json!({ "Records": [{ "ID": { "key_f_EMail": "a@example.com" } }, 7] }));
    assert_eq!(answer["ErrorMessage"], json!("Records[1] must be an object"));
    assert_eq!(site.app.count("SELECT count(*) AS n FROM subscribers"), 0);
    let long = "x".repeat(100_000);
    let row = site.merge(json!({ "key_f_EMail": "a@example.com" }), json!({ "f_City": long }), json!({}));
    assert_eq!(row["ValidationResult"], json!("InvalidValue"));
    let injected = site.merge(json!({ "key_f_EMail": "a'; DROP TABLE lists;--@x" }), json!({}), json!({}));
    assert_eq!(injected["ValidationResult"], json!("InvalidEMail"));
}
