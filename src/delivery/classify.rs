//! What a server's reply says: about the address, the mailbox, the message, or about us (ML-3.3). The tables are data, in `classify/replies.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::transport::Reply;

/// What a reply is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Class {
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
    /// Only in replies that refuse for good.
    #[serde(default)]
    permanent_only: bool,
    texts: Vec<String>,
}

static TABLES: LazyLock<Tables> =
    LazyLock::new(|| toml::from_str(include_str!("classify/replies.toml")).expect("the tables are read in a test"));

/// What a reply is about.
pub(super) fn class_of(reply: &Reply) -> Class {
    let tables = &*TABLES;
    let code = reply.code.to_string();
    by_enhanced(tables, reply)
        .or_else(|| tables.basic.get(&code).copied())
        .or_else(|| by_phrase(tables, reply))
        .or_else(|| by_subject(tables, reply))
        .or_else(|| tables.rest.get(&code).copied())
        .unwrap_or(Class::Other)
}

fn by_enhanced(tables: &Tables, reply: &Reply) -> Option<Class> {
    let (class, subject, detail) = reply.enhanced?;
    let exact = tables.enhanced.get(&format!("{class}.{subject}.{detail}"));
    exact.or_else(|| tables.enhanced.get(&format!("x.{subject}.{detail}"))).copied()
}

fn by_subject(tables: &Tables, reply: &Reply) -> Option<Class> {
    let (class, subject, _) = reply.enhanced?;
    let exact = tables.subjects.get(&format!("{class}.{subject}"));
    exact.or_else(|| tables.subjects.get(&format!("x.{subject}"))).copied()
}

fn by_phrase(tables: &Tables, reply: &Reply) -> Option<Class> {
    let text = reply.text.to_lowercase();
    let fits = |phrases: &&Phrases| {
        (reply.code >= 500 || !phrases.permanent_only)
            && phrases.texts.iter().any(|phrase| text.contains(phrase.as_str()))
    };
    tables.phrases.iter().find(fits).map(|phrases| phrases.class)
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
                Class::Other,
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
            (451, None, "no such user, perhaps", Class::Other),
            (550, None, "No", Class::Other),
        ] {
            assert_eq!(class_of(&reply(code, enhanced, text)), class, "{code} {enhanced:?} {text}");
        }
    }

    #[test]
    fn phrases_are_written_as_they_are_compared() {
        for phrases in &TABLES.phrases {
            for text in &phrases.texts {
                assert_eq!(*text, text.to_lowercase());
            }
        }
        let is_code = |code: &String| code.len() == 3 && code.parse::<u16>().is_ok();
        assert!(TABLES.basic.keys().chain(TABLES.rest.keys()).all(is_code));
    }
}
