//! Bounces that are no reports: qmail's, Exim's, Yahoo's and old Exchange's texts, read by their layout and by phrases (ML-8.9).

use mail_parser::Message;

use super::{codes, fields, mime, phrases};
use crate::domain::attempts::Fault;
use crate::domain::returned::{Fate, Recipient, Says};

/// Recipients of one text that are read.
const MAX_RECIPIENTS: usize = 20;
/// Senders that only mail servers use.
const SERVERS: [&str; 4] = ["mailer-daemon", "postmaster", "mail-daemon", "maildaemon"];

/// Whether a mail server wrote it: the layout of one, or nobody as its sender. `sender` is the envelope sender, `None` when it is not known.
#[must_use]
pub fn is_server(message: &Message<'_>, sender: Option<&str>) -> bool {
    let local = |address: &str| {
        let address = address.rsplit('<').next().unwrap_or_default().trim().to_ascii_lowercase();
        SERVERS.iter().any(|name| address.split('@').next() == Some(*name))
    };
    let is_null = sender.is_some_and(|sender| matches!(sender.trim(), "" | "<>"));
    is_null
        || has_layout(message)
        || mime::header(message, "Return-Path").is_some_and(|path| path == "<>")
        || mime::header(message, "From").is_some_and(|from| local(&from))
}

/// Whether it looks like a server's text whatever its headers say: Exim marks its bounces as automatic answers, as answering machines do.
#[must_use]
pub fn has_layout(message: &Message<'_>) -> bool {
    mime::header(message, "X-Failed-Recipients").is_some()
        || mime::first_text(message).trim_start().starts_with("Hi. This is the qmail-send program")
}

/// Reads a server's text.
#[must_use]
pub fn read(message: &Message<'_>) -> Says {
    let text = mime::first_text(message);
    let subject = mime::header(message, "Subject").unwrap_or_default();
    let said = phrases::before_copy(&text);
    let diagnostic = fields::cut(said.trim(), super::dsn::MAX_DIAGNOSTIC_BYTES).to_owned();
    let addresses = addresses(message, said);
    if phrases::is_delay(said) || phrases::is_delay(&subject) {
        return Says::Report(vec![Recipient { addresses, fate: Fate::Open, code: String::new(), diagnostic }]);
    }
    let code = codes::find(said);
    match codes::known_fault(code, said) {
        Some(fault) => Says::Report(each(addresses, fault, &code.shown(), &diagnostic)),
        None => Says::Unclear { diagnostic },
    }
}

fn each(addresses: Vec<String>, fault: Fault, code: &str, diagnostic: &str) -> Vec<Recipient> {
    let one = |addresses| Recipient {
        addresses,
        fate: Fate::Failed(fault),
        code: code.to_owned(),
        diagnostic: diagnostic.to_owned(),
    };
    if addresses.is_empty() {
        return vec![one(Vec::new())];
    }
    addresses.into_iter().map(|address| one(vec![address])).collect()
}

/// The failed recipients: Exim's header, else lines that are an address with a colon or alone, as qmail and the others write them.
fn addresses(message: &Message<'_>, said: &str) -> Vec<String> {
    let of_header = mime::headers(message, "X-Failed-Recipients");
    let mut found: Vec<String> =
        of_header.iter().flat_map(|value| value.split(',')).filter_map(fields::address).collect();
    if found.is_empty() {
        found = said.lines().filter_map(|line| fields::address(line.trim().trim_end_matches(':'))).collect();
    }
    found.truncate(MAX_RECIPIENTS);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Says {
        read(&mime::open(format!("From: MAILER-DAEMON@mx.example\r\n\r\n{text}").as_bytes()).expect("a mail"))
    }

    #[test]
    fn servers_are_known_by_sender_or_layout() {
        for (headers, sender, expected) in [
            ("From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example>", None, true),
            ("From: postmaster@mx.example", None, true),
            ("From: ann@example.com", Some("<>"), true),
            ("From: ann@example.com\r\nReturn-Path: <>", None, true),
            ("From: ann@example.com\r\nX-Failed-Recipients: bob@example.com", None, true),
            ("From: ann@example.com", Some("ann@example.com"), false),
            ("From: ann@example.com", None, false),
        ] {
            let raw = format!("{headers}\r\n\r\nHi\r\n");
            assert_eq!(is_server(&mime::open(raw.as_bytes()).expect("a mail"), sender), expected, "{headers}");
        }
    }

    #[test]
    fn the_copy_of_our_mail_says_nothing_about_why() {
        let says = read_text(
            "Could not deliver.\n\n--- Below this line is a copy of the message.\n\nSubject: user unknown 550 5.1.1\n",
        );
        assert!(matches!(says, Says::Unclear { .. }), "{says:?}");
    }

    #[test]
    fn warnings_are_no_failures() {
        let says =
            read_text("The mail to bob@example.com has not yet been delivered; mailbox full. We will keep trying.\n");
        let Says::Report(report) = says else { panic!("{says:?}") };
        assert_eq!(report[0].fate, Fate::Open);
    }
}
