//! Who is let in, and what the others are told.

use std::time::Duration;

use serde_json::{Value, json};
use understudy::domain::keys::{self, Terms};
use understudy::model::ids::CredentialId;
use understudy::model::time::UtcTime;

use super::Site;
use super::site::{self, equal};

fn with(key: &(i64, String), mut body: Value) -> Value {
    body["AuthKey"] = json!({ "idKey": key.0, "Key": key.1 });
    body
}

#[test]
fn a_wrong_key_is_one_answer_whatever_was_wrong() {
    let site = Site::open();
    let (id, secret) = &site.key;
    let mut texts = std::collections::BTreeSet::new();
    for key in [
        json!(null),
        json!("text"),
        json!({}),
        json!({ "idKey": id }),
        json!({ "Key": secret }),
        json!({ "idKey": id, "Key": "" }),
        json!({ "idKey": id, "Key": secret.to_lowercase() }),
        json!({ "idKey": 999, "Key": secret }),
    ] {
        let answer = site.call("Projects.List", json!({ "AuthKey": key }));
        assert_eq!(site::refusal(&answer), "AuthenticationFailed", "{key}");
        assert!(!answer.to_string().contains(secret));
        texts.insert(answer["ErrorMessage"].to_string());
    }
    assert_eq!(texts.len(), 1);
    site.done("Projects.List", json!({}));
}

#[test]
fn an_ended_expired_or_misplaced_key_says_so() {
    let site = Site::open();
    let refused = |key: &(i64, String)| site.refused("Projects.List", with(key, json!({})));
    let ended = site.another_key(Terms::default());
    let id = CredentialId(ended.0);
    site.app.write(move |cx| keys::disable(cx, id).unwrap());
    assert_eq!(refused(&ended), "KeyInactive");

    let soon = UtcTime::now().plus(Duration::from_millis(300));
    let brief = site.another_key(Terms { expires_at: Some(soon), ..Terms::default() });
    while UtcTime::now() < soon {
        std::thread::yield_now();
    }
    assert_eq!(refused(&brief), "KeyExpired");

    let elsewhere = Terms { addresses: vec!["192.0.2.7".parse().unwrap()], ..Terms::default() };
    assert_eq!(refused(&site.another_key(elsewhere)), "AddressNotAllowed");
    let here = Terms { addresses: vec!["127.0.0.0/8".parse().unwrap()], ..Terms::default() };
    site.done("Projects.List", with(&site.another_key(here), json!({})));

    let few = site.another_key(Terms { calls_per_day: 2, ..Terms::default() });
    site.done("Projects.List", with(&few, json!({})));
    site.done("Projects.List", with(&few, json!({})));
    assert_eq!(refused(&few), "QuotaExceeded");
}

#[test]
fn a_key_reaches_what_its_terms_name_and_nothing_else() {
    let site = Site::open();
    let other = site.as_owner(|cx| {
        let new = understudy::domain::projects::NewProject { name: "Other".to_owned(), ..Default::default() };
        understudy::domain::projects::create(cx, &new).unwrap()
    });
    let narrow = site.another_key(Terms {
        projects: vec![other],
        endpoints: vec!["Contacts.Get".to_owned(), "Projects.*".to_owned(), "RelationalTables.*".to_owned()],
        ..Terms::default()
    });
    let body = |project: i64| with(&narrow, json!({ "idProject": project, "Clause": equal("idContact", json!(1)) }));
    site.done("Contacts.Get", body(other.0));
    assert_eq!(site.refused("Contacts.Get", body(site.project.0)), "AccessDenied");
    assert_eq!(site.refused("Contacts.Delete", body(other.0)), "AccessDenied");
    let listed = site.done("Projects.List", with(&narrow, json!({})));
    assert_eq!(listed["Records"], json!([{ "idProject": other.0, "ProjectName": "Other" }]));
    let table = with(&narrow, json!({ "idTable": site.table.0, "Clause": equal("Course", json!("x")) }));
    assert_eq!(site.refused("RelationalTables.Get", table), "AccessDenied", "the table's project is not its own");
}

#[test]
fn what_another_account_owns_does_not_exist() {
    let site = Site::open();
    let stranger = understudy::model::ids::AccountId(site.app.account("").id.parse().unwrap());
    let theirs = site.app.write(move |cx| site::make(cx, stranger));
    let clause = equal("idContact", json!(1));
    let get = |project: i64| site.refused("Contacts.Get", json!({ "idProject": project, "Clause": clause }));
    assert_eq!((get(theirs.project.0), get(987_654)), ("ProjectNotFound".to_owned(), "ProjectNotFound".to_owned()));
    let table = |id: i64| site.refused("RelationalTables.Get", json!({ "idTable": id, "Clause": clause }));
    assert_eq!((table(theirs.table.0), table(987_654)), ("TableNotFound".to_owned(), "TableNotFound".to_owned()));
    let merge = json!({ "idProject": theirs.project.0, "Records": [{ "ID": { "key_f_EMail": "a@example.com" } }] });
    assert_eq!(site.refused("Contacts.Merge", merge), "ProjectNotFound");
    assert_eq!(site.app.count("SELECT count(*) AS n FROM subscribers"), 0);
}

#[test]
fn guessing_is_slowed_and_the_owner_elsewhere_is_not() {
    let site = Site::open();
    let n_free = understudy::config::Settings::default().security.free_login_failures;
    for _ in 0..=n_free {
        assert_eq!(
            site.refused("Projects.List", with(&(site.key.0, "x".repeat(32)), json!({}))),
            "AuthenticationFailed"
        );
    }
    assert_eq!(site.refused("Projects.List", json!({})), "AuthenticationFailed", "held back for a moment");
    assert_eq!(site.app.count("SELECT count(*) AS n FROM login_failures"), 3);
}
