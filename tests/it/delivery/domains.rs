//! Sender domains: keys from the command line, signatures on the wire, a slow start.

use std::process::Command;

use serde_json::Value;
use understudy::config::RelaySettings;
use understudy::delivery::signing_keys;
use understudy::delivery::transport::{Outcome, Parcel};
use understudy::domain::cx::{Actor, Ctx, Origin};
use understudy::domain::{sender_domains, warm_ups};
use understudy::model::ids::AccountId;
use understudy::model::states::SigningAlgorithm;

use super::{Office, parcel, relay};
use crate::support::sink::{Manners, Sink};

async fn write(office: &Office, work: impl FnOnce(&mut Ctx<'_>) + Send + 'static) {
    let done = office.core.write(Origin::of_program("test").into(), move |cx| {
        cx.actor = Actor::System;
        work(cx);
        Ok::<_, anyhow::Error>(())
    });
    done.await.unwrap();
}

#[tokio::test]
async fn mail_is_signed_by_the_key_of_its_domain_unless_the_relay_does_that() {
    let (signed, unsigned) = (Sink::start(Manners::default()).await, Sink::start(Manners::default()).await);
    let by_us = RelaySettings { accounts: vec![1], ..relay(&signed) };
    let by_relay = RelaySettings { accounts: vec![2], dkim: false, ..relay(&unsigned) };
    let office = Office::with_relays(vec![by_us, by_relay]).await;
    write(&office, |cx| {
        for algorithm in [SigningAlgorithm::RsaSha256, SigningAlgorithm::Ed25519] {
            let pair = signing_keys::make(algorithm).unwrap();
            sender_domains::create(cx, "example.org", AccountId::NONE, None, pair).unwrap();
        }
        sender_domains::enable(cx, "example.org").unwrap();
    })
    .await;
    let plain = parcel(1, "a@example.com");
    for parcel in [
        plain.clone(),
        Parcel { account: AccountId(2), ..plain.clone() },
        Parcel { from_domain: "example.net".to_owned(), ..plain.clone() },
    ] {
        assert!(matches!(office.post.send(&parcel).await, Outcome::Sent(_)));
    }
    let text = |sink: &Sink, place: usize| String::from_utf8(sink.taken()[place].message.clone()).unwrap();
    let message = String::from_utf8(plain.message.to_vec()).unwrap();
    let head = text(&signed, 0).strip_suffix(&message).expect("the message is as it was").to_owned();
    assert_eq!(head.matches("DKIM-Signature: ").count(), 2, "{head}");
    assert!(
        head.contains("a=rsa-sha256;") && head.contains("a=ed25519-sha256;") && head.contains("d=example.org;"),
        "{head}"
    );
    assert_eq!((text(&signed, 1), text(&unsigned, 0)), (message.clone(), message));
    office.close().await;
}

#[tokio::test]
async fn a_new_domain_sends_no_more_than_its_day_allows() {
    let sink = Sink::start(Manners::default()).await;
    let office = Office::with_relays(vec![relay(&sink)]).await;
    write(&office, |cx| warm_ups::begin(cx, "example.org", 3).unwrap()).await;
    let mut n_sent = 0;
    for id in 1..=5 {
        match office.post.send(&parcel(id, "a@example.com")).await {
            Outcome::Sent(_) => n_sent += 1,
            Outcome::NotTried(delay) => assert!(delay.reason.contains("warm-up"), "{delay:?}"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((n_sent, sink.recipients().len()), (3, 3));
    let other = Parcel { from_domain: "example.net".to_owned(), ..parcel(6, "a@example.com") };
    assert!(matches!(office.post.send(&other).await, Outcome::Sent(_)));
    office.close().await;
}

#[test]
fn keys_are_made_shown_enabled_rotated_and_switched_off_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| -> (bool, Value) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_understudy"));
        let output = command.arg("--data").arg(folder.path()).args(arguments).arg("--json").output().unwrap();
        (output.status.success(), serde_json::from_slice(&output.stdout).unwrap_or(Value::Null))
    };
    let done = |arguments: &[&str]| -> Value {
        let (is_done, told) = run(arguments);
        assert!(is_done, "{arguments:?}: {told}");
        told
    };
    done(&["migrate"]);
    let made = done(&["domain", "create", "example.org", "--selector", "one"]);
    assert_eq!(made[0]["record_name"], "one._domainkey.example.org");
    let texts = made[0]["record_texts"].as_array().unwrap();
    assert!(texts[0].as_str().unwrap().starts_with("v=DKIM1; k=rsa; p=MII"), "{texts:?}");
    assert!(texts.len() > 1 && texts.iter().all(|text| text.as_str().unwrap().len() <= 255));
    assert!(!run(&["domain", "create", "example.org", "--selector", "one"]).0, "the selector is taken");
    assert!(!run(&["domain", "rotate", "example.org"]).0, "nothing signs yet");
    assert_eq!(done(&["domain", "enable", "example.org"])[0]["state"], "signs");
    done(&["domain", "create", "example.org", "--selector", "two", "--algorithm", "ed25519", "--enable"]);
    assert_eq!(done(&["domain", "rotate", "example.org"]).as_array().unwrap().len(), 2);
    let states = |told: &Value| -> Vec<String> {
        told.as_array().unwrap().iter().map(|key| key["state"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        states(&done(&["domain", "show", "example.org"])),
        ["signs", "signs", "waits for its record", "waits for its record"]
    );
    assert_eq!(states(&done(&["domain", "enable", "example.org"])), ["has signed", "has signed", "signs", "signs"]);
    done(&["domain", "disable", "example.org"]);
    assert_eq!(states(&done(&["domain", "list"])), ["off"; 4]);
    done(&["domain", "warm-up", "example.org", "50"]);
    assert!(!run(&["domain", "show", "nothing.example"]).0);
}
