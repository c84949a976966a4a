//! Returned mails in the shapes that servers write them, and in those that would hurt.

use std::time::{Duration, Instant};

use super::*;
use crate::domain::attempts::Fault;
use crate::domain::envelope_senders::token;
use crate::domain::returned::{Fate, Recipient};
use crate::model::ids::RecipientId;

const KEYS: Keys<'_> = Keys { secret: "secret", domain: "bounces.example.org" };
const POSTED: Posted = Posted::Recipient(RecipientId(4711));

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/fixtures/returns/", $name, ".eml"))
    };
}

/// A fixture as it comes over the wire, with the token that stands in it.
fn mail(fixture: &str, token: &str) -> String {
    fixture.replace("TOKEN", token).replace('\n', "\r\n")
}

fn read_raw(raw: &[u8]) -> Returned {
    read(KEYS, Arrived { recipients: &[], sender: None, raw })
}

fn read_mail(fixture: &str) -> Returned {
    read_raw(mail(fixture, &token(KEYS.secret, POSTED)).as_bytes())
}

/// The fate, code and addresses of each recipient.
fn report(fixture: &str) -> Vec<Recipient> {
    let returned = read_mail(fixture);
    assert_eq!(returned.posted, Some(POSTED));
    match returned.says {
        Says::Report(report) => report,
        other => panic!("{other:?}"),
    }
}

#[test]
fn bounces_of_the_usual_servers_are_read() {
    let cases = [
        ("postfix", fixture!("postfix"), Fault::Address, "5.1.1", "ann@example.com"),
        ("exim", fixture!("exim"), Fault::Address, "550", "ann@example.com"),
        ("exchange", fixture!("exchange"), Fault::Address, "5.1.10", "ann@corp.example"),
        ("gmail", fixture!("gmail"), Fault::Mailbox, "4.2.2", "ann@gmail.example"),
        ("yahoo", fixture!("yahoo"), Fault::Address, "554", "ann@yahoo.example"),
        ("qmail", fixture!("qmail"), Fault::Address, "5.1.1", "ann@example.com"),
        ("global", fixture!("global"), Fault::Address, "5.1.1", "jürgen@example.com"),
    ];
    for (name, fixture, fault, code, address) in cases {
        let report = report(fixture);
        assert_eq!(report.len(), 1, "{name}: {report:?}");
        assert_eq!((report[0].fate, report[0].code.as_str()), (Fate::Failed(fault), code), "{name}: {report:?}");
        assert_eq!(report[0].addresses, [address], "{name}");
    }
    let old = report(fixture!("old_exchange"));
    assert_eq!(old[0].fate, Fate::Failed(Fault::Address));
}

#[test]
fn a_delay_is_no_bounce() {
    for fixture in [fixture!("delayed"), fixture!("exim_delayed")] {
        assert!(report(fixture).iter().all(|one| one.fate == Fate::Open));
    }
}

#[test]
fn two_recipients_in_one_report_are_told_apart() {
    let report = report(fixture!("two_recipients"));
    assert_eq!(report[0].fate, Fate::Delivered);
    assert_eq!(report[1].fate, Fate::Failed(Fault::Mailbox));
    assert_eq!(report[1].addresses, ["ann@example.com", "carl@inside.example"]);
}

#[test]
fn a_complaint_without_addresses_is_about_the_mail_in_it() {
    let returned = read_mail(fixture!("arf_redacted"));
    assert_eq!(returned.posted, Some(POSTED));
    assert!(matches!(returned.says, Says::Complained { ref kind, .. } if kind == "abuse"), "{returned:?}");
    let other = read_raw(mail(fixture!("arf_redacted"), "x").replace("Type: abuse", "Type: not-spam").as_bytes());
    assert_eq!(other.says, Says::Nothing(Nothing::Feedback));
}

