//! Calls in the shapes that providers make them, with right and wrong signatures. The RSA key under `tests/fixtures/keys` was made for this.

use actix_web::App;
use actix_web::http::header::AUTHORIZATION;
use actix_web::test::{TestRequest, call_service, init_service};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use sha2::Sha256;

use super::*;
use crate::domain::envelope_senders::{Posted, address, token};
use crate::domain::outbox::{self, NewMail};
use crate::domain::sample::{self, Sample};
use crate::model::ids::{MailId, SubscriberNumber};
use crate::model::states::{BounceType, Roster, SubscriptionStatus};

const DOMAIN: &str = "bounces.example.org";
const KEYS: Keys<'_> = Keys { secret: "secret", domain: DOMAIN };
const SECRET: &str = "0123456789abcdef";
const POSTED: Posted = Posted::Mail(MailId(1));

fn fates(events: &[Event]) -> Vec<Fate> {
    let reports = events.iter().filter_map(|event| match &event.returned.says {
        Says::Report(recipients) => Some(recipients),
        _ => None,
    });
    reports.flatten().map(|one| one.fate).collect()
}

/// A list with one subscriber and a mail to it, and settings for calls.
async fn here(change: fn(&mut crate::config::ReturnsSettings)) -> Sample {
    let mut sample = Sample::open().await;
    sample.settings(|settings| {
        settings.returns.domain = DOMAIN.to_owned();
        settings.returns.hook_secret = SECRET.to_owned();
        change(&mut settings.returns);
    });
    let (account, list) = (sample.account, sample.list);
    sample.subscribe(list, 1, &Default::default()).await;
    let new = NewMail { account, list, number: SubscriberNumber(1), ..sample::mail("1@example.com") };
    let id = sample.write(move |cx| Ok(outbox::queue_mail(cx, new)?)).await.expect("queue");
    assert_eq!(Posted::Mail(id), POSTED);
    sample
}

async fn call(sample: &Sample, path: &str, headers: &[(&str, String)], body: Vec<u8>) -> u16 {
    let hooks = Hooks::new(&sample.core).expect("hooks");
    let app = init_service(App::new().configure(|config| mount(config, &hooks))).await;
    let mut request = TestRequest::post().uri(path).set_payload(body);
    for (name, value) in headers {
        request = request.insert_header((*name, value.as_str()));
    }
    call_service(&app, request.to_request()).await.status().as_u16()
}

fn mailgun(event: &Value, key: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("key");
    mac.update(b"1529006854token");
    let signature = secrets::hex(&mac.finalize().into_bytes());
    let signature = json!({ "timestamp": "1529006854", "token": "token", "signature": signature });
    json!({ "signature": signature, "event-data": event }).to_string().into_bytes()
}

#[actix_web::test]
async fn a_call_of_mailgun_counts_once_and_only_when_it_is_signed() {
    let sample = here(|returns| returns.mailgun_signing_secret = "key".to_owned()).await;
    let event = json!({
        "event": "failed", "severity": "permanent", "reason": "generic", "id": "e1", "recipient": "1@example.com",
        "delivery-status": { "code": 550, "message": "5.1.1 no such user" },
        "envelope": { "sender": address("secret", POSTED, DOMAIN) },
    });
    let path = format!("/hooks/mailgun/{SECRET}");
    assert_eq!(call(&sample, &path, &[], mailgun(&event, "guessed")).await, 403);
    assert_eq!(call(&sample, &path, &[], b"{".to_vec()).await, 400);
    assert_eq!(call(&sample, "/hooks/mailgun/wrong", &[], mailgun(&event, "key")).await, 404);
    assert_eq!(call(&sample, &format!("/hooks/other/{SECRET}"), &[], mailgun(&event, "key")).await, 404);
    assert_eq!(sample.subscriber(sample.list, 1).await.roster, Roster::Active);
    for _ in 0..2 {
        assert_eq!(call(&sample, &path, &[], mailgun(&event, "key")).await, 200);
    }
    assert_eq!(sample.subscriber(sample.list, 1).await.bounce, BounceType::Hard);
    let (list, number) = (sample.list, SubscriberNumber(1));
    let events = sample.write(move |cx| Ok(returns::events(cx, list, number).expect("events"))).await.expect("look");
    assert_eq!((events.len(), events[0].source.as_str(), events[0].code.as_str()), (1, "mailgun", "5.1.1"));
}

#[test]
fn temporary_failures_at_mailgun_are_not_decided_yet() {
    let read = |event: Value| mailgun::read(KEYS, "key", &mailgun(&event, "key")).expect("signed");
    let failed = |severity: &str, reason: &str| {
        read(json!({ "event": "failed", "severity": severity, "reason": reason, "recipient": "a@b.example",
                     "delivery-status": { "code": 605, "message": "" } }))
    };
    assert!(failed("temporary", "generic").is_empty());
    assert_eq!(fates(&failed("permanent", "suppress-bounce")), [Fate::Failed(Fault::Address)]);
    assert_eq!(fates(&failed("permanent", "old")), [Fate::Failed(Fault::Mailbox)]);
    assert!(read(json!({ "event": "opened" })).is_empty());
    assert!(mailgun::read(KEYS, "", &mailgun(&json!({}), "")).is_err(), "no key, no calls");
}

