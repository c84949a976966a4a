//! What keys let through, against a database.

use super::*;
use crate::domain::sample::Sample;
use crate::domain::workload::WorkError;
use crate::model::states::Source;

fn origin(ip: &str) -> Arc<Origin> {
    Arc::new(Origin { ip: ip.to_owned(), user_agent: String::new(), channel: "test", source: Source::Api })
}

async fn issued(sample: &Sample, terms: Terms) -> Issued {
    let account = sample.account;
    sample.write(move |cx| Ok(issue(cx, account, &terms).expect("key"))).await.expect("key")
}

fn usage(endpoint: &str, project: Option<ListId>) -> Usage {
    Usage { endpoint: endpoint.to_owned(), project, table: None }
}

async fn verdict(sample: &Sample, ip: &str, id: i64, secret: &str, usage: &Usage) -> Result<AccountId, String> {
    let presented = Presented { id, secret: secret.to_owned() };
    let admitted = admit(&sample.core, &origin(ip), &presented, usage).await;
    admitted.map(|admitted| admitted.account).map_err(|error| format!("{error:?}"))
}

#[tokio::test]
async fn the_right_pair_stands_for_its_account_and_nothing_else_does() {
    let sample = Sample::open().await;
    let key = issued(&sample, Terms::default()).await;
    assert_eq!(key.secret.len(), 32);
    assert!(key.secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let merge = usage("Contacts.Merge", Some(sample.list));
    assert_eq!(verdict(&sample, "192.0.2.1", key.id.0, &key.secret, &merge).await, Ok(sample.account));
    let wrong = Err("AuthenticationFailed".to_owned());
    assert_eq!(verdict(&sample, "192.0.2.1", key.id.0, &key.secret.to_lowercase(), &merge).await, wrong);
    assert_eq!(verdict(&sample, "192.0.2.1", key.id.0, "", &merge).await, wrong);
    assert_eq!(verdict(&sample, "192.0.2.1", 999, &key.secret, &merge).await, wrong);
    let secret = key.secret.clone();
    let owner = sample.write(move |cx| Ok(sessions::owner_of_key(cx, &secret)?)).await.expect("look");
    assert_eq!(owner, None, "it opens no other wire");
}

#[tokio::test]
async fn terms_are_told_to_who_shows_the_right_pair() {
    let sample = Sample::open().await;
    let (list, other) = (sample.list, sample.another_list().await);
    let terms = Terms {
        addresses: vec!["192.0.2.1".parse().expect("address")],
        projects: vec![list],
        endpoints: vec!["Contacts.*".to_owned()],
        ..Terms::default()
    };
    let key = issued(&sample, terms).await;
    let (id, secret) = (key.id.0, key.secret.as_str());
    let good = usage("Contacts.Get", Some(list));
    assert!(verdict(&sample, "192.0.2.1", id, secret, &good).await.is_ok());
    assert_eq!(verdict(&sample, "192.0.2.2", id, secret, &good).await, Err("AddressNotAllowed".to_owned()));
    let denied = Err("AccessDenied".to_owned());
    assert_eq!(verdict(&sample, "192.0.2.1", id, secret, &usage("Contacts.Get", Some(other))).await, denied);
    assert_eq!(verdict(&sample, "192.0.2.1", id, secret, &usage("Projects.List", None)).await, denied);
    sample.write(move |cx| Ok(disable(cx, CredentialId(id)).is_ok())).await.expect("disable");
    assert_eq!(verdict(&sample, "192.0.2.1", id, secret, &good).await, Err("Inactive".to_owned()));
    assert_eq!(verdict(&sample, "192.0.2.1", id, "x", &good).await, Err("AuthenticationFailed".to_owned()));
}

#[tokio::test]
async fn an_expired_key_and_a_disabled_account_are_shut_out() {
    let sample = Sample::open().await;
    let account = sample.account;
    let end = UtcTime::now().plus(std::time::Duration::from_secs(3600));
    let key = issued(&sample, Terms { expires_at: Some(end), ..Terms::default() }).await;
    let any = usage("Contacts.Get", None);
    assert!(verdict(&sample, "", key.id.0, &key.secret, &any).await.is_ok());
    let presented = Presented { id: key.id.0, secret: key.secret.clone() };
    let later = sample
        .write(move |cx| {
            cx.now = end;
            Ok(matches!(check(cx, &presented, &Usage::default())?, Checked::Refused(KeyError::Expired)))
        })
        .await;
    assert!(later.expect("check"));
    sample.write(move |cx| Ok(cx.tx.set_account_enabled(account, false)?)).await.expect("disable");
    let failed = Err("AuthenticationFailed".to_owned());
    assert_eq!(verdict(&sample, "", key.id.0, &key.secret, &any).await, failed);
}

#[tokio::test]
async fn calls_a_day_are_counted_and_start_anew_the_next_day() {
    let sample = Sample::open().await;
    let key = issued(&sample, Terms { calls_per_day: 2, ..Terms::default() }).await;
    let any = usage("Contacts.Get", None);
    for want in [true, true, false, false] {
        assert_eq!(verdict(&sample, "", key.id.0, &key.secret, &any).await.is_ok(), want);
    }
    assert_eq!(verdict(&sample, "", key.id.0, &key.secret, &any).await, Err("QuotaExceeded".to_owned()));
    let id = key.id;
    let tomorrow = sample
        .write(move |cx| {
            cx.now = UtcTime(cx.now.0 + MICROS_OF_DAY);
            Ok(count(cx, id, 2).expect("count"))
        })
        .await;
    assert!(tomorrow.expect("count"));
}

#[tokio::test]
async fn wrong_secrets_are_slowed_and_the_right_one_waits_too() {
    let sample = Sample::open().await;
    let key = issued(&sample, Terms::default()).await;
    let any = usage("Contacts.Get", None);
    let n_free = sample.core.settings().security.free_login_failures;
    for _ in 0..=n_free {
        assert!(verdict(&sample, "192.0.2.1", key.id.0, "wrong", &any).await.is_err());
    }
    assert!(verdict(&sample, "192.0.2.1", key.id.0, &key.secret, &any).await.is_err(), "held back");
    assert!(verdict(&sample, "192.0.2.2", key.id.0, &key.secret, &any).await.is_ok(), "who never failed is not");
}

#[tokio::test]
async fn a_rotated_key_is_another_pair_under_the_same_terms() {
    let sample = Sample::open().await;
    let terms = Terms { note: "site".to_owned(), calls_per_day: 9, ..Terms::default() };
    let old = issued(&sample, terms.clone()).await;
    let id = old.id;
    let new = sample.write(move |cx| Ok(rotate(cx, id).expect("rotate"))).await.expect("rotate");
    let any = usage("Contacts.Get", None);
    assert_eq!(verdict(&sample, "", id.0, &old.secret, &any).await, Err("Inactive".to_owned()));
    assert!(verdict(&sample, "", new.id.0, &new.secret, &any).await.is_ok());
    let account = sample.account;
    let keys = sample.write(move |cx| Ok(list(cx, account).expect("list"))).await.expect("list");
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| key.terms == terms));
    let again = sample.write(move |cx| Ok::<_, WorkError>(rotate(cx, id).is_err())).await.expect("rotate");
    assert!(again, "an ended key has no successor");
}