#[test]
fn answering_machines_and_people_are_no_bounces() {
    assert_eq!(read_mail(fixture!("vacation")).says, Says::Nothing(Nothing::AutoReply));
    let person = read_raw(b"From: ann@example.com\r\nSubject: Re: News\r\n\r\nuser unknown? Who is that?\r\n");
    assert_eq!(person.says, Says::Nothing(Nothing::Person));
}

#[test]
fn unknown_words_of_a_server_are_unclear() {
    let returned = read_mail(fixture!("unknown_words"));
    assert_eq!(returned.posted, Some(POSTED));
    assert!(matches!(returned.says, Says::Unclear { ref diagnostic } if diagnostic.contains("Leider")), "{returned:?}");
}

#[test]
fn a_forged_bounce_is_about_nobody() {
    let forged = token("guessed", POSTED);
    for fixture in [fixture!("postfix"), fixture!("qmail"), fixture!("arf_redacted")] {
        assert_eq!(read_raw(mail(fixture, &forged).as_bytes()).posted, None);
    }
}

#[test]
fn the_envelope_recipient_goes_before_what_the_mail_says() {
    let other = Posted::Recipient(RecipientId(1));
    let recipients = [format!("prvs=123=B={}@Bounces.example.org", token(KEYS.secret, other).to_uppercase())];
    let raw = mail(fixture!("postfix"), &token(KEYS.secret, POSTED));
    let arrived = Arrived { recipients: &recipients, sender: Some(""), raw: raw.as_bytes() };
    assert_eq!(read(KEYS, arrived).posted, Some(other));
}

#[test]
fn any_mail_to_the_unsubscribe_address_counts() {
    let recipients = [format!("unsubscribe+{}@bounces.example.org", token(KEYS.secret, POSTED))];
    let arrived = Arrived { recipients: &recipients, sender: Some("else@example.com"), raw: b"Subject: x\r\n\r\n" };
    assert_eq!(read(KEYS, arrived), Returned { posted: Some(POSTED), says: Says::Leaves });
}

#[test]
fn our_own_mail_that_comes_round_is_a_loop() {
    let token = token(KEYS.secret, POSTED);
    let own =
        format!("From: postmaster@example.org\r\nX-Mailing-Ref: {token}\r\nSubject: News\r\n\r\nuser unknown\r\n");
    assert_eq!(read_raw(own.as_bytes()).says, Says::Nothing(Nothing::Loop));
    let circling = "Received: from a by b; x\r\n".repeat(60) + "From: postmaster@b.example\r\n\r\nuser unknown\r\n";
    assert_eq!(read_raw(circling.as_bytes()).says, Says::Nothing(Nothing::Loop));
}

#[test]
fn huge_and_broken_mails_end_quickly() {
    let postfix = mail(fixture!("postfix"), &token(KEYS.secret, POSTED));
    let huge = format!("{postfix}{}", "x".repeat(10 * 1024 * 1024));
    let deep = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(100_000);
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(100_000);
    let reports = "Content-Type: multipart/report; boundary=b\r\n\r\n".to_owned()
        + &"--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\n".repeat(100_000);
    let headers = "X-Mailing-Ref: abc\r\n".repeat(500_000);
    let line = "Subject: ".to_owned() + &"=?utf-8?q?=41?= ".repeat(500_000);
    // A boundary that follows headers without a blank line between, found by fuzzing.
    let torn = "Content-Type:multipart;boundary=f1\n\n--f1Content-Type:message/rfc822\n\nContent-Type:message/rfc822\n\n\n--f1--\n";
    let started = Instant::now();
    assert_eq!(read_raw(huge.as_bytes()).posted, Some(POSTED));
    for raw in [
        deep.as_bytes(),
        nested.as_bytes(),
        reports.as_bytes(),
        headers.as_bytes(),
        line.as_bytes(),
        torn.as_bytes(),
        b"",
        b"\0\xff\r\n--",
        b"\n\n\n",
    ] {
        let _ = read_raw(raw);
    }
    for end in (0..postfix.len()).step_by(37) {
        let _ = read_raw(&postfix.as_bytes()[..end]);
    }
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}
