//! What merging, selecting and deleting contacts does, against a database.

use super::clause::{FieldClause, Operator, by_address, equal};
use super::merge::{MergeOptions, Merged, Problem, Record, Status, merge, pair};
use super::*;
use crate::domain::consent;
use crate::domain::keys;
use crate::domain::mail_queue;
use crate::domain::projects::{Labels, NewField};
use crate::domain::sample::Sample;
use crate::domain::workload::{self, WorkError};
use crate::model::states::{ConsentEvent, DataType, JobKind, OptInMode};

fn field(code: &str, data_type: DataType, is_required: bool, choices: &[&str]) -> NewField {
    NewField {
        code: code.to_owned(),
        data_type,
        is_long: false,
        is_required,
        labels: Labels::new(),
        choices: choices.iter().map(|text| ((*text).to_owned(), text.to_uppercase())).collect(),
    }
}

/// Runs `f` as the sample's account with every permission.
async fn act<T: Send + 'static>(
    sample: &Sample,
    f: impl FnOnce(&mut Ctx<'_>) -> Result<T, WorkError> + Send + 'static,
) -> T {
    let account = sample.account;
    let acted = sample.write(move |cx| {
        keys::act_for(cx, account).expect("account");
        f(cx)
    });
    acted.await.expect("work")
}

/// A project with a field of each type and one opt-in.
async fn project() -> Sample {
    let sample = Sample::open().await;
    let list = sample.list;
    act(&sample, move |cx| {
        for new in [
            field("FirstName", DataType::Text, false, &[]),
            field("Code", DataType::Text, false, &[]),
            field("Age", DataType::Integer, false, &[]),
            field("Member", DataType::Boolean, false, &[]),
            field("Born", DataType::Date, false, &[]),
            field("Seen", DataType::DateTime, false, &[]),
            field("Colour", DataType::Choice, false, &["red", "blue"]),
            field("Topics", DataType::MultiChoice, false, &["a", "b", "c"]),
        ] {
            projects::add_field(cx, list, &new).expect("field");
        }
        projects::add_opt_in(cx, list, "News", &Labels::new(), 0).expect("opt-in");
        projects::set_time_zone(cx, list, "America/Toronto").expect("zone");
        Ok(())
    })
    .await;
    sample
}

fn record(email: &str, data: &[(&str, &str)]) -> Record {
    let data = data.iter().map(|(name, value)| pair(name, *value)).collect();
    Record { id: vec![pair("key_f_EMail", email)], data: [vec![pair("f_EMail", email)], data].concat() }
}

fn update_of(number: i64, data: &[(&str, &str)]) -> Record {
    let data = data.iter().map(|(name, value)| pair(name, *value)).collect();
    Record { id: vec![pair("idContact", number.to_string())], data }
}

async fn merged(sample: &Sample, records: Vec<Record>, options: MergeOptions) -> Merged {
    let list = sample.list;
    act(sample, move |cx| Ok(merge(cx, list, &records, &options).expect("merge"))).await
}

async fn outcomes(
    sample: &Sample,
    records: Vec<Record>,
    options: MergeOptions,
) -> Vec<(Status, Option<i64>, Option<Problem>)> {
    let merged = merged(sample, records, options).await;
    merged.outcomes.into_iter().map(|one| (one.status, one.number.map(|number| number.0), one.problem)).collect()
}

async fn contact(sample: &Sample, number: i64) -> (Project, Contact) {
    let list = sample.list;
    act(sample, move |cx| Ok(get(cx, list, SubscriberNumber(number)).expect("contact"))).await
}

async fn found(sample: &Sample, clause: Clause) -> Vec<i64> {
    let list = sample.list;
    let found =
        act(sample, move |cx| Ok(select(cx, list, &clause, SubscriberNumber::NONE, 1_000).expect("found"))).await;
    found.contacts.iter().map(|contact| contact.number().0).collect()
}

async fn events(sample: &Sample, number: i64) -> Vec<ConsentEvent> {
    let list = sample.list;
    let log = sample.write(move |cx| Ok(consent::history(cx, list, SubscriberNumber(number)).expect("log"))).await;
    log.expect("log").into_iter().map(|entry| entry.event).collect()
}

fn ok() -> MergeOptions {
    MergeOptions::default()
}

