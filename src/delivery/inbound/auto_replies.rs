//! Answering machines: mail that people's programs send by themselves, which says nothing about an address (ML-10.1).

use mail_parser::Message;

use super::mime;

/// Headers that only answering machines write.
const MARKS: [&str; 6] =
    ["X-Autoreply", "X-Autorespond", "X-Autoresponse", "X-Auto-Reply-From", "X-Vacation", "X-Mail-Autoreply"];
/// How their subjects begin.
const SUBJECTS: [&str; 12] = [
    "out of office",
    "out of the office",
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto:",
    "vacation",
    "abwesenheit",
    "automatische antwort",
    "réponse automatique",
    "respuesta automática",
];

/// Whether a mail that is no report is an automatic answer (RFC 3834 5, and what programs did before it).
#[must_use]
pub fn is_one(message: &Message<'_>) -> bool {
    let says = |name: &str, is: &dyn Fn(&str) -> bool| {
        mime::header(message, name).is_some_and(|value| is(value.to_lowercase().trim()))
    };
    says("Auto-Submitted", &|value| !value.starts_with("no"))
        || MARKS.iter().any(|name| mime::header(message, name).is_some())
        || says("Precedence", &|value| matches!(value, "auto_reply" | "auto-reply"))
        || says("X-Precedence", &|value| matches!(value, "auto_reply" | "auto-reply"))
        || says("Subject", &|value| SUBJECTS.iter().any(|start| value.starts_with(start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answering_machines_are_known_by_their_headers() {
        for (headers, expected) in [
            ("Auto-Submitted: auto-replied (vacation)", true),
            ("Auto-Submitted: no", false),
            ("X-Autoreply: yes", true),
            ("Precedence: auto_reply", true),
            ("Precedence: bulk", false),
            ("Subject: Automatic reply: your news", true),
            ("Subject: Undeliverable: your news", false),
        ] {
            let raw = format!("From: ann@example.com\r\n{headers}\r\n\r\nI am away.\r\n");
            assert_eq!(is_one(&mime::open(raw.as_bytes()).expect("a mail")), expected, "{headers}");
        }
    }
}
