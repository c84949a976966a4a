//! Webhooks, called for real: what is told of changes made on any wire, the signature, and the repeat after a failure.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};
use understudy::domain::webhooks::{self, Event, Made, NewWebhook};
use understudy::model::ids::ListId;

use super::Site;

/// What a receiver got: the signature header and the body.
struct Got {
    signature: String,
    body: Vec<u8>,
}

impl Got {
    /// The one item of the body, its mark and list checked.
    fn item(&self) -> Value {
        let text = self.body.strip_prefix(b"\xEF\xBB\xBF").expect("a byte-order mark");
        let list: Value = serde_json::from_slice(text).unwrap();
        assert_eq!(list.as_array().map(Vec::len), Some(1));
        list[0].clone()
    }
}

/// A receiver that answers with these status lines in turn.
fn receiver(answers: &'static [&'static str]) -> (String, mpsc::Receiver<Got>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/told", listener.local_addr().unwrap());
    let (sender, got) = mpsc::channel();
    std::thread::spawn(move || {
        for status in answers {
            let (mut socket, _) = listener.accept().unwrap();
            let one = read(&mut socket);
            write!(socket, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
            if sender.send(one).is_err() {
                return;
            }
        }
    });
    (url, got)
}

fn read(socket: &mut TcpStream) -> Got {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = seen.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&seen[..end]).into_owned();
            let header = |name: &str| {
                head.lines()
                    .filter_map(|line| line.split_once(": "))
                    .find(|(key, _)| key.eq_ignore_ascii_case(name))
                    .map(|(_, value)| value.to_owned())
            };
            let length: usize = header("content-length").and_then(|length| length.parse().ok()).unwrap();
            if seen.len() >= end + 4 + length {
                assert!(head.starts_with("POST /told "), "{head}");
                return Got { signature: header("x-ofsys-signature").unwrap(), body: seen[end + 4..].to_vec() };
            }
        }
        let n = socket.read(&mut buffer).unwrap();
        assert_ne!(n, 0, "the call ended early");
        seen.extend_from_slice(&buffer[..n]);
    }
}

fn webhook(site: &Site, url: &str, events: &[Event]) -> Made {
    let (account, list) = (site.account, site.project);
    let new = NewWebhook { list, url: url.to_owned(), events: events.to_vec() };
    site.app.write(move |cx| webhooks::create(cx, account, &new).unwrap())
}

fn next(got: &mpsc::Receiver<Got>) -> Got {
    got.recv_timeout(Duration::from_secs(15)).expect("the webhook is called")
}

/// The items of this many calls, by type: calls may overtake each other.
fn take(got: &mpsc::Receiver<Got>, n: usize) -> Vec<Value> {
    let mut items: Vec<Value> = (0..n).map(|_| next(got).item()).collect();
    items.sort_by_key(|item| format!("{} {}", item["type"], item["OptinField"]));
    items
}

#[test]
fn changes_of_contacts_are_told_with_their_data_and_a_signature() {
    let site = Site::open();
    let (url, got) = receiver(&["200 OK"; 8]);
    let made = webhook(&site, &url, &[]);
    let number = site.contact("ann@example.com", json!({ "f_City": "Oslo", "f_Age": 41 }));
    let first = next(&got);
    let (seconds, hex) = first.signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    assert_eq!(hex, webhooks::signature(&made.secret, seconds.parse().unwrap(), &first.body));
    let mut items = [first.item(), next(&got).item()];
    items.sort_by_key(|item| item["type"].to_string());
    let names: Vec<&String> = items[0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["type", "EventUniqueID", "dtExecution", "idCompany", "idProject", "ContactID", "ContactData"]);
    assert_eq!((&items[0]["type"], &items[1]["type"]), (&json!("contact_created"), &json!("contact_optin")));
    assert_eq!(items[0]["ContactID"], json!({ "idContact": number, "f_EMail": "ann@example.com" }));
    assert_eq!((&items[0]["ContactData"]["f_City"], &items[0]["ContactData"]["f_Age"]), (&json!("Oslo"), &json!(41)));
    assert_eq!((&items[0]["idProject"], &items[0]["idCompany"]), (&json!(site.project.0), &json!(site.account.0)));
    assert_ne!(items[0]["EventUniqueID"], items[1]["EventUniqueID"]);

    site.merge(
        json!({ "idContact": number }),
        json!({ "optin_News": 1, "dtOptin_News": "2026.01.31 10:00:00" }),
        Value::Null,
    );
    let items: Vec<Value> =
        std::iter::from_fn(|| got.recv_timeout(Duration::from_secs(3)).ok()).map(|got| got.item()).collect();
    let opt_in = items.iter().find(|item| item["OptinField"] == json!("optin_News")).expect("the opt-in is told");
    assert_eq!((&opt_in["type"], &opt_in["OptinDate"]), (&json!("contact_optin"), &json!("2026.01.31 10:00:00")));
    site.app.settle();
}