#[tokio::test]
async fn records_make_and_change_contacts() {
    let sample = project().await;
    let data = [
        ("f_FirstName", "Ann"),
        ("f_Age", "042"),
        ("f_Member", "True"),
        ("f_Born", "1980.02.29"),
        ("f_Seen", "2026-11-25 13:05:09 +0000"),
        ("f_Colour", "red"),
        ("f_Topics", "a|c"),
        ("optin_News", "1"),
        ("dtOptin_News", "2020.01.01"),
        ("hasTrackingConsent", "false"),
    ];
    let made =
        merged(&sample, vec![record("Ann@Example.com", &data)], MergeOptions { returns_contacts: true, ..ok() }).await;
    assert_eq!((made.n_created, made.n_updated, made.outcomes[0].status), (1, 0, Status::Created));
    let contact_made = made.outcomes[0].contact.as_ref().expect("asked for");
    assert!(contact_made.is_active() && contact_made.number().0 == 1);
    let value = |code: &str| contact_made.value(made.project.field(code).expect("field").field.id).to_owned();
    assert_eq!(
        ["FirstName", "Age", "Member", "Born", "Seen", "Colour", "Topics"].map(value),
        ["Ann", "42", "1", "1980-02-29", "2026-11-25 08:05:09", "red", "a||||c"]
    );
    let said = contact_made.opt_ins[&made.project.opt_in("news").expect("opt-in").id];
    assert!(said.is_given && dates::dotted(said.at, made.project.time_zone) == "2020.01.01 00:00:00");
    assert!(!contact_made.tracking.expect("said").is_given);
    assert_eq!(
        events(&sample, 1).await,
        [ConsentEvent::Subscribe, ConsentEvent::OptInGiven, ConsentEvent::TrackingChanged]
    );

    let changed = [("f_Age", ""), ("optin_News", "0"), ("hasTrackingConsent", ""), ("f_EMail", "ann2@example.com")];
    assert_eq!(outcomes(&sample, vec![update_of(1, &changed)], ok()).await, [(Status::Updated, Some(1), None)]);
    let (project, contact) = contact(&sample, 1).await;
    assert_eq!(contact.subscriber.email, "ann2@example.com");
    assert_eq!(contact.value(project.field("Age").expect("field").field.id), "");
    assert!(!contact.opt_ins.values().next().expect("said").is_given && contact.tracking.is_none());
    assert!(!sample.write(mail_queue::is_due).await.expect("look"), "nothing is mailed");
}

#[tokio::test]
async fn each_record_has_its_own_outcome_and_a_refused_one_changes_nothing() {
    let sample = project().await;
    let list = sample.list;
    act(
        &sample,
        move |cx| Ok(projects::add_field(cx, list, &field("Must", DataType::Text, true, &[])).expect("field")),
    )
    .await;
    let must = [("f_Must", "x")];
    let records = vec![
        record("a@example.com", &must),
        record("a@example.com", &must),
        record("b@example.com", &[]),
        record("no address", &must),
        record("c@example.com", &[("f_Must", "x"), ("f_Nothing", "1")]),
        record("c@example.com", &[("f_Must", "x"), ("f_Age", "old")]),
        record("c@example.com", &[("f_Must", "x"), ("f_Colour", "green")]),
        record("c@example.com", &[("f_Must", "x"), ("optin_News", "maybe")]),
        record("c@example.com", &[("f_Must", "x"), ("optin_Other", "1")]),
        record("c@example.com", &[("f_Must", "x"), ("f_FirstName", &"é".repeat(101))]),
        Record { id: vec![pair("key_f_Other", "x")], data: Vec::new() },
        Record::default(),
        update_of(99, &[]),
        record("c@example.com", &must),
    ];
    let got = outcomes(&sample, records, ok()).await;
    let named = |name: &str| name.to_owned();
    let problems: Vec<Option<Problem>> = got.iter().map(|(_, _, problem)| problem.clone()).collect();
    assert_eq!(
        problems[..5],
        [
            None,
            Some(Problem::DuplicateRecord),
            Some(Problem::MissingRequiredField(named("f_Must"))),
            Some(Problem::InvalidEMail),
            Some(Problem::UnknownField(named("f_Nothing"))),
        ]
    );
    for (place, name) in [(5, "f_Age"), (6, "f_Colour"), (7, "optin_News"), (9, "f_FirstName")] {
        assert!(matches!(&problems[place], Some(Problem::InvalidValue(field, _)) if field == name), "{place}");
    }
    assert_eq!(problems[8], Some(Problem::UnknownField(named("optin_Other"))));
    assert_eq!(
        problems[10..],
        [Some(Problem::InvalidKey), Some(Problem::InvalidKey), Some(Problem::UnmatchedRecord), None]
    );
    assert_eq!((got[0].1, got[13].1), (Some(1), Some(2)), "a refused record takes no number");
    assert_eq!(found(&sample, Clause::All).await, [1, 2]);
    let emptied = outcomes(&sample, vec![update_of(1, &[("f_Must", "")])], ok()).await;
    assert_eq!(emptied[0], (Status::Error, Some(1), Some(Problem::MissingRequiredField(named("f_Must")))));
}

