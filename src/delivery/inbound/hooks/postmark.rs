//! Postmark's webhooks: one record a call, unsigned; the secret in the address and the password it is set to use prove it (ML-10.10).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::super::recipient::Keys;
use super::{Event, Refusal, delivered, event, failed, text};
use crate::domain::attempts::Fault;
use crate::domain::returned::Says;
use crate::domain::secrets::same;

/// Checks HTTP Basic against `user:password`; nothing is asked when that is empty.
pub fn check(wanted: &str, authorization: &str) -> Result<(), Refusal> {
    let given = authorization.strip_prefix("Basic ").and_then(|coded| STANDARD.decode(coded.trim()).ok());
    let given = given.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    if wanted.is_empty() || same(wanted, &given) { Ok(()) } else { Err(Refusal::Unsigned) }
}

/// Reads a record; empty for kinds that say nothing about delivery.
pub fn read(keys: Keys<'_>, body: &[u8]) -> Result<Vec<Event>, Refusal> {
    let record: Value = serde_json::from_slice(body).map_err(|_| Refusal::Unreadable("no JSON"))?;
    let kind = text(&record, "RecordType");
    let address = [text(&record, "Email"), text(&record, "Recipient")].concat();
    let says = match kind {
        "Bounce" => bounce(&record, &address),
        "SpamComplaint" => Some(Says::Complained { kind: "abuse".to_owned(), addresses: vec![address] }),
        "Delivery" => Some(Says::Report(vec![delivered(&address)])),
        "SubscriptionChange" if record["SuppressSending"] == true && text(&record, "Origin") == "Recipient" => {
            Some(Says::Leaves)
        }
        _ => None,
    };
    let id = [kind, &record["ID"].to_string(), text(&record, "MessageID")].join(" ");
    let metadata = record["Metadata"].as_object();
    let mut texts: Vec<&str> =
        metadata.into_iter().flatten().filter_map(|(_, value)| value.as_str()).take(20).collect();
    texts.push(text(&record, "From"));
    Ok(says.map(|says| event(keys, id, &texts, says)).into_iter().collect())
}

fn bounce(record: &Value, address: &str) -> Option<Says> {
    let category = match text(record, "Type") {
        "HardBounce" | "BadEmailAddress" => Fault::Address,
        "SpamNotification"
        | "Blocked"
        | "SMTPApiError"
        | "InboundError"
        | "DMARCPolicy"
        | "TemplateRenderingFailed" => Fault::Ours,
        "SpamComplaint" => {
            return Some(Says::Complained { kind: "abuse".to_owned(), addresses: vec![address.to_owned()] });
        }
        "Unsubscribe" => return Some(Says::Leaves),
        // Answers of machines and people, which are no failures.
        "AutoResponder"
        | "AddressChange"
        | "Subscribe"
        | "ChallengeVerification"
        | "OpenRelay"
        | "ManuallyDeactivated"
        | "Unconfirmed" => return None,
        _ => Fault::Mailbox,
    };
    Some(Says::Report(vec![failed(address, "", text(record, "Details"), category)]))
}
