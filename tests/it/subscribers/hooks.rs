//! List hooks, called for real: what is told, again after a failure, and the owner's notice when it is given up.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::Desk;

/// A web service that answers with these status lines in turn and hands on the bodies it got.
fn web_service(answers: &'static [&'static str]) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, bodies) = mpsc::channel();
    std::thread::spawn(move || {
        for status in answers {
            let (mut socket, _) = listener.accept().unwrap();
            let body = body_of(&mut socket);
            write!(socket, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
            if sender.send(body).is_err() {
                return;
            }
        }
    });
    (url, bodies)
}

fn body_of(socket: &mut TcpStream) -> String {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&seen).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                let pairs = url::form_urlencoded::parse(body.as_bytes());
                return pairs.map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join("\n");
            }
        }
        let n = socket.read(&mut buffer).unwrap();
        assert_ne!(n, 0, "the call ended early: {text}");
        seen.extend_from_slice(&buffer[..n]);
    }
}

fn add(desk: &Desk, list: i64, event: &str, url: &str) {
    desk.done("ListIntegration.AddURL", &format!("SubscriberListID={list}&Event={event}&URL={url}"));
}

fn next(bodies: &mpsc::Receiver<String>) -> String {
    bodies.recv_timeout(Duration::from_secs(15)).expect("the hook is called")
}

#[test]
fn hooks_are_told_of_the_events_they_asked_for() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    let field = desk.field(list, "");
    let (joined, tell_joined) = web_service(&["200 OK", "204 No Content"]);
    let (left, tell_left) = web_service(&["200 OK"]);
    add(&desk, list, "subscription", &joined);
    add(&desk, list, "unsubscription", &left);
    desk.join(list, "a@example.com", &format!("CustomField{field}=x%26%3Cy"));
    let body = next(&tell_joined);
    assert!(
        body.starts_with("WebServiceData: <?xml") && body.contains("a@example.com") && body.contains("x&amp;&lt;y"),
        "{body}"
    );
    desk.leave(list, "a@example.com", "");
    assert!(next(&tell_left).contains("a@example.com"));
    desk.join(list, "a@example.com", "");
    next(&tell_joined);
    desk.app.settle();
    assert_eq!(desk.n_rows("jobs WHERE state = 3 AND kind = 1"), 3);
}

#[test]
fn a_hook_is_called_again_after_the_service_failed() {
    let desk = Desk::open_with("", |settings| settings.outgoing.max_tries = 100_000);
    let list = desk.list("L", "");
    let (url, bodies) = web_service(&["500 Broken", "200 OK"]);
    add(&desk, list, "subscription", &url);
    desk.join(list, "a@example.com", "");
    let first = next(&bodies);
    // The next try is some pause away; bring it forward until the host has had its rest.
    let started = Instant::now();
    let second = loop {
        desk.app.execute("UPDATE jobs SET due_at = 0 WHERE state = 1");
        if let Ok(body) = bodies.recv_timeout(Duration::from_millis(250)) {
            break body;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "the hook is not called again");
    };
    assert_eq!(first, second);
    desk.app.settle();
    assert_eq!(desk.n_rows("jobs WHERE state = 3 AND kind = 1"), 1);
}

#[test]
fn the_owner_hears_of_a_hook_that_is_given_up() {
    let mut desk = Desk::open_with("", |settings| settings.outgoing.max_tries = 1);
    let list = desk.list("L", "SendServiceIntegrationFailedNotification=true");
    let (url, bodies) = web_service(&["500 Broken"]);
    add(&desk, list, "subscription", &url);
    desk.join(list, "a@example.com", "");
    next(&bodies);
    let mails = desk.app.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].is_to(&format!("{}@example.com", desk.account.username)), "{}", mails[0].header("to"));
    assert!(mails[0].text.contains(&url) && mails[0].text.contains("500"), "{}", mails[0].text);
    assert_eq!(desk.n_rows("jobs WHERE state = 4 AND kind = 1"), 1);
    assert_eq!(desk.status(list, "a@example.com"), "Subscribed");
}

#[test]
fn hooks_hear_of_confirmation_not_of_the_request_and_of_triggered_changes() {
    let mut desk = Desk::open();
    let list = desk.done("List.Create", "SubscriberListName=D&OptInMode=Double")["ListID"].as_i64().unwrap();
    let (url, bodies) = web_service(&["200 OK", "200 OK", "200 OK"]);
    add(&desk, list, "subscription", &url);
    add(&desk, list, "unsubscription", &url);
    let number = desk.join(list, "a@example.com", "");
    desk.app.mails();
    assert_eq!(desk.n_rows("jobs"), 0, "nothing counts yet");
    desk.done("Subscriber.OptIn", &format!("ListID={list}&SubscriberID={number}&Mode=Confirm"));
    next(&bodies);
    let update = |params: &str| {
        desk.done("Subscriber.Update", &format!("SubscriberListID={list}&SubscriberID={number}&{params}"))
    };
    update("SubscriptionStatus=Unsubscribed");
    assert_eq!(desk.n_rows("jobs"), 1);
    update("SubscriptionStatus=Subscribed&TriggerEvents=true");
    next(&bodies);
    update("SubscriptionStatus=Unsubscribed&TriggerEvents=true");
    next(&bodies);
    desk.app.settle();
    assert_eq!(desk.n_rows("jobs WHERE kind = 1"), 3);
}