#[tokio::test]
async fn options_forbid_and_pass_over() {
    let sample = project().await;
    outcomes(&sample, vec![record("a@example.com", &[])], ok()).await;
    let (known, new) = (record("A@example.com", &[("f_Age", "1")]), record("b@example.com", &[]));
    let no_insert = MergeOptions { allow_insert: false, ..ok() };
    assert_eq!(
        outcomes(&sample, vec![new.clone(), update_of(7, &[])], no_insert).await,
        [(Status::Error, None, Some(Problem::InsertNotAllowed)), (Status::Error, None, Some(Problem::UnmatchedRecord))]
    );
    let skips = MergeOptions { skip_unmatched: true, ..no_insert };
    assert_eq!(outcomes(&sample, vec![new.clone()], skips).await[0].0, Status::Skipped);
    let no_update = MergeOptions { allow_update: false, ..ok() };
    assert_eq!(
        outcomes(&sample, vec![known.clone()], no_update).await,
        [(Status::Error, Some(1), Some(Problem::UpdateNotAllowed))],
        "who is there is named"
    );
    let twice = MergeOptions { skip_duplicates: true, ..ok() };
    let statuses: Vec<Status> = outcomes(&sample, vec![new.clone(), new, known.clone(), update_of(1, &[])], twice)
        .await
        .into_iter()
        .map(|one| one.0)
        .collect();
    assert_eq!(statuses, [Status::Created, Status::Skipped, Status::Updated, Status::Skipped]);
    let taken = outcomes(&sample, vec![update_of(1, &[("f_EMail", "b@example.com")])], ok()).await;
    assert_eq!(taken, [(Status::Error, Some(1), Some(Problem::DuplicateRecord))]);
}

#[tokio::test]
async fn an_inactive_contact_is_pending_without_a_request_and_becomes_active_by_its_own_rule() {
    let sample = project().await;
    sample.change_list(sample.list, |row| row.opt_in_mode = OptInMode::Double).await;
    let (account, list) = (sample.account, sample.list);
    sample
        .write(move |cx| {
            Ok(cx.tx.insert_hook(
                account,
                list,
                crate::model::states::HookEvent::Subscription,
                "http://127.0.0.1:9/",
                cx.now,
            )?)
        })
        .await
        .expect("hook");
    outcomes(
        &sample,
        vec![record("a@example.com", &[("isActive", "false")]), record("b@example.com", &[("isActive", "")])],
        ok(),
    )
    .await;
    let (_, first) = contact(&sample, 1).await;
    assert!(!first.is_active() && first.subscriber.request_sent_at.is_none());
    assert!(contact(&sample, 2).await.1.is_active(), "an empty isActive is none, whatever the list's own mode");
    assert!(!sample.write(mail_queue::is_due).await.expect("look"), "nobody is mailed");

    assert_eq!(outcomes(&sample, vec![update_of(1, &[("isActive", "true")])], ok()).await[0].0, Status::Updated);
    assert!(contact(&sample, 1).await.1.is_active());
    assert_eq!(events(&sample, 1).await, [ConsentEvent::Subscribe, ConsentEvent::Confirm]);
    let n_hooks =
        sample.write(|cx| Ok(workload::claim_jobs(cx, JobKind::ListHook, 9, std::time::Duration::ZERO)?.len())).await;
    assert_eq!(n_hooks.expect("jobs"), 2, "both joined");

    let states = act(&sample, move |cx| {
        let number = SubscriberNumber(1);
        let first = states::deactivate(cx, list, number).expect("deactivate");
        let again = states::deactivate(cx, list, number).expect("deactivate");
        let back = states::activate(cx, list, number).expect("activate");
        let done = states::activate(cx, list, number).expect("activate");
        Ok([first, again, back, done])
    })
    .await;
    assert_eq!(states, [true, false, true, false]);
    assert_eq!(events(&sample, 1).await[2..], [ConsentEvent::Update, ConsentEvent::Confirm]);
}

