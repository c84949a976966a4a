//! Another account's ids: answered like unknown ones, and nothing behind them changes.

use understudy::dialects::oempro::registry::{self, Auth};

use super::assert_envelope;
use crate::support::TestApp;

/// Words that only the owner may ever see.
const SECRETS: [&str; 3] = ["Private-List-Name", "private.person@example.com", "Private-Field"];

/// Everything of an account that other accounts could want.
struct Owned {
    session: String,
    list: String,
    subscriber: String,
    field: String,
    snapshot: Vec<String>,
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn fill(app: &TestApp) -> Owned {
    let session = app.account("").session;
    let made = app.json(&format!("Command=List.Create&SessionID={session}&SubscriberListName={}", SECRETS[0]));
    let list = text(&made["ListID"]);
    let made = app.json(&format!(
        "Command=CustomField.Create&SessionID={session}&SubscriberListID={list}&FieldName={}&FieldType=Single+line",
        SECRETS[2]
    ));
    let field = text(&made["CustomFieldID"]);
    let made = app.json(&format!(
        "Command=Subscriber.Subscribe&ListID={list}&EmailAddress={}&IPAddress=192.0.2.1&CustomField{field}=x",
        SECRETS[1]
    ));
    assert_eq!(made["Success"], true, "{made}");
    let mut owned = Owned { session, list, subscriber: text(&made["SubscriberID"]), field, snapshot: Vec::new() };
    owned.snapshot = snapshot(app, &owned);
    owned
}

fn snapshot(app: &TestApp, owned: &Owned) -> Vec<String> {
    let (session, list) = (&owned.session, &owned.list);
    [
        "Command=Lists.Get".to_owned(),
        format!("Command=List.Get&ListID={list}"),
        format!("Command=CustomFields.Get&SubscriberListID={list}"),
        format!("Command=Subscriber.Get&ListID={list}&EmailAddress={}", SECRETS[1]),
        format!("Command=ListIntegration.GetURLs&SubscriberListID={list}&Event=subscription"),
    ]
    .iter()
    .map(|call| app.post(&format!("{call}&SessionID={session}")).text())
    .collect()
}

#[test]
fn no_command_of_another_account_shows_or_changes_a_foreign_list() {
    let mut app = TestApp::start();
    let owned = fill(&app);
    assert!(owned.snapshot.iter().take(4).all(|answer| answer.contains("\"Success\":true")), "{:?}", owned.snapshot);
    let stranger = app.account("").session;
    let (list, subscriber, field) = (&owned.list, &owned.subscriber, &owned.field);
    let ids = format!(
        "ListID={list}&SubscriberListID={list}&Lists={list}&SourceListID={list}&TargetListID={list}&SubscriberID={subscriber}\
         &Subscribers={subscriber}&CustomFieldID={field}&CustomFields={field}&SubscriberSegment=Active&Name=Stolen&SubscriberListName=Stolen\
         &EmailAddress=stolen@example.com&FieldName=Stolen&FieldType=Single+line&Event=subscription&URL=http://example.com/&URLs=1,2,3\
         &ImportStep=1&ImportType=Copy&ImportData=stolen@example.com&Fields[CustomField{field}]=Stolen&CustomField{field}=Stolen&Mode=Confirm"
    );
    let of_users = registry::all()
        .filter(|command| matches!(command.auth, Auth::User | Auth::UserOrAdmin | Auth::UserOrSubscriber));
    for command in of_users {
        let answer = app.post(&format!("Command={}&SessionID={stranger}&{ids}", command.name));
        assert_envelope(command.name, &answer);
        for secret in SECRETS {
            assert!(!answer.text().contains(secret), "{} shows {secret}: {}", command.name, answer.text());
        }
        assert_eq!(snapshot(&app, &owned), owned.snapshot, "{} changed a foreign list", command.name);
    }
    app.mails();
}
