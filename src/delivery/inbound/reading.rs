//! A mail that came back, read: which of our mails it is about, and what it says.
//!
//! Reading never fails and never takes long: sizes, depths and numbers are bounded first ([`mime::bounded`]), and what nobody can read is said so.

use mail_parser::Message;

use super::recipient::{self, Keys};
use super::verp::{self, Way};
use super::{arf, auto_replies, dsn, mime, plain_bounces};
use crate::domain::envelope_senders::Posted;
use crate::domain::returned::{Nothing, Returned, Says};

/// Servers that a mail may pass; after more of them it runs in circles.
const MAX_HOPS: usize = 50;
/// Headers that name the recipient a mail was really delivered to, the surest first.
const RECIPIENT_HEADERS: [&str; 5] = ["X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "To"];

/// A mail as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrived<'a> {
    /// Its envelope recipients; empty when they are not known, as in a mailbox.
    pub recipients: &'a [String],
    /// Its envelope sender; `None` when that is not known.
    pub sender: Option<&'a str>,
    /// The mail.
    pub raw: &'a [u8],
}

/// Reads a mail that came back.
#[must_use]
pub fn read(keys: Keys<'_>, arrived: Arrived<'_>) -> Returned {
    let raw = mime::bounded(arrived.raw);
    let known = way(keys, arrived.recipients.iter());
    if let Some(Way::Unsubscribe(posted)) = known {
        // Anything that arrives there counts, whoever it says it is from (RFC 2369 3.2).
        return Returned { posted, says: Says::Leaves };
    }
    let Some(message) = mime::open(raw).filter(|message| !message.headers().is_empty()) else {
        return Returned { posted: known.and_then(Way::posted), says: Says::Unreadable("no headers") };
    };
    let named: Vec<String> = if arrived.recipients.is_empty() {
        RECIPIENT_HEADERS.iter().flat_map(|name| mime::headers(&message, name)).collect()
    } else {
        Vec::new()
    };
    let way = known.or_else(|| way(keys, named.iter()));
    if let Some(Way::Unsubscribe(posted)) = way {
        return Returned { posted, says: Says::Leaves };
    }
    let found = way.and_then(Way::posted);
    if let Some(report) = arf::read(&message) {
        return complaint(keys, &message, raw, found, report);
    }
    let report = dsn::read(&message);
    let envelope_id = report.as_ref().map(|report| report.envelope_id.clone()).unwrap_or_default();
    let says = match report {
        Some(report) => Says::Report(report.recipients),
        None => without_report(keys, &message, arrived.sender),
    };
    let posted = found.or_else(|| recipient::find(keys, &message, raw, &envelope_id));
    Returned { posted, says }
}

/// Whose address it came to; one that names a row before one that does not. A header may hold several addresses.
fn way<'a>(keys: Keys<'_>, named: impl Iterator<Item = &'a String>) -> Option<Way> {
    let ways: Vec<Way> = named
        .flat_map(|text| text.split([',', ' ', '<', '>']))
        .filter_map(|address| verp::read(keys.secret, address, keys.domain))
        .take(50)
        .collect();
    ways.iter().find(|way| way.posted().is_some()).or(ways.first()).copied()
}

fn complaint(
    keys: Keys<'_>,
    message: &Message<'_>,
    raw: &[u8],
    found: Option<Posted>,
    report: arf::Report,
) -> Returned {
    let is_complaint = report.is_complaint();
    let posted = found
        .or_else(|| recipient::of_address(keys, &report.sender))
        .or_else(|| recipient::find(keys, message, raw, ""));
    let says = if is_complaint {
        Says::Complained { kind: report.kind, addresses: report.recipients }
    } else {
        Says::Nothing(Nothing::Feedback)
    };
    Returned { posted, says }
}

fn without_report(keys: Keys<'_>, message: &Message<'_>, sender: Option<&str>) -> Says {
    let is_ours = mime::headers(message, recipient::REFERENCE).iter().any(|value| keys.find_in(value).is_some());
    if is_ours || message.headers().iter().filter(|header| header.name.as_str() == "Received").count() > MAX_HOPS {
        return Says::Nothing(Nothing::Loop);
    }
    if plain_bounces::has_layout(message) {
        return plain_bounces::read(message);
    }
    if auto_replies::is_one(message) {
        return Says::Nothing(Nothing::AutoReply);
    }
    if plain_bounces::is_server(message, sender) {
        return plain_bounces::read(message);
    }
    Says::Nothing(Nothing::Person)
}

#[cfg(test)]
mod tests;
