//! A project whose key is another field than the address, seen by `api.php`: no way in leaves two contacts with one key.

use understudy::domain::administration;
use understudy::domain::contacts::merge::{MergeOptions, Record, merge, pair};
use understudy::domain::projects::{self, NewField, NewProject};
use understudy::model::ids::{FieldId, ListId};
use understudy::model::states::DataType;

use crate::support::{TestAccount, TestApp};

/// A project keyed by its field `Code`.
fn keyed(app: &TestApp, account: &TestAccount) -> (ListId, FieldId) {
    let login = account.username.clone();
    app.write(move |cx| {
        administration::act_as(cx, &login).unwrap();
        let project = projects::create(cx, &NewProject { name: "Shop".to_owned(), ..NewProject::default() }).unwrap();
        let new = NewField {
            code: "Code".to_owned(),
            data_type: DataType::Text,
            is_long: false,
            is_required: false,
            labels: Default::default(),
            choices: Vec::new(),
        };
        let field = projects::add_field(cx, project, &new).unwrap();
        projects::set_key(cx, project, &["Code".to_owned()]).unwrap();
        (project, field)
    })
}

/// The contact that a merge by key finds or makes; `None` when it is refused.
fn merged(
    app: &TestApp,
    account: &TestAccount,
    project: ListId,
    code: &'static str,
    email: &'static str,
) -> Option<i64> {
    let login = account.username.clone();
    app.write(move |cx| {
        administration::act_as(cx, &login).unwrap();
        let record = Record { id: vec![pair("key_f_Code", code)], data: vec![pair("f_EMail", email)] };
        let outcome = merge(cx, project, &[record], &MergeOptions::default()).unwrap().outcomes.remove(0);
        outcome.number.filter(|_| outcome.problem.is_none()).map(|number| number.0)
    })
}

#[test]
fn imports_subscriptions_and_updates_keep_the_key_unique() {
    let app = TestApp::start();
    let account = app.account("");
    let (project, field) = keyed(&app, &account);
    let session = &account.session;
    let call = |params: String| app.json(&format!("SessionID={session}&{params}"));
    let text = "a@example.com%2CA1%0Ab@example.com%2Ca1%0Ac@example.com%2CC3%0Ad@example.com%2C";
    let first = call(format!(
        "Command=Subscribers.Import&ListID={project}&ImportStep=1&ImportType=Copy&FieldTerminator=%2C&ImportData={text}"
    ));
    assert_eq!(first["Success"], true, "{first}");
    let second = call(format!(
        "Command=Subscribers.Import&ListID={project}&ImportStep=2&ImportID={}&MappedFields[FIELD1]=EmailAddress&MappedFields[FIELD2]=CustomField{field}",
        first["ImportID"]
    ));
    assert_eq!((&second["TotalImported"], &second["TotalFailed"]), (&3.into(), &1.into()), "{second}");
    assert_eq!(app.count("SELECT count(*) AS n FROM contact_keys"), 2, "one has no value");
    assert_eq!(merged(&app, &account, project, "a1", "a2@example.com"), Some(1), "found by key, its address changes");

    let subscribe = |email: &str, code: &str| {
        call(format!(
            "Command=Subscriber.Subscribe&ListID={project}&EmailAddress={email}&IPAddress=192.0.2.7&CustomField{field}={code}"
        ))
    };
    assert_eq!(subscribe("e@example.com", "c3")["Success"], false);
    assert_eq!(subscribe("e@example.com", "E5")["Success"], true);
    assert_eq!(merged(&app, &account, project, "E5", "e@example.com"), Some(4));
    let update = |code: &str| {
        call(format!(
            "Command=Subscriber.Update&SubscriberListID={project}&SubscriberID=4&EmailAddress=e@example.com&Fields[CustomField{field}]={code}"
        ))
    };
    assert_eq!(update("A1")["Success"], false);
    assert_eq!(update("E6")["Success"], true);
    assert_eq!(merged(&app, &account, project, "E5", "f@example.com"), Some(5), "the old key is free");
    let deleted = call(format!("Command=Subscribers.Delete&SubscriberListID={project}&Subscribers=1"));
    assert_eq!(deleted["Success"], true, "{deleted}");
    assert_eq!(merged(&app, &account, project, "A1", "g@example.com"), Some(6), "so is a deleted contact's");
}

#[test]
fn a_deleted_project_takes_everything_beside_it_along() {
    let app = TestApp::start();
    let account = app.account("");
    let (project, _) = keyed(&app, &account);
    merged(&app, &account, project, "A1", "a@example.com");
    let deleted = app.json(&format!("Command=Lists.Delete&SessionID={}&Lists={project}", account.session));
    assert_eq!(deleted["Success"], true, "{deleted}");
    app.settle();
    for table in ["projects", "contact_keys", "subscribers", "fields", "lists"] {
        assert_eq!(app.count(&format!("SELECT count(*) AS n FROM {table}")), 0, "{table}");
    }
}

#[test]
fn of_merges_about_one_new_address_at_once_one_makes_the_contact_and_the_others_change_it() {
    let app = TestApp::start();
    let account = app.account("");
    let (project, _) = keyed(&app, &account);
    let found: Vec<Option<i64>> = std::thread::scope(|scope| {
        let asked: Vec<_> =
            (0..8).map(|_| scope.spawn(|| merged(&app, &account, project, "A1", "a@example.com"))).collect();
        asked.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(found, [Some(1); 8]);
    assert_eq!(app.count("SELECT count(*) AS n FROM subscribers"), 1);
}
