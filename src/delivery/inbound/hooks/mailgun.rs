//! Mailgun's webhooks: one event a call, signed inside the body by HMAC-SHA256 over timestamp and token (ML-10.9).

use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::super::recipient::{Keys, REFERENCE};
use super::{Event, Refusal, delivered, event, failed, text};
use crate::domain::attempts::Fault;
use crate::domain::returned::Says;
use crate::domain::secrets::{hex, same};

/// Checks and reads a call.
pub fn read(keys: Keys<'_>, secret: &str, body: &[u8]) -> Result<Vec<Event>, Refusal> {
    let call: Value = serde_json::from_slice(body).map_err(|_| Refusal::Unreadable("no JSON"))?;
    check(secret, &call["signature"])?;
    let told = &call["event-data"];
    Ok(says(told).map(|says| of_message(keys, told, says)).into_iter().collect())
}

fn check(secret: &str, signature: &Value) -> Result<(), Refusal> {
    if secret.is_empty() {
        return Err(Refusal::Unsigned);
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(text(signature, "timestamp").as_bytes());
    mac.update(text(signature, "token").as_bytes());
    let wanted = hex(&mac.finalize().into_bytes());
    if same(&wanted, &text(signature, "signature").to_ascii_lowercase()) { Ok(()) } else { Err(Refusal::Unsigned) }
}

fn of_message(keys: Keys<'_>, told: &Value, says: Says) -> Event {
    let headers = &told["message"]["headers"];
    let texts = [
        text(headers, &REFERENCE.to_ascii_lowercase()),
        text(&told["user-variables"], "mailing_ref"),
        text(&told["envelope"], "sender"),
        text(headers, "message-id"),
    ];
    event(keys, text(told, "id").to_owned(), &texts, says)
}

fn says(told: &Value) -> Option<Says> {
    let address = text(told, "recipient");
    match text(told, "event") {
        // A temporary failure is tried again by Mailgun.
        "failed" if text(told, "severity") == "permanent" => {
            let status = &told["delivery-status"];
            let said = [text(status, "message"), text(status, "description")];
            let said = said.into_iter().find(|said| !said.is_empty()).unwrap_or_default();
            let code = status["code"].as_i64().filter(|code| (400..600).contains(code));
            let said = code.map_or_else(|| said.to_owned(), |code| format!("{code} {said}"));
            let category = match text(told, "reason") {
                "bounce" | "suppress-bounce" => Fault::Address,
                _ => Fault::Mailbox,
            };
            Some(Says::Report(vec![failed(address, text(status, "enhanced-code"), &said, category)]))
        }
        "delivered" => Some(Says::Report(vec![delivered(address)])),
        "complained" => Some(Says::Complained { kind: "abuse".to_owned(), addresses: vec![address.to_owned()] }),
        "unsubscribed" => Some(Says::Leaves),
        _ => None,
    }
}