#[actix_web::test]
async fn calls_of_sendgrid_are_signed_over_timestamp_and_body() {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("key");
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).expect("key");
    // SubjectPublicKeyInfo of a point on P-256 (RFC 5480 2).
    let head = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
        0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    let public = STANDARD.encode([head.as_slice(), key.public_key().as_ref()].concat());
    let body = json!([
        { "event": "spamreport", "email": "1@example.com", "sg_event_id": "s1" },
        { "event": "open", "email": "1@example.com", "sg_event_id": "s2" },
    ])
    .to_string()
    .into_bytes();
    let signed = key.sign(&random, &[b"1600112502", body.as_slice()].concat()).expect("signature");
    let signature = STANDARD.encode(signed.as_ref());
    assert!(sendgrid::check(&public, &signature, "1600112502", &body).is_ok());
    assert!(sendgrid::check(&public, &signature, "1600112503", &body).is_err());
    assert!(sendgrid::check("", &signature, "1600112502", &body).is_err());
    assert!(sendgrid::check(&public, "", "1600112502", &body).is_err());

    let mut sample = here(|_| {}).await;
    sample.settings(|settings| settings.returns.sendgrid_verification_key = public);
    let path = format!("/hooks/sendgrid/{SECRET}");
    let headers =
        |signature: String| [(sendgrid::SIGNATURE, signature), (sendgrid::TIMESTAMP, "1600112502".to_owned())];
    assert_eq!(call(&sample, &path, &headers(String::new()), body.clone()).await, 403);
    assert_eq!(call(&sample, &path, &headers(signature), body).await, 200);
    assert_eq!(sample.subscriber(sample.list, 1).await.status, SubscriptionStatus::Unsubscribed);
}

#[test]
fn sendgrids_category_gives_way_to_the_servers_code() {
    let read = |event: Value| sendgrid::read(KEYS, json!([event]).to_string().as_bytes()).expect("events");
    let bounce = |kind: &str, status: &str, reason: &str| {
        fates(&read(
            json!({ "event": "bounce", "type": kind, "email": "a@b.example", "status": status, "reason": reason }),
        ))
    };
    assert_eq!(bounce("bounce", "5.1.1", "550 5.1.1 unknown"), [Fate::Failed(Fault::Address)]);
    assert_eq!(bounce("bounce", "5.2.2", "552 5.2.2 full"), [Fate::Failed(Fault::Mailbox)]);
    assert_eq!(bounce("bounce", "5.7.1", "550 5.7.1 spam"), [Fate::Failed(Fault::Ours)]);
    assert_eq!(bounce("blocked", "5.1.1", "550 5.1.1 unknown"), [Fate::Failed(Fault::Address)]);
    assert_eq!(bounce("bounce", "", ""), [Fate::Failed(Fault::Address)]);
    assert_eq!(bounce("blocked", "", ""), [Fate::Failed(Fault::Mailbox)]);
    assert!(read(json!({ "event": "dropped", "reason": "Unsubscribed Address" })).is_empty());
    assert!(sendgrid::read(KEYS, b"{}").is_err());
}

#[actix_web::test]
async fn postmark_proves_itself_by_password_and_secret() {
    let sample = here(|returns| returns.postmark_password = "user:password".to_owned()).await;
    let path = format!("/hooks/postmark/{SECRET}");
    let body = json!({ "RecordType": "Bounce", "Type": "HardBounce", "ID": 42, "Email": "1@example.com",
                       "Metadata": { "ref": token("secret", POSTED) }, "Details": "smtp;550 5.1.1 unknown" });
    let body = body.to_string().into_bytes();
    let login = |text: &str| [(AUTHORIZATION.as_str(), format!("Basic {}", STANDARD.encode(text)))];
    assert_eq!(call(&sample, &path, &login("user:guess"), body.clone()).await, 403);
    assert_eq!(call(&sample, &path, &[], body.clone()).await, 403);
    assert_eq!(call(&sample, &path, &login("user:password"), body).await, 200);
    assert_eq!(sample.subscriber(sample.list, 1).await.bounce, BounceType::Hard);
}

#[test]
fn kinds_of_postmark_that_are_no_failures_are_passed_over() {
    let read = |kind: &str, details: &str| {
        let record =
            json!({ "RecordType": "Bounce", "Type": kind, "ID": 1, "Email": "a@b.example", "Details": details });
        fates(&postmark::read(KEYS, record.to_string().as_bytes()).expect("record"))
    };
    assert_eq!(read("HardBounce", "smtp;552 5.2.2 full"), [Fate::Failed(Fault::Mailbox)]);
    assert_eq!(read("HardBounce", ""), [Fate::Failed(Fault::Address)]);
    assert_eq!(read("SoftBounce", ""), [Fate::Failed(Fault::Mailbox)]);
    assert_eq!(read("Blocked", ""), [Fate::Failed(Fault::Ours)]);
    assert!(read("AutoResponder", "").is_empty());
}