#[tokio::test]
async fn an_old_link_does_not_bring_back_who_unsubscribed_but_the_owner_does() {
    let sample = project().await;
    let list = sample.list;
    outcomes(&sample, vec![record("a@example.com", &[("isActive", "0")]), record("b@example.com", &[])], ok()).await;
    act(&sample, move |cx| {
        states::activate_by_link(cx, list, SubscriberNumber(1)).expect("link");
        states::activate_by_link(cx, list, SubscriberNumber(1)).expect("second visit");
        let change = crate::domain::subscribers::update::SubscriberChange {
            status: Some(SubscriptionStatus::Unsubscribed),
            ..Default::default()
        };
        let who = crate::domain::subscribers::Selector::Number(SubscriberNumber(1));
        crate::domain::subscribers::update::update(cx, list, &who, &change).expect("unsubscribed");
        let refused = states::activate_by_link(cx, list, SubscriberNumber(1));
        assert!(matches!(refused, Err(states::StateError::Unsubscribed(SubscriberNumber(1)))));
        assert!(states::activate(cx, list, SubscriberNumber(1)).expect("owner"));
        Ok(())
    })
    .await;
    assert!(contact(&sample, 1).await.1.is_active());
}

fn test(name: &str, operator: Operator, values: &[&str]) -> Clause {
    let values = values.iter().map(|text| Given::text(*text)).collect();
    Clause::Field(FieldClause { name: name.to_owned(), operator, values })
}

#[tokio::test]
async fn clauses_compare_by_type_and_without_case() {
    let sample = project().await;
    let records = vec![
        record(
            "Ann@example.com",
            &[("f_FirstName", "ÉLISE 50%"), ("f_Age", "9"), ("f_Born", "1980.02.29"), ("optin_News", "1")],
        ),
        record("bob@example.com", &[("f_FirstName", "Bob"), ("f_Age", "10"), ("f_Topics", "a|b"), ("optin_News", "0")]),
        record(
            "cy@other.example",
            &[("f_FirstName", "cy"), ("f_Age", "100"), ("f_Seen", "2026.11.25 10:00:00"), ("isActive", "false")],
        ),
        record("dee@other.example", &[("f_Member", "true"), ("hasTrackingConsent", "1")]),
    ];
    outcomes(&sample, records, ok()).await;
    use Operator::*;
    for (clause, want) in [
        (by_address("ANN@Example.com"), &[1][..]),
        (test("idContact", Equal, &["2"]), &[2]),
        (test("idContact", GreaterOrEqual, &["3"]), &[3, 4]),
        (test("idContact", In, &["4", "1", "99"]), &[1, 4]),
        (test("f_EMail", EndsWith, &["@OTHER.example"]), &[3, 4]),
        (test("f_FirstName", Equal, &["élise 50%"]), &[1]),
        (test("f_FirstName", Contains, &["0%"]), &[1]),
        (test("f_FirstName", StartsWith, &["b_b"]), &[]),
        (test("f_FirstName", IsNull, &[]), &[4]),
        (test("f_FirstName", IsNotNull, &[]), &[1, 2, 3]),
        (test("f_FirstName", NotEqual, &["bob"]), &[1, 3, 4]),
        (test("f_Age", Greater, &["9"]), &[2, 3]),
        (test("f_Age", Less, &["10.5"]), &[1, 2]),
        (test("f_Age", NotEqual, &["10"]), &[1, 3, 4]),
        (test("f_Born", Equal, &["1980-02-29"]), &[1]),
        (test("f_Born", Less, &["1980.03.01"]), &[1]),
        (test("f_Seen", GreaterOrEqual, &["2026-11-25 10:00:00"]), &[3]),
        (test("f_Member", Equal, &["true"]), &[4]),
        (test("f_Topics", Contains, &["b"]), &[2]),
        (test("f_Topics", Equal, &["A|B"]), &[2]),
        (test("optin_News", Equal, &["1"]), &[1]),
        (test("optin_News", NotEqual, &["1"]), &[2, 3, 4]),
        (test("optin_News", IsNull, &[]), &[3, 4]),
        (test("dtOptin_News", Greater, &["2020.01.01"]), &[1, 2]),
        (test("hasTrackingConsent", Equal, &["true"]), &[4]),
        (test("isActive", Equal, &["false"]), &[3]),
        (test("isActive", NotEqual, &["false"]), &[1, 2, 4]),
        (test("dtCreated", Less, &["2020.01.01"]), &[]),
        (Clause::And(Vec::new()), &[1, 2, 3, 4]),
        (Clause::Or(Vec::new()), &[]),
        (
            Clause::Or(vec![
                by_address("bob@example.com"),
                Clause::And(vec![test("f_Age", Greater, &["50"]), test("f_FirstName", Equal, &["CY"])]),
            ]),
            &[2, 3],
        ),
    ] {
        assert_eq!(found(&sample, clause.clone()).await, want, "{clause:?}");
    }
}

