//! What a mail server's words say, in a reply or in a report that came back: about the address, the mailbox, the message, or about us (ML-3.3, ML-8.8).
//! The tables are data, in `classify/replies.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::transport::Reply;
use crate::domain::attempts::Fault;

/// Texts are searched as far as this, in bytes.
const MAX_TEXT_BYTES: usize = 8 * 1024;

/// What a reply is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// The address does not exist.
    Address,
    /// The mailbox is there and does not take the mail: full, or unavailable.
    Mailbox,
    /// We or the message are not trusted.
    Policy,
    /// The message is too large.
    Size,
    /// We are to send more slowly.
    Throttled,
    /// The server wants to see a second try.
    Greylisted,
    /// The server has too much to do.
    Busy,
    /// The server behind the server does not answer.
    Unreachable,
    /// A login or a setting is wrong.
    Setup,
    /// Nothing that is known.
    Other,
}

impl Class {
    /// What a failure for good says of the address.
    #[must_use]
    pub const fn fault(self) -> Fault {
        match self {
            Self::Address => Fault::Address,
            Self::Mailbox | Self::Unreachable | Self::Busy | Self::Other => Fault::Mailbox,
            Self::Policy | Self::Size | Self::Throttled | Self::Greylisted | Self::Setup => Fault::Ours,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    enhanced: HashMap<String, Class>,
    basic: HashMap<String, Class>,
    phrases: Vec<Phrases>,
    subjects: HashMap<String, Class>,
    rest: HashMap<String, Class>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrases {
    class: Class,
    /// Only where something is refused for good.
    #[serde(default)]
    permanent_only: bool,
    /// Only where the codes' subjects told nothing.
    #[serde(default)]
    late: bool,
    texts: Vec<String>,
}

static TABLES: LazyLock<Tables> =
    LazyLock::new(|| toml::from_str(include_str!("classify/replies.toml")).expect("the tables are read in a test"));

/// Codes with the words behind them.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// Three digits (RFC 5321 4.2.1).
    pub basic: Option<u16>,
    /// Class, subject, detail (RFC 3463).
    pub enhanced: Option<(u8, u16, u16)>,
    /// The text.
    pub text: &'a str,
}

/// What a reply is about.
#[must_use]
pub fn class_of(reply: &Reply) -> Class {
    let words = Words { basic: Some(reply.code), enhanced: reply.enhanced, text: &reply.text };
    find(&words).unwrap_or(Class::Other)
}

/// What codes and words are about; `None` when they are not known.
#[must_use]
pub fn find(words: &Words<'_>) -> Option<Class> {
    let tables = &*TABLES;
    let text = plain(words.text);
    let code = words.basic.map(|code| code.to_string());
    let by_code = |table: &HashMap<String, Class>| code.as_ref().and_then(|code| table.get(code)).copied();
    by_enhanced(tables, words)
        .or_else(|| by_code(&tables.basic))
        .or_else(|| by_phrase(tables, words, &text, false))
        .or_else(|| by_subject(tables, words))
        .or_else(|| by_code(&tables.rest))
        .or_else(|| by_phrase(tables, words, &text, true))
}

fn by_enhanced(tables: &Tables, words: &Words<'_>) -> Option<Class> {
    let (class, subject, detail) = words.enhanced?;
    let exact = tables.enhanced.get(&format!("{class}.{subject}.{detail}"));
    let known = exact.or_else(|| tables.enhanced.get(&format!("x.{subject}.{detail}"))).copied();
    // 5.7.1 is used for everything; whoever sends another one of its kind means it.
    known.or_else(|| (class == 5 && subject == 7 && detail > 1).then_some(Class::Policy))
}

fn by_subject(tables: &Tables, words: &Words<'_>) -> Option<Class> {
    let (class, subject, _) = words.enhanced?;
    let exact = tables.subjects.get(&format!("{class}.{subject}"));
    exact.or_else(|| tables.subjects.get(&format!("x.{subject}"))).copied()
}

fn by_phrase(tables: &Tables, words: &Words<'_>, text: &str, late: bool) -> Option<Class> {
    // A report without a code tells of a failure for good.
    let is_temporary = match (words.enhanced, words.basic) {
        (_, Some(code)) => code < 500,
        (Some((class, ..)), None) => class == 4,
        (None, None) => false,
    };
    let fits = |phrases: &&Phrases| {
        phrases.late == late
            && !(is_temporary && phrases.permanent_only)
            && phrases.texts.iter().any(|phrase| text.contains(phrase.as_str()))
    };
    tables.phrases.iter().find(fits).map(|phrases| phrases.class)
}

/// In lower case, with one blank between words and straight apostrophes, without the words that name somebody.
fn plain(text: &str) -> String {
    let text = text[..text.floor_char_boundary(MAX_TEXT_BYTES)].to_lowercase().replace('\u{2019}', "'");
    text.split_whitespace().filter(|word| !word.contains('@')).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(code: u16, enhanced: Option<(u8, u16, u16)>, text: &str) -> Reply {
        Reply { code, enhanced, text: text.to_owned() }
    }

    #[test]
    fn replies_of_well_known_servers_are_understood() {
        for (code, enhanced, text, class) in [
            (550, Some((5, 1, 1)), "The email account that you tried to reach does not exist.", Class::Address),
            (550, Some((5, 1, 10)), "RESOLVER.ADR.RecipientNotFound", Class::Address),
            (550, Some((5, 2, 1)), "The email account that you tried to reach is disabled", Class::Address),
            (550, None, "No Such User Here", Class::Address),
            (
                554,
                None,
                "delivery error: dd This user doesn't have a yahoo.com account (a@yahoo.com) [0]",
                Class::Address,
            ),
            (556, None, "does not accept mail", Class::Address),
            (552, Some((5, 2, 2)), "The email account that you tried to reach is over quota", Class::Mailbox),
            (452, Some((4, 2, 2)), "Mailbox full", Class::Mailbox),
            (550, None, "mailbox is full", Class::Mailbox),
            (450, Some((4, 1, 1)), "unverified address", Class::Mailbox),
            (550, Some((5, 7, 26)), "This mail has been blocked because the sender is unauthenticated.", Class::Policy),
            (
                550,
                Some((5, 7, 515)),
                "Access denied, sending domain does not meet the required authentication level",
                Class::Policy,
            ),
            (550, Some((5, 7, 1)), "Service unavailable, Client host blocked using Spamhaus", Class::Policy),
            (554, None, "Message rejected as spam", Class::Policy),
            (552, Some((5, 3, 4)), "Message size exceeds fixed limit", Class::Size),
            (421, Some((4, 7, 28)), "Our system has detected an unusual rate of unsolicited mail", Class::Throttled),
            (
                421,
                Some((4, 7, 0)),
                "[TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints",
                Class::Throttled,
            ),
            (451, Some((4, 7, 500)), "Server busy. Please try again later", Class::Throttled),
            (451, Some((4, 7, 1)), "something we do not know", Class::Throttled),
            (450, Some((4, 7, 1)), "Greylisted for 5 minutes", Class::Greylisted),
            (451, Some((4, 7, 1)), "Greylisting in action, please come back later", Class::Greylisted),
            (421, Some((4, 3, 2)), "Service shutting down", Class::Busy),
            (421, None, "Try again later", Class::Busy),
            (452, Some((4, 3, 1)), "Insufficient system storage", Class::Busy),
            (535, Some((5, 7, 8)), "Authentication failed", Class::Setup),
            (451, Some((4, 4, 1)), "no answer", Class::Unreachable),
            (450, Some((4, 7, 0)), "Try again later, closing connection.", Class::Throttled),
            (550, Some((5, 1, 0)), "Sender denied, blocked", Class::Policy),
            (550, Some((5, 1, 0)), "Address rejected", Class::Address),
            (550, Some((5, 7, 129)), "Only some may write to this user, who does not exist", Class::Policy),
            (550, Some((5, 7, 1)), "Recipient address rejected: user unknown", Class::Address),
            (550, None, "User unknown; blocked using a DNSBL", Class::Policy),
            (550, None, "<spf@spam.example>: no such user", Class::Address),
            (550, None, "The recipient\u{2019}s inbox  is\r\n full", Class::Mailbox),
            (550, Some((5, 6, 0)), "bad headers", Class::Policy),
            (552, None, "too much", Class::Mailbox),
            (554, None, "Transaction failed", Class::Policy),
            (451, None, "no such user, perhaps", Class::Other),
            (451, None, "Temporary failure", Class::Mailbox),
            (550, None, "No", Class::Other),
        ] {
            assert_eq!(class_of(&reply(code, enhanced, text)), class, "{code} {enhanced:?} {text}");
        }
    }

    #[test]
    fn phrases_are_written_as_they_are_compared() {
        for phrases in &TABLES.phrases {
            for text in &phrases.texts {
                assert_eq!(*text, plain(text));
            }
        }
        let is_code = |code: &String| code.len() == 3 && code.parse::<u16>().is_ok();
        assert!(TABLES.basic.keys().chain(TABLES.rest.keys()).all(is_code));
    }

    #[test]
    fn of_a_long_text_the_beginning_is_read() {
        let words = |text| Words { basic: None, enhanced: None, text };
        let far = format!("{} user unknown", "é ".repeat(MAX_TEXT_BYTES / 3));
        assert_eq!(find(&words(&far)), None);
        assert_eq!(find(&words("User unknown")), Some(Class::Address), "without a code it is one for good");
        assert_eq!(find(&Words { enhanced: Some((4, 0, 0)), ..words("User unknown") }), None);
        assert_eq!(find(&words("bon voyage")), None);
    }
}
