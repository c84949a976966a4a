//! Amazon SES over SNS: notifications and published events in their JSON, each signed with a certificate that is fetched from Amazon (ML-10.7).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{self, UnparsedPublicKey};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;
use url::Url;

use super::super::recipient::{Keys, REFERENCE};
use super::{Event, Hooks, Refusal, delivered, der, event, failed, text};
use crate::domain::attempts::Fault;
use crate::domain::returned::{Nothing, Says};

/// A certificate is as large as this at most, in bytes.
const MAX_CERTIFICATE_BYTES: usize = 32 * 1024;
/// Certificates that are remembered.
const MAX_CERTIFICATES: usize = 8;

/// Keys of certificates, by the address that they were fetched from.
#[derive(Clone, Default)]
pub struct Certificates(Arc<Mutex<BTreeMap<String, Arc<[u8]>>>>);

/// Reads a call, after its signature was checked. A subscription that waits for it is confirmed.
pub async fn read(hooks: &Hooks, keys: Keys<'_>, body: &[u8]) -> Result<Vec<Event>, Refusal> {
    let call: Value = serde_json::from_slice(body).map_err(|_| Refusal::Unreadable("no JSON"))?;
    let topic = text(&call, "TopicArn");
    if !hooks.core.settings().returns.ses_topics.iter().any(|known| known == topic) {
        return Err(Refusal::Unsigned);
    }
    let url = amazon(text(&call, "SigningCertURL")).filter(|url| url.path().ends_with(".pem"));
    let url = url.ok_or(Refusal::Unsigned)?;
    let key = hooks.certificates.key(hooks, &url).await?;
    check(&call, &key)?;
    match text(&call, "Type") {
        "Notification" => {
            let message = serde_json::from_str(text(&call, "Message"));
            // A topic may carry other things than ours.
            Ok(message.map_or_else(|_| Vec::new(), |message: Value| events(keys, &message, text(&call, "MessageId"))))
        }
        "SubscriptionConfirmation" => {
            let confirm = amazon(text(&call, "SubscribeURL")).ok_or(Refusal::Unsigned)?;
            hooks.client.get(confirm.as_str(), MAX_CERTIFICATE_BYTES).await?;
            tracing::info!("confirmed the subscription of topic {topic}");
            Ok(Vec::new())
        }
        _ => Ok(Vec::new()),
    }
}

/// An address of SNS itself: HTTPS on its usual port at `sns.REGION.amazonaws.com` (or `.com.cn`).
fn amazon(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?;
    let region = host.strip_prefix("sns.")?;
    let region = region.strip_suffix(".amazonaws.com").or_else(|| region.strip_suffix(".amazonaws.com.cn"))?;
    let is_region = !region.is_empty()
        && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let is_plain =
        url.scheme() == "https" && url.port().is_none() && url.username().is_empty() && url.password().is_none();
    (is_region && is_plain).then_some(url)
}