/// A call of SNS, signed with the test key.
fn sns(message: &Value) -> Value {
    let mut call = json!({
        "Type": "Notification", "MessageId": "m1", "TopicArn": "arn:aws:sns:us-east-1:1:bounces",
        "Message": message.to_string(), "Timestamp": "2026-11-14T10:00:00.000Z", "SignatureVersion": "2",
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
    });
    let key = RsaKeyPair::from_pkcs8(include_bytes!("../../../../tests/fixtures/keys/signer.pk8")).expect("key");
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), ses::signed_text(&call).as_bytes(), &mut signature)
        .expect("sign");
    call["Signature"] = STANDARD.encode(signature).into();
    call
}

#[test]
fn what_sns_signed_cannot_be_changed() {
    let key = ses::key_of(include_bytes!("../../../../tests/fixtures/keys/signer.pem")).expect("certificate");
    let call = sns(&json!({}));
    assert!(ses::check(&call, &key).is_ok());
    for (name, value) in
        [("Message", "x"), ("TopicArn", "x"), ("Subject", "x"), ("SignatureVersion", "1"), ("Signature", "")]
    {
        let mut changed = call.clone();
        changed[name] = value.into();
        assert!(ses::check(&changed, &key).is_err(), "{name}");
    }
    assert!(ses::key_of(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").is_none());
}

#[actix_web::test]
async fn only_topics_that_are_named_may_call() {
    let sample = here(|returns| returns.ses_topics = vec!["arn:aws:sns:us-east-1:1:bounces".to_owned()]).await;
    let path = format!("/hooks/ses/{SECRET}");
    let mut other = sns(&json!({}));
    other["TopicArn"] = "arn:aws:sns:us-east-1:2:evil".into();
    assert_eq!(call(&sample, &path, &[], other.to_string().into_bytes()).await, 403);
    let mut elsewhere = sns(&json!({}));
    elsewhere["SigningCertURL"] = "https://evil.example/x.pem".into();
    assert_eq!(call(&sample, &path, &[], elsewhere.to_string().into_bytes()).await, 403);
}

#[test]
fn notifications_of_ses_are_read() {
    let mail = json!({ "source": "else@example.org", "headers": [{ "name": "x-mailing-ref", "value": token("secret", POSTED) }] });
    let bounce = |kind: &str, subtype: &str, status: &str, said: &str| {
        let bounced =
            json!([{ "emailAddress": "a@b.example", "status": status, "diagnosticCode": said, "action": "failed" }]);
        let bounce =
            json!({ "bounceType": kind, "bounceSubType": subtype, "feedbackId": "f1", "bouncedRecipients": bounced });
        ses::events(KEYS, &json!({ "notificationType": "Bounce", "mail": mail, "bounce": bounce }), "m1")
    };
    let events = bounce("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown");
    assert_eq!((fates(&events), events[0].id.as_str()), (vec![Fate::Failed(Fault::Address)], "f1"));
    assert_eq!(events[0].returned.posted, Some(POSTED));
    assert_eq!(fates(&bounce("Permanent", "General", "5.2.2", "smtp; 552 5.2.2 full")), [Fate::Failed(Fault::Mailbox)]);
    assert_eq!(fates(&bounce("Permanent", "NoEmail", "", "")), [Fate::Failed(Fault::Address)]);
    assert_eq!(fates(&bounce("Transient", "General", "", "")), [Fate::Failed(Fault::Mailbox)]);
    assert_eq!(fates(&bounce("Transient", "ContentRejected", "", "")), [Fate::Failed(Fault::Ours)]);
    let complaint = |kind: Option<&str>| {
        let mut complaint = json!({ "feedbackId": "f2", "complainedRecipients": [{ "emailAddress": "a@b.example" }] });
        if let Some(kind) = kind {
            complaint["complaintFeedbackType"] = kind.into();
        }
        ses::events(KEYS, &json!({ "eventType": "Complaint", "mail": mail, "complaint": complaint }), "m1")
    };
    assert!(matches!(complaint(None)[0].returned.says, Says::Complained { .. }));
    assert!(matches!(complaint(Some("fraud"))[0].returned.says, Says::Complained { .. }));
    assert!(matches!(complaint(Some("not-spam"))[0].returned.says, Says::Nothing(_)));
    let delivery = json!({ "eventType": "Delivery", "mail": mail, "delivery": { "recipients": ["a@b.example"] } });
    assert_eq!(fates(&ses::events(KEYS, &delivery, "m1")), [Fate::Delivered]);
    assert!(ses::events(KEYS, &json!({ "eventType": "Open" }), "m1").is_empty());
    assert!(ses::events(KEYS, &json!([1]), "m1").is_empty());
}