#[tokio::test]
async fn clauses_that_make_no_sense_are_refused_and_pages_go_on() {
    let sample = project().await;
    let list = sample.list;
    let records = (0..7).map(|n| record(&format!("{n}@example.com"), &[])).collect();
    outcomes(&sample, records, ok()).await;
    let mut deep = Clause::All;
    for _ in 0..=clause::MAX_DEPTH {
        deep = Clause::And(vec![deep]);
    }
    let many: Vec<String> = (0..=clause::MAX_COMPARISONS).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (clause, want) in [
        (test("f_Nothing", Operator::Equal, &["1"]), BadClause::UnknownField("f_Nothing".to_owned())),
        (test("optin_Nothing", Operator::Equal, &["1"]), BadClause::UnknownField("optin_Nothing".to_owned())),
        (test("f_Age", Operator::Equal, &["old"]), BadClause::BadValue("f_Age".to_owned())),
        (test("f_Age", Operator::Equal, &[]), BadClause::BadValue("f_Age".to_owned())),
        (test("idContact", Operator::Equal, &["x"]), BadClause::BadValue("idContact".to_owned())),
        (test("idContact", Operator::Contains, &["1"]), BadClause::BadOperator("idContact".to_owned())),
        (test("isActive", Operator::Greater, &["1"]), BadClause::BadOperator("isActive".to_owned())),
        (deep, BadClause::TooLarge),
        (test("idContact", Operator::In, &many), BadClause::TooLarge),
    ] {
        let refused = act(&sample, move |cx| Ok(select(cx, list, &clause, SubscriberNumber::NONE, 10).map(drop))).await;
        assert!(matches!(refused, Err(ContactError::Clause(bad)) if bad == want), "{want:?}");
    }
    let pages = act(&sample, move |cx| {
        let first = select(cx, list, &Clause::All, SubscriberNumber::NONE, 4).expect("page");
        let last = first.contacts.last().expect("contact").number();
        let second = select(cx, list, &Clause::All, last, 4).expect("page");
        Ok((first.contacts.len(), first.has_more, second.contacts.len(), second.has_more))
    })
    .await;
    assert_eq!(pages, (4, true, 3, false));
}

#[tokio::test]
async fn deleting_is_all_or_nothing_and_leaves_nothing_beside() {
    let sample = project().await;
    let list = sample.list;
    let records = (0..3)
        .map(|n| record(&format!("{n}@example.com"), &[("optin_News", "1"), ("hasTrackingConsent", "1")]))
        .collect();
    outcomes(&sample, records, ok()).await;
    let all = || test("f_EMail", Operator::EndsWith, &["@example.com"]);
    let clause = all();
    let refused = act(&sample, move |cx| Ok(delete(cx, list, &clause, Some(2)))).await;
    assert!(matches!(refused, Err(ContactError::TooMany(2))));
    assert_eq!(found(&sample, Clause::All).await.len(), 3);
    let gone =
        act(&sample, move |cx| Ok(delete(cx, list, &by_address("0@example.com"), Some(1)).expect("delete"))).await;
    assert_eq!(gone, 1);
    let clause = all();
    assert_eq!(act(&sample, move |cx| Ok(delete(cx, list, &clause, None).expect("delete"))).await, 2);
    let left = act(&sample, move |cx| {
        let numbers = [1, 2, 3].map(SubscriberNumber);
        Ok(cx.tx.list_contact_opt_ins(list, &numbers)?.len() + cx.tx.list_tracking(list, &numbers)?.len())
    })
    .await;
    assert_eq!(left, 0);
    assert_eq!(events(&sample, 1).await.last(), Some(&ConsentEvent::Delete));
}

