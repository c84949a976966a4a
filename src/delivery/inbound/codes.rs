//! What a code and its text say about an address: gone, not taking mail now, or nothing (RFC 3463; ML-8.8).

use crate::delivery::classify::{self, Class, Words};
use crate::domain::attempts::Fault;

/// A code as it stands in a text: `550`, `5.1.1`, or both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Code {
    /// Three digits (RFC 5321 4.2.1).
    pub basic: Option<u16>,
    /// Class, subject, detail (RFC 3463).
    pub enhanced: Option<(u8, u16, u16)>,
}

impl Code {
    /// Whether it says more than that something failed: anything but `x.0.0`.
    const fn is_telling(self) -> bool {
        matches!(self.enhanced, Some((_, subject, detail)) if subject != 0 || detail != 0)
    }

    /// As it is shown: the enhanced code, else the basic one, else nothing.
    #[must_use]
    pub fn shown(self) -> String {
        match (self.enhanced, self.basic) {
            (Some((class, subject, detail)), _) => format!("{class}.{subject}.{detail}"),
            (None, Some(basic)) => basic.to_string(),
            (None, None) => String::new(),
        }
    }
}

/// The first basic and the first enhanced code of a text.
#[must_use]
pub fn find(text: &str) -> Code {
    let mut code = Code::default();
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).take(200) {
        let word = word.trim_matches(['.', '-']);
        // `550-5.1.1` joins both.
        for piece in word.split('-') {
            code.enhanced = code.enhanced.or_else(|| enhanced(piece));
            code.basic = code.basic.or_else(|| basic(piece));
        }
    }
    code
}

/// An enhanced code that stands alone.
#[must_use]
pub fn enhanced(text: &str) -> Option<(u8, u16, u16)> {
    let mut parts = text.trim().split('.');
    let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !matches!(class, "2" | "4" | "5") {
        return None;
    }
    let number = |digits: &str| {
        let is_number = (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten()
    };
    Some((class.parse().ok()?, number(subject)?, number(detail)?))
}

fn basic(text: &str) -> Option<u16> {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit()) && text.starts_with(['4', '5']);
    is_code.then(|| text.parse().ok()).flatten()
}

/// The code that counts when a report has a status and the server's own words: the words', unless they hold none that tells.
#[must_use]
pub fn telling(status: Option<(u8, u16, u16)>, diagnostic: &str) -> Code {
    let said = find(diagnostic);
    let reported = Code { basic: said.basic, enhanced: status };
    match (said.is_telling(), reported.is_telling()) {
        (true, _) => said,
        (false, true) => reported,
        // Neither tells: a basic code of the server is more than `5.0.0`.
        (false, false) => Code { basic: said.basic, enhanced: said.enhanced.or(status) },
    }
}

/// What a failure says of the address. Unknown words count as soft.
#[must_use]
pub fn fault(code: Code, text: &str) -> Fault {
    known_fault(code, text).unwrap_or(Fault::Mailbox)
}

/// [`fault`] where code or text are known.
#[must_use]
pub fn known_fault(code: Code, text: &str) -> Option<Fault> {
    classify::find(&Words { basic: code.basic, enhanced: code.enhanced, text }).map(Class::fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_in_what_servers_write() {
        for (text, basic, enhanced) in [
            ("550 5.1.1 <a@b.example>: no such user", Some(550), Some((5, 1, 1))),
            ("550-5.1.1 The account 550 5.1.2 x", Some(550), Some((5, 1, 1))),
            ("smtp;550 #5.1.0 Address rejected", Some(550), Some((5, 1, 0))),
            ("host mx[192.0.2.7] said: 452-4.2.2 Over quota (in reply to RCPT TO)", Some(452), Some((4, 2, 2))),
            ("x 5.1.1.2 y 55 5500 5.1 1.2.3", None, None),
            ("", None, None),
        ] {
            assert_eq!(find(text), Code { basic, enhanced }, "{text}");
        }
    }

    #[test]
    fn the_servers_own_words_win() {
        let shown = |status: &str, diagnostic: &str| telling(enhanced(status), diagnostic).shown();
        assert_eq!(shown("5.0.0", "smtp; 550 5.1.1 unknown"), "5.1.1");
        assert_eq!(shown("5.1.1", "smtp; 552 5.2.2 mailbox full"), "5.2.2");
        assert_eq!(shown("5.1.1", "smtp; 550 unknown"), "5.1.1");
        assert_eq!(shown("5.1.1", "smtp; 550 5.0.0 unknown"), "5.1.1");
        assert_eq!(shown("", "smtp; 550 unknown"), "550");
        assert_eq!(shown("5.0.0", "unknown"), "5.0.0");
        assert_eq!(shown("", ""), "");
    }

    #[test]
    fn only_some_failures_are_the_addresss_fault() {
        for (text, expected) in [
            ("550 5.1.1 x", Fault::Address),
            ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", Fault::Address),
            ("550 5.4.4 no such domain", Fault::Address),
            ("550 No such user here", Fault::Address),
            ("554 delivery error: dd This user doesn't have a yahoo.com account (x@yahoo.com) [0]", Fault::Address),
            ("550 5.4.1 Recipient address rejected: Access denied", Fault::Address),
            ("550 5.7.1 Unauthenticated mail is not accepted", Fault::Ours),
            ("550 5.7.26 This mail is unauthenticated", Fault::Ours),
            ("550 5.7.515 Access denied", Fault::Ours),
            ("552 5.3.4 message too big", Fault::Ours),
            ("554 Message rejected", Fault::Ours),
            ("550 5.6.0 bad headers", Fault::Ours),
            ("552 5.2.2 over quota", Fault::Mailbox),
            ("552 too much", Fault::Mailbox),
            ("450 4.4.7 message delayed too long", Fault::Mailbox),
            ("unheard of words", Fault::Mailbox),
        ] {
            assert_eq!(fault(find(text), text), expected, "{text}");
        }
    }
}