impl Certificates {
    /// The key of the certificate at this address, fetched once.
    async fn key(&self, hooks: &Hooks, url: &Url) -> Result<Arc<[u8]>, Refusal> {
        if let Some(key) = self.known().get(url.as_str()) {
            return Ok(Arc::clone(key));
        }
        let (status, pem) = hooks.client.get(url.as_str(), MAX_CERTIFICATE_BYTES).await?;
        let key: Arc<[u8]> =
            Some(pem).filter(|_| status == 200).and_then(|pem| key_of(&pem)).ok_or(Refusal::Unsigned)?.into();
        let mut known = self.known();
        if known.len() >= MAX_CERTIFICATES {
            known.clear();
        }
        known.insert(url.to_string(), Arc::clone(&key));
        Ok(key)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<[u8]>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The RSA key in a certificate.
pub fn key_of(pem: &[u8]) -> Option<Vec<u8>> {
    let certificate = CertificateDer::from_pem_slice(pem).ok()?;
    let parsed = rustls::server::ParsedCertificate::try_from(&certificate).ok()?;
    der::key_of(&parsed.subject_public_key_info()).map(<[u8]>::to_vec)
}

/// Checks the signature of a call: version 1 is made with SHA-1, version 2 with SHA-256.
pub fn check(call: &Value, key: &[u8]) -> Result<(), Refusal> {
    let algorithm = match text(call, "SignatureVersion") {
        "1" => &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        "2" => &signature::RSA_PKCS1_2048_8192_SHA256,
        _ => return Err(Refusal::Unsigned),
    };
    let given = STANDARD.decode(text(call, "Signature")).map_err(|_| Refusal::Unsigned)?;
    let key = UnparsedPublicKey::new(algorithm, key);
    key.verify(signed_text(call).as_bytes(), &given).map_err(|_| Refusal::Unsigned)
}

/// What is signed: some members in the order of their names, name and value each on a line.
pub fn signed_text(call: &Value) -> String {
    let names: &[&str] = if text(call, "Type") == "Notification" {
        &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    } else {
        &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    };
    let present = names.iter().filter_map(|name| Some((name, call.get(name)?.as_str()?)));
    present.map(|(name, value)| format!("{name}\n{value}\n")).collect()
}

/// What a notification or a published event says; empty for kinds that say nothing about delivery.
pub fn events(keys: Keys<'_>, message: &Value, call_id: &str) -> Vec<Event> {
    let kind = [text(message, "eventType"), text(message, "notificationType")].concat();
    let says = match kind.as_str() {
        "Bounce" => bounce(&message["bounce"]),
        "Complaint" => complaint(&message["complaint"]),
        "Delivery" => Says::Report(addresses(&message["delivery"]["recipients"]).map(delivered).collect()),
        _ => return Vec::new(),
    };
    if matches!(&says, Says::Report(recipients) if recipients.is_empty()) {
        return Vec::new();
    }
    let mail = &message["mail"];
    let headers = mail["headers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ours = headers.iter().find(|header| text(header, "name").eq_ignore_ascii_case(REFERENCE));
    let texts = [
        ours.map(|header| text(header, "value")).unwrap_or_default(),
        text(mail, "source"),
        text(&mail["commonHeaders"], "messageId"),
    ];
    let own = &message[if kind == "Bounce" { "bounce" } else { "complaint" }];
    let id = Some(text(own, "feedbackId")).filter(|id| !id.is_empty()).unwrap_or(call_id);
    vec![event(keys, id.to_owned(), &texts, says)]
}

fn bounce(bounce: &Value) -> Says {
    let category = match (text(bounce, "bounceType"), text(bounce, "bounceSubType")) {
        ("Permanent", "MessageTooLarge" | "ContentRejected" | "AttachmentRejected") => Fault::Ours,
        ("Permanent", _) => Fault::Address,
        (_, "MessageTooLarge" | "ContentRejected" | "AttachmentRejected") => Fault::Ours,
        _ => Fault::Mailbox,
    };
    let bounced = bounce["bouncedRecipients"].as_array().map(Vec::as_slice).unwrap_or_default();
    let one =
        |one: &Value| failed(text(one, "emailAddress"), text(one, "status"), text(one, "diagnosticCode"), category);
    Says::Report(bounced.iter().map(one).collect())
}

fn complaint(complaint: &Value) -> Says {
    let kind = match text(complaint, "complaintFeedbackType") {
        "" => "abuse",
        "not-spam" | "auth-failure" | "virus" | "other" => return Says::Nothing(Nothing::Feedback),
        kind => kind,
    };
    let complained = complaint["complainedRecipients"].as_array().map(Vec::as_slice).unwrap_or_default();
    Says::Complained {
        kind: kind.to_owned(),
        addresses: complained.iter().map(|one| text(one, "emailAddress").to_owned()).collect(),
    }
}

fn addresses(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_sns_are_fetched() {
        assert!(amazon("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem").is_some());
        assert!(amazon("https://sns.cn-north-1.amazonaws.com.cn/x.pem").is_some());
        for bad in [
            "http://sns.us-east-1.amazonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws.com:444/x.pem",
            "https://sns.us-east-1.amazonaws.com.evil.example/x.pem",
            "https://evil.example/sns.us-east-1.amazonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws.com@evil.example/x.pem",
            "https://user@sns.us-east-1.amazonaws.com/x.pem",
            "https://s3.us-east-1.amazonaws.com/bucket/x.pem",
            "https://sns.a.b.amazonaws.com/x.pem",
            "",
        ] {
            assert!(amazon(bad).is_none(), "{bad}");
        }
    }
}
