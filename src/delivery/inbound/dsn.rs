//! Delivery status notifications (RFC 3464, RFC 6522, RFC 6533): what a report says of each recipient (ML-8.4 to ML-8.7).

use mail_parser::Message;

use super::codes::{self, Code};
use super::fields::{self, Group};
use super::mime;
use crate::domain::returned::{Fate, Recipient};

/// What is kept of a server's words, in bytes.
pub const MAX_DIAGNOSTIC_BYTES: usize = 500;
/// Recipients of one report that are read.
const MAX_RECIPIENTS: usize = 50;

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What the sender named the mail (`ENVID`, RFC 3461 4.4); empty for nothing.
    pub envelope_id: String,
    /// Its recipients, in their order.
    pub recipients: Vec<Recipient>,
}

/// Reads the delivery status in a mail; `None` when it has none that names a recipient's fate.
#[must_use]
pub fn read(message: &Message<'_>) -> Option<Report> {
    let part = message.parts.iter().find(|part| {
        matches!(mime::kind(part).as_str(), "message/delivery-status" | "message/global-delivery-status")
    })?;
    read_status(&mime::text(part))
}

/// Reads the text of a delivery status.
#[must_use]
pub fn read_status(text: &str) -> Option<Report> {
    let groups = fields::groups(text);
    // Some servers leave the blank line out that parts the fields of the message from those of its first recipient.
    let is_recipient = |group: &&Group| group.get("action").is_some() || group.get("final-recipient").is_some();
    let recipients: Vec<Recipient> = groups.iter().filter(is_recipient).take(MAX_RECIPIENTS).map(recipient).collect();
    let envelope_id = groups.iter().find_map(|group| group.get("original-envelope-id")).unwrap_or_default();
    (!recipients.is_empty()).then(|| Report { envelope_id: envelope_id.to_owned(), recipients })
}

fn recipient(group: &Group) -> Recipient {
    let diagnostic = group.get("diagnostic-code").map(fields::behind_type).unwrap_or_default();
    // A comment may stand behind a status: `5.1.1 (bad destination mailbox address)`.
    let status = group.get("status").and_then(|status| codes::enhanced(status.split([' ', '(']).next()?));
    let code = codes::telling(status, diagnostic);
    Recipient {
        addresses: addresses(group),
        fate: fate(group.get("action").unwrap_or_default(), code, diagnostic),
        code: code.shown(),
        diagnostic: fields::cut(diagnostic, MAX_DIAGNOSTIC_BYTES).to_owned(),
    }
}

/// The original address before the final one, each in the forms it may have been written in.
fn addresses(group: &Group) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in ["original-recipient", "x-actual-recipient", "final-recipient"] {
        let Some(address) = group.get(name).and_then(fields::address) else { continue };
        for form in [fields::xtext(&address), address] {
            if !found.contains(&form) {
                found.push(form);
            }
        }
    }
    found
}

/// Only `failed` is a bounce (RFC 3464 2.3.3). A report without an action is one when its code says that it is final.
fn fate(action: &str, code: Code, diagnostic: &str) -> Fate {
    let word = action.split([' ', '(', ';']).next().unwrap_or_default();
    let is_final = matches!((code.enhanced, code.basic), (Some((5, ..)), _) | (None, Some(500..)));
    match word.to_ascii_lowercase().as_str() {
        "failed" | "failure" => Fate::Failed(codes::fault(code, diagnostic)),
        "delivered" => Fate::Delivered,
        "" if is_final => Fate::Failed(codes::fault(code, diagnostic)),
        _ => Fate::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::attempts::Fault;

    fn status(text: &str) -> Report {
        read_status(text).expect("a report")
    }

    fn fates(text: &str) -> Vec<Fate> {
        status(text).recipients.iter().map(|one| one.fate).collect()
    }

    #[test]
    fn only_what_failed_is_a_bounce() {
        for (action, expected) in [
            ("failed", Fate::Failed(Fault::Address)),
            ("FAILED", Fate::Failed(Fault::Address)),
            ("failed (bad address)", Fate::Failed(Fault::Address)),
            ("delayed", Fate::Open),
            ("relayed", Fate::Open),
            ("expanded", Fate::Open),
            ("delivered", Fate::Delivered),
            ("whatever", Fate::Open),
        ] {
            let text = format!(
                "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@b.example\nAction: {action}\nStatus: 5.1.1\n"
            );
            assert_eq!(fates(&text), [expected], "{action}");
        }
    }

    #[test]
    fn two_recipients_of_one_report_have_a_fate_each() {
        let text = "Reporting-MTA: dns; a\nOriginal-Envelope-Id: env+2B1\n\n\
            Original-Recipient: rfc822;ann@example.com\nFinal-Recipient: rfc822;ann@inside.example\nAction: failed\nStatus: 5.2.2 (full)\n\n\
            Final-Recipient: rfc822;bob@example.com\nAction: delivered\nStatus: 2.0.0\n";
        let report = status(text);
        assert_eq!(report.envelope_id, "env+2B1");
        assert_eq!(report.recipients[0].addresses, ["ann@example.com", "ann@inside.example"]);
        assert_eq!(report.recipients[0].fate, Fate::Failed(Fault::Mailbox));
        assert_eq!(report.recipients[0].code, "5.2.2");
        assert_eq!(report.recipients[1].fate, Fate::Delivered);
    }

    #[test]
    fn a_status_that_tells_nothing_gives_way_to_the_servers_words() {
        let text = |status: &str| {
            format!(
                "Final-Recipient: rfc822;a@b.example\nAction: failed\n{status}Diagnostic-Code: smtp; 550 5.1.1 no such user\n"
            )
        };
        for line in ["", "Status: 5.0.0\n", "Status: x\n", "Status: 5.2.2\n"] {
            let report = status(&text(line));
            assert_eq!(
                (report.recipients[0].code.as_str(), report.recipients[0].fate),
                ("5.1.1", Fate::Failed(Fault::Address))
            );
        }
    }

    #[test]
    fn a_missing_blank_line_or_action_does_not_hide_a_failure() {
        assert_eq!(
            fates("Reporting-MTA: dns;a\nFinal-Recipient: rfc822;a@b.example\nStatus: 5.1.1\n"),
            [Fate::Failed(Fault::Address)]
        );
        assert_eq!(fates("Final-Recipient: rfc822;a@b.example\nStatus: 4.4.1\n"), [Fate::Open]);
        assert_eq!(read_status("Reporting-MTA: dns;a\n\n"), None);
        assert_eq!(read_status(""), None);
    }
}
