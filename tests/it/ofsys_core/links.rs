//! Activation and operational links, from the mail to the changed contact.

use std::io::{Read, Write};
use std::net::TcpStream;

use regex::Regex;
use understudy::domain::contacts::merge::{MergeOptions, Record, merge, pair};
use understudy::domain::cx::Ctx;
use understudy::domain::messages::versions::{self, Body, Draft, DraftVersion, HTML, PLAIN};
use understudy::domain::sendings::{self, Single, To};
use understudy::domain::{administration, operational_links, projects};
use understudy::model::ids::{ListId, MessageId, SubscriberNumber};

use crate::contract::http::Answer;
use crate::support::{TestAccount, TestApp};

/// A project with one inactive contact, a message with both links, and an operational link that sends a second message.
fn set_up(app: &TestApp, account: &TestAccount) -> ListId {
    let login = account.username.clone();
    app.write(move |cx| {
        administration::act_as(cx, &login).unwrap();
        let new = projects::NewProject { name: "Shop".to_owned(), ..Default::default() };
        let project = projects::create(cx, &new).unwrap();
        projects::add_opt_in(cx, project, "News", &Default::default(), 0).unwrap();
        let record = Record { id: vec![pair("key_f_EMail", "a@example.com")], data: vec![pair("isActive", "false")] };
        merge(cx, project, &[record], &MergeOptions::default()).unwrap();
        let welcome = message(cx, project, "Welcome", "Welcome!");
        let draft = operational_links::Draft {
            name: "verify".to_owned(),
            url: "https://shop.example/thanks?from=mail".to_owned(),
            message: Some(welcome),
            changes: vec![("isActive".to_owned(), "1".to_owned()), ("optin_News".to_owned(), "1".to_owned())],
        };
        let link = operational_links::create(cx, project, &draft).unwrap();
        let text = format!("[[=Message.ActivationLink();]] [[=Message.OpLink({link});]]");
        let confirm = message(cx, project, "Confirm", &text);
        send(cx, project, confirm);
        project
    })
}

fn message(cx: &mut Ctx<'_>, project: ListId, subject: &str, text: &str) -> MessageId {
    let bodies = [(PLAIN, text.to_owned()), (HTML, format!("<p>{text}</p>"))];
    let version = DraftVersion {
        sender_email: "shop@example.org".to_owned(),
        subject: subject.to_owned(),
        bodies: bodies.map(|(mime_type, content)| Body { mime_type: mime_type.to_owned(), content }).to_vec(),
        ..DraftVersion::default()
    };
    let draft = Draft { name: subject.to_owned(), versions: vec![version], ..Draft::default() };
    versions::create(cx, project, &draft).unwrap()
}

fn send(cx: &mut Ctx<'_>, project: ListId, message: MessageId) {
    let to = To::Contact(SubscriberNumber(1));
    let single = Single { project, message, version: None, to, parameters: Vec::new() };
    sendings::send_single(cx, &single).unwrap();
}

/// The paths of the activation and of the operational link in the mail.
fn links(app: &mut TestApp) -> (String, String) {
    let mails = app.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].is_to("a@example.com"), "{}", mails[0].header("to"));
    let base = regex::escape(&app.server.base_url());
    let find = |path: &str| {
        let pattern = Regex::new(&format!("{base}({path}[^\\s\"<>]+)")).unwrap();
        pattern.captures(&mails[0].text).unwrap_or_else(|| panic!("no {path} in {}", mails[0].text))[1].to_owned()
    };
    (find("/activate/"), find("/oplink/"))
}

fn get(app: &TestApp, path: &str) -> Answer {
    app.server.send("GET", path, "HTTP/1.1", &[], b"").unwrap()
}