#[test]
fn changes_made_by_the_other_wire_are_told_too() {
    let site = Site::open();
    let (url, got) = receiver(&["200 OK"; 5]);
    webhook(&site, &url, &[]);
    let (list, session) = (site.project.0, &site.owner.session);
    let done = |form: String| assert_eq!(site.app.json(&form)["Success"], json!(true), "{form}");
    done(format!("Command=Subscriber.Subscribe&ListID={list}&EmailAddress=bob%40example.com&IPAddress=192.0.2.1"));
    let items = take(&got, 2);
    assert_eq!((&items[0]["type"], &items[1]["type"]), (&json!("contact_created"), &json!("contact_optin")));
    assert_eq!(items[0]["ContactID"]["f_EMail"], json!("bob@example.com"));
    let number = items[0]["ContactID"]["idContact"].as_i64().unwrap();
    done(format!(
        "Command=Subscriber.Update&SessionID={session}&SubscriberListID={list}&SubscriberID={number}&EmailAddress=rob%40example.com"
    ));
    let item = next(&got).item();
    assert_eq!(
        (&item["type"], &item["ContactData"]["f_EMail"]),
        (&json!("contact_modified"), &json!("rob@example.com"))
    );
    done(format!("Command=Subscriber.Unsubscribe&ListID={list}&EmailAddress=rob%40example.com&IPAddress=192.0.2.1"));
    let item = next(&got).item();
    assert_eq!((&item["type"], &item["ContactData"]["isActive"]), (&json!("contact_optout"), &json!(false)));
    assert!(item.get("OptinField").is_none());
    site.app.settle();
}

#[test]
fn a_failed_call_is_repeated_as_the_same_event_and_unwanted_events_are_not_told() {
    let site = Site::open();
    let (url, got) = receiver(&["404 Not Found", "200 OK"]);
    webhook(&site, &url, &[Event::Created]);
    site.contact("ann@example.com", json!({}));
    let first = next(&got).item();
    // The pause before the repeat is a matter of half a minute: it is cut short.
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while site.app.count("SELECT count(*) AS n FROM jobs WHERE kind = 6 AND state = 1 AND n_tries = 1") == 0 {
        assert!(std::time::Instant::now() < deadline, "the call was not put back");
        std::thread::yield_now();
    }
    site.app.execute("UPDATE jobs SET due_at = 0 WHERE kind = 6 AND state = 1");
    let second = next(&got).item();
    assert_eq!(first["EventUniqueID"], second["EventUniqueID"]);
    assert_eq!(second["type"], json!("contact_created"));
    site.app.settle();
    assert_eq!(site.app.count("SELECT count(*) AS n FROM jobs WHERE kind = 6"), 1);
}

#[test]
fn a_test_says_so_and_a_webhook_that_is_gone_is_not_called() {
    let site = Site::open();
    let (url, got) = receiver(&["204 No Content"]);
    let made = webhook(&site, &url, &[Event::OptedOut]);
    site.app.write(move |cx| webhooks::send_test(cx, made.id, ListId::NONE).unwrap());
    let item = next(&got).item();
    assert_eq!((&item["isTest"], &item["ContactData"]), (&json!(true), &Value::Null));
    assert_eq!(item["ContactID"], json!({ "idContact": 0, "f_EMail": "test@example.com" }));
    site.app.write(move |cx| webhooks::delete(cx, made.id).unwrap());
    site.contact("ann@example.com", json!({}));
    site.app.settle();
    assert_eq!(site.app.count("SELECT count(*) AS n FROM jobs WHERE kind = 6 AND state = 3"), 1);
}