#[tokio::test]
async fn a_key_of_fields_tells_contacts_apart_on_every_wire() {
    let sample = project().await;
    let list = sample.list;
    act(&sample, move |cx| {
        let codes = ["Code".to_owned(), "Born".to_owned()];
        projects::set_key(cx, list, &codes).expect("key");
        Ok(())
    })
    .await;
    let keyed = |code: &str, email: &str| Record {
        id: vec![pair("key_f_Code", code), pair("key_f_Born", "2000.01.31")],
        data: vec![pair("f_EMail", email)],
    };
    let made = outcomes(&sample, vec![keyed("A1", "a@example.com"), keyed("a2", "b@example.com")], ok()).await;
    assert_eq!(made, [(Status::Created, Some(1), None), (Status::Created, Some(2), None)]);
    assert_eq!(
        outcomes(&sample, vec![keyed("a1", "c@example.com")], ok()).await,
        [(Status::Updated, Some(1), None)],
        "case does not matter, and the address changes"
    );
    let taken = outcomes(&sample, vec![keyed("a3", "b@example.com"), update_of(2, &[("f_Code", "A1")])], ok()).await;
    assert_eq!(
        taken,
        [
            (Status::Error, Some(2), Some(Problem::DuplicateRecord)),
            (Status::Error, Some(2), Some(Problem::DuplicateRecord))
        ]
    );
    let half = Record { id: vec![pair("key_f_Code", "A1")], data: Vec::new() };
    assert_eq!(outcomes(&sample, vec![half], ok()).await[0].2, Some(Problem::InvalidKey));
    let both = Clause::And(vec![
        test("f_Code", Operator::Equal, &["A2"]),
        test("f_Born", Operator::Equal, &["2000-01-31"]),
        test("f_EMail", Operator::Equal, &["b@example.com"]),
    ]);
    assert_eq!(found(&sample, both).await, [2]);
    // Another wire may empty a part: the contact has no key then, and its key is free.
    outcomes(&sample, vec![update_of(1, &[("f_Code", "")])], ok()).await;
    assert_eq!(outcomes(&sample, vec![keyed("A1", "d@example.com")], ok()).await[0].0, Status::Created);
    let refused = act(&sample, move |cx| Ok(projects::set_key(cx, list, &["Code".to_owned()]))).await;
    assert!(matches!(refused, Err(projects::SetKeyError::NoOwnKey(1))));
    act(&sample, move |cx| {
        projects::set_key(cx, list, &[]).expect("key");
        Ok(())
    })
    .await;
    assert_eq!(found(&sample, equal("f_Code", Given::text("a1"))).await, [3]);
}

#[tokio::test]
async fn another_account_and_a_group_without_the_permission_reach_nothing() {
    let sample = project().await;
    let list = sample.list;
    outcomes(&sample, vec![record("a@example.com", &[])], ok()).await;
    let refused = sample
        .write(move |cx| {
            Ok((
                merge(cx, list, &[], &MergeOptions::default()).is_err(),
                select(cx, list, &Clause::All, SubscriberNumber::NONE, 1).is_err(),
                matches!(delete(cx, list, &Clause::All, None), Err(ContactError::Denied(Denied::NotLoggedIn))),
            ))
        })
        .await;
    assert_eq!(refused.expect("work"), (true, true, true));
    let other =
        act(&sample, move |cx| Ok(matches!(get(cx, ListId(99), SubscriberNumber(1)), Err(ContactError::NoProject(_)))))
            .await;
    assert!(other);
}

#[tokio::test]
async fn a_field_of_the_whole_account_is_one_of_every_project() {
    let sample = project().await;
    let (list, other) = (sample.list, sample.another_list().await);
    act(&sample, move |cx| {
        crate::domain::fields::create(cx, list, |field| {
            field.is_global = true;
            field.code = "World".to_owned();
        })
        .expect("field");
        let record = record("a@example.com", &[("f_World", "Mars")]);
        merge(cx, list, &[record.clone(), super::merge::Record { data: Vec::new(), ..record }], &ok()).expect("merge");
        let joins = Record { id: vec![pair("EMail", "A@example.com")], data: Vec::new() };
        merge(cx, other, &[joins], &ok()).expect("merge");
        Ok(())
    })
    .await;
    assert_eq!(found(&sample, test("f_World", Operator::Equal, &["mars"])).await, [1]);
    assert_eq!(found(&sample, test("f_World", Operator::IsNull, &[])).await, [0; 0]);
    let elsewhere = act(&sample, move |cx| Ok(get(cx, other, SubscriberNumber(1)).expect("contact"))).await;
    let field = elsewhere.0.field("world").expect("field").field.id;
    assert_eq!(elsewhere.1.value(field), "Mars", "it belongs to the address");
    let key = act(&sample, move |cx| Ok(projects::set_key(cx, list, &["World".to_owned()]))).await;
    assert!(matches!(key, Err(projects::SetKeyError::BadField(_))), "no project has it for itself");
}
