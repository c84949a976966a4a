//! Complaints: abuse reports (RFC 5965) and the plain forwards of Outlook's junk mail program (ML-9).

use mail_parser::Message;

use super::fields;
use super::mime;

/// Addresses of one report that are read.
const MAX_ADDRESSES: usize = 20;

/// A report about a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// `Feedback-Type`, in lower case.
    pub kind: String,
    /// The envelope sender that the mail had; empty when it is not told or was struck out.
    pub sender: String,
    /// The recipients that are named.
    pub recipients: Vec<String>,
}

impl Report {
    /// Whether anything follows from it. `not-spam` undoes nothing by itself; the others are about our configuration, not the recipient's wish.
    #[must_use]
    pub fn is_complaint(&self) -> bool {
        matches!(self.kind.as_str(), "abuse" | "fraud" | "opt-out" | "opt-out-list")
    }
}

/// Reads the feedback report in a mail; `None` when there is none.
#[must_use]
pub fn read(message: &Message<'_>) -> Option<Report> {
    match message.parts.iter().find(|part| mime::kind(part) == "message/feedback-report") {
        Some(part) => read_report(&mime::text(part)),
        None => forwarded(message),
    }
}

/// Reads the text of a feedback report. Its fields should stand together; some senders leave blank lines between them.
#[must_use]
pub fn read_report(text: &str) -> Option<Report> {
    let groups = fields::groups(text);
    let first = |name: &'static str| groups.iter().find_map(move |group| group.get(name));
    let kind = first("feedback-type")?.split([';', ' ', '(']).next()?.to_ascii_lowercase();
    let named = groups.iter().flat_map(|group| {
        group.all("original-rcpt-to").chain(group.all("removal-recipient")).filter_map(fields::address)
    });
    Some(Report {
        kind,
        sender: first("original-mail-from").and_then(fields::address).unwrap_or_default(),
        recipients: named.take(MAX_ADDRESSES).collect(),
    })
}

/// The complaint that is no report: the mail itself, forwarded whole, with the recipient in a header of Outlook's.
fn forwarded(message: &Message<'_>) -> Option<Report> {
    let inside = mime::messages(message);
    let recipient = inside.iter().find_map(|inner| mime::header(inner, "X-HmXmrOriginalRecipient"))?;
    Some(Report {
        kind: "abuse".to_owned(),
        sender: inside.iter().skip(1).find_map(|inner| mime::header(inner, "Return-Path")).unwrap_or_default(),
        recipients: fields::address(&recipient).into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_in_any_case_and_recipients_may_repeat() {
        let report = read_report(
            "feedback-TYPE: Abuse\r\nUser-Agent: X/1\r\nVersion: 1\r\nOriginal-Mail-From: <b+tok@bounces.example.org>\r\n\
             Original-Rcpt-To: <ann@example.com>\r\nOriginal-Rcpt-To: bob@example.com\r\nOriginal-Rcpt-To: redacted\r\n",
        )
        .expect("a report");
        assert!(report.is_complaint());
        assert_eq!(report.sender, "b+tok@bounces.example.org");
        assert_eq!(report.recipients, ["ann@example.com", "bob@example.com"]);
    }

    #[test]
    fn only_complaints_are_acted_on() {
        for (kind, acts) in [
            ("abuse", true),
            ("fraud", true),
            ("opt-out", true),
            ("not-spam", false),
            ("auth-failure", false),
            ("virus", false),
            ("other", false),
            ("x-new", false),
        ] {
            assert_eq!(
                read_report(&format!("Feedback-Type: {kind}\n")).expect("a report").is_complaint(),
                acts,
                "{kind}"
            );
        }
        assert_eq!(read_report("Version: 1\n"), None);
    }

    #[test]
    fn a_forward_of_outlook_is_a_complaint() {
        let raw = b"From: staff@hotmail.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
            Content-Type: message/rfc822\r\n\r\nX-HmXmrOriginalRecipient: ann@hotmail.example\r\nReturn-Path: <b+t@bounces.example.org>\r\n\r\nHi\r\n--b--\r\n";
        let report = read(&mime::open(raw).expect("a mail")).expect("a complaint");
        assert_eq!(report.recipients, ["ann@hotmail.example"]);
        assert_eq!(report.sender, "b+t@bounces.example.org");
        assert_eq!(read(&mime::open(b"Subject: x\r\n\r\nHi").expect("a mail")), None);
    }
}