/// The status of a HEAD request, which has no body to wait for.
fn head(app: &TestApp, path: &str) -> u16 {
    let mut stream = TcpStream::connect(&app.server.authority).unwrap();
    write!(stream, "HEAD {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

fn is_active(app: &TestApp) -> bool {
    app.count("SELECT count(*) AS n FROM subscribers WHERE status = 2") == 1
}

#[test]
fn the_activation_link_activates_by_its_button_and_a_second_visit_is_harmless() {
    let mut app = TestApp::start();
    let account = app.account("");
    set_up(&app, &account);
    let (activation, _) = links(&mut app);
    for _ in 0..2 {
        let page = get(&app, &activation);
        assert_eq!((page.status, head(&app, &activation)), (200, 200));
        assert!(page.text().contains("a@example.com") && page.text().contains("<button"), "{}", page.text());
        assert!(!is_active(&app), "looking changes nothing");
    }
    assert_eq!(app.server.send("PUT", &activation, "HTTP/1.1", &[], b"").unwrap().status, 405);
    assert_eq!(app.server.post(&activation, "").unwrap().status, 200);
    assert!(is_active(&app));
    assert_eq!(app.server.post(&activation, "").unwrap().status, 200);
    assert!(get(&app, &activation).text().contains("You are registered"));
    assert_eq!(app.count("SELECT count(*) AS n FROM consent_log WHERE event = 3"), 1, "confirmed once");
}

#[test]
fn a_wrong_token_is_not_found_and_changes_nothing() {
    let mut app = TestApp::start();
    let account = app.account("");
    set_up(&app, &account);
    let (activation, oplink) = links(&mut app);
    let token = activation.rsplit('/').next().unwrap().to_owned();
    let swapped = format!("{}/{token}", oplink.rsplit_once('/').unwrap().0);
    let other_contact = activation.replace("/1/", "/2/");
    let flipped =
        format!("{}{}", &activation[..activation.len() - 1], if activation.ends_with('0') { '1' } else { '0' });
    for path in [
        swapped,
        other_contact,
        flipped,
        activation.replace(&token, "x"),
        "/activate/99999999999999999999/1/x".to_owned(),
    ] {
        assert_eq!(get(&app, &path).status, 404, "{path}");
        assert_eq!(app.server.post(&path, "").unwrap().status, 404, "{path}");
    }
    assert!(!is_active(&app));
}

#[test]
fn an_operational_link_sets_sends_and_redirects() {
    let mut app = TestApp::start();
    let account = app.account("");
    set_up(&app, &account);
    let (_, oplink) = links(&mut app);
    assert!(get(&app, &oplink).text().contains("<button"));
    assert!(!is_active(&app));
    app.expect_no_mails();
    for n_mails in [1, 0] {
        let answer = app.server.post(&oplink, "").unwrap();
        assert_eq!((answer.status, answer.header("location")), (302, Some("https://shop.example/thanks?from=mail")));
        let subjects: Vec<String> = app.mails().iter().map(|mail| mail.header("subject").to_owned()).collect();
        assert_eq!(subjects, vec!["Welcome"; n_mails], "the second message goes once");
    }
    assert!(is_active(&app));
    assert_eq!(app.count("SELECT count(*) AS n FROM contact_opt_ins WHERE is_given"), 1);
}

#[test]
fn with_links_that_act_by_a_visit_opening_one_is_enough_but_head_is_not() {
    let mut app = TestApp::start_with(|settings| settings.ofsys.links = "visit".to_owned());
    let account = app.account("");
    set_up(&app, &account);
    let (activation, oplink) = links(&mut app);
    assert_eq!(head(&app, &activation), 200);
    assert!(!is_active(&app));
    assert_eq!(get(&app, &activation).status, 200);
    assert!(is_active(&app));
    assert_eq!(get(&app, &oplink).status, 302);
    assert_eq!(app.mails().len(), 1);
}

#[test]
fn links_of_a_deleted_project_or_a_switched_off_dialect_lead_nowhere() {
    let mut app = TestApp::start();
    let account = app.account("");
    let project = set_up(&app, &account);
    let (activation, oplink) = links(&mut app);
    let deleted = app.json(&format!("Command=Lists.Delete&SessionID={}&Lists={project}", account.session));
    assert_eq!(deleted["Success"], true, "{deleted}");
    for path in [&activation, &oplink] {
        assert_eq!((get(&app, path).status, app.server.post(path, "").unwrap().status), (404, 404));
    }
    let off = TestApp::start_with(|settings| settings.ofsys.enabled = false);
    assert_eq!(get(&off, &activation).status, 404);
}

#[test]
fn other_wires_see_the_same_contact() {
    let mut app = TestApp::start();
    let account = app.account("");
    let project = set_up(&app, &account);
    links(&mut app);
    let call =
        format!("Command=Subscriber.Get&SessionID={}&ListID={project}&EmailAddress=a@example.com", account.session);
    let shown = app.json(&call);
    assert_eq!(shown["SubscriberInformation"]["SubscriberID"], "1", "{shown}");
    assert_eq!(shown["SubscriberInformation"]["SubscriptionStatus"], "Opt-In Pending");
}
