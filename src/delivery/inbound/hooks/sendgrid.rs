//! SendGrid's event webhook: a list of events, signed by ECDSA on P-256 over timestamp and body (ML-10.8).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde_json::Value;

use super::super::recipient::Keys;
use super::{Event, Refusal, delivered, der, event, failed, text};
use crate::domain::attempts::Fault;
use crate::domain::returned::Says;

/// The header with the signature, base64 of DER.
pub const SIGNATURE: &str = "X-Twilio-Email-Event-Webhook-Signature";
/// The header with the timestamp that is signed before the body.
pub const TIMESTAMP: &str = "X-Twilio-Email-Event-Webhook-Timestamp";

/// Checks a signature by the verification key as SendGrid shows it: base64 of a `SubjectPublicKeyInfo`.
pub fn check(key: &str, given: &str, timestamp: &str, body: &[u8]) -> Result<(), Refusal> {
    let info = STANDARD.decode(key.trim()).map_err(|_| Refusal::Unsigned)?;
    let point = der::key_of(&info).ok_or(Refusal::Unsigned)?;
    let given = STANDARD.decode(given).map_err(|_| Refusal::Unsigned)?;
    let signed = [timestamp.as_bytes(), body].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(&signed, &given).map_err(|_| Refusal::Unsigned)
}

/// Reads the events; those that say nothing about delivery are passed over.
pub fn read(keys: Keys<'_>, body: &[u8]) -> Result<Vec<Event>, Refusal> {
    let events: Value = serde_json::from_slice(body).map_err(|_| Refusal::Unreadable("no JSON"))?;
    let events = events.as_array().ok_or(Refusal::Unreadable("no list of events"))?;
    Ok(events.iter().filter_map(|one| read_one(keys, one)).collect())
}

fn read_one(keys: Keys<'_>, one: &Value) -> Option<Event> {
    let (address, reason) = (text(one, "email"), text(one, "reason"));
    let says = match text(one, "event") {
        "bounce" => {
            let category = if text(one, "type") == "blocked" { Fault::Mailbox } else { Fault::Address };
            Says::Report(vec![failed(address, text(one, "status"), reason, category)])
        }
        "dropped" => dropped(address, reason)?,
        "delivered" => Says::Report(vec![delivered(address)]),
        "spamreport" => Says::Complained { kind: "abuse".to_owned(), addresses: vec![address.to_owned()] },
        "unsubscribe" | "group_unsubscribe" => Says::Leaves,
        _ => return None,
    };
    let texts = [text(one, "mailing_ref"), text(one, "smtp-id"), text(one, "sg_envelope_from")];
    Some(event(keys, text(one, "sg_event_id").to_owned(), &texts, says))
}

/// What SendGrid did not even try. Only what it knows of the address itself counts.
fn dropped(address: &str, reason: &str) -> Option<Says> {
    match reason.to_ascii_lowercase().as_str() {
        "bounced address" | "invalid" | "invalid address" => {
            Some(Says::Report(vec![failed(address, "5.1.1", reason, Fault::Address)]))
        }
        "spam reporting address" => {
            Some(Says::Complained { kind: "abuse".to_owned(), addresses: vec![address.to_owned()] })
        }
        _ => None,
    }
}
