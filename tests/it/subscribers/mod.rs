//! The rules of subscribing, from outside: what one call does to the next, and to another that comes at the same moment.

mod area;
mod far_pages;
mod fields;
mod hooks;
mod joining;
mod limits;
mod list_actions;
mod races;
mod wire_choices;

use serde_json::Value;
use understudy::config::Settings;

use crate::support::{TestAccount, TestApp};

/// A server with one account, and calls made with its session.
struct Desk {
    app: TestApp,
    account: TestAccount,
}

impl Desk {
    fn open() -> Self {
        Self::open_with("", |_| {})
    }

    fn open_with(group: &str, change: impl FnOnce(&mut Settings)) -> Self {
        let app = TestApp::start_with(change);
        let account = app.account(group);
        Self { app, account }
    }

    /// With as many database connections as callers need to meet.
    fn open_for_many() -> Self {
        Self::open_with("", |settings| settings.database.connections = 18)
    }

    fn call(&self, command: &str, params: &str) -> Value {
        self.call_as(&self.account.session, command, params)
    }

    fn call_as(&self, session: &str, command: &str, params: &str) -> Value {
        let answer = self.app.post(&format!("Command={command}&SessionID={session}&{params}"));
        assert!(answer.status < 500, "{command} {params}: {} {}", answer.status, answer.text());
        answer.json().unwrap()
    }

    fn done(&self, command: &str, params: &str) -> Value {
        let answer = self.call(command, params);
        assert_eq!(answer["Success"], true, "{command} {params}: {answer}");
        answer
    }

    fn code(&self, command: &str, params: &str) -> Value {
        self.call(command, params)["ErrorCode"].clone()
    }

    /// A list; `params` go into List.Update afterwards.
    fn list(&self, name: &str, params: &str) -> i64 {
        let list = self.done("List.Create", &format!("SubscriberListName={name}"))["ListID"].as_i64().unwrap();
        if !params.is_empty() {
            self.done("List.Update", &format!("SubscriberListID={list}&{params}"));
        }
        list
    }

    fn field(&self, list: i64, params: &str) -> i64 {
        let kind = if params.contains("FieldType=") { "" } else { "&FieldType=Single+line" };
        let params = format!("SubscriberListID={list}&FieldName=F{kind}&{params}");
        self.done("CustomField.Create", &params)["CustomFieldID"].as_i64().unwrap()
    }

    fn try_join(&self, list: i64, email: &str, further: &str) -> Value {
        self.call("Subscriber.Subscribe", &format!("ListID={list}&EmailAddress={email}&IPAddress=192.0.2.1&{further}"))
    }

    /// Subscribes and answers the number.
    fn join(&self, list: i64, email: &str, further: &str) -> i64 {
        let answer = self.try_join(list, email, further);
        assert_eq!(answer["Success"], true, "{email}: {answer}");
        answer["SubscriberID"].as_i64().unwrap()
    }

    fn leave(&self, list: i64, email: &str, further: &str) {
        let params = format!("ListID={list}&EmailAddress={email}&IPAddress=192.0.2.2&{further}");
        self.done("Subscriber.Unsubscribe", &params);
    }

    /// The row of a subscriber; null when there is none.
    fn row(&self, list: i64, email: &str) -> Value {
        self.call("Subscriber.Get", &format!("ListID={list}&EmailAddress={email}"))["SubscriberInformation"].clone()
    }

    fn status(&self, list: i64, email: &str) -> String {
        self.row(list, email)["SubscriptionStatus"].as_str().unwrap_or("none").to_owned()
    }

    fn is_suppressed(&self, list: i64, email: &str) -> bool {
        self.row(list, email)["Suppressed"].as_bool().unwrap()
    }

    /// Imports addresses, one a line.
    fn import(&self, list: i64, lines: &str, further: &str) -> Value {
        let encoded: String = url::form_urlencoded::byte_serialize(lines.as_bytes()).collect();
        let first = format!("ListID={list}&ImportStep=1&ImportType=Copy&ImportData={encoded}&{further}");
        let id = self.done("Subscribers.Import", &first)["ImportID"].to_string();
        self.done("Subscribers.Import", &format!("ListID={list}&ImportStep=2&ImportID={id}"))
    }

    /// Chooses how the account's answers look.
    fn choose(&self, line: &str) {
        let id = &self.account.id;
        self.app.execute(&format!("UPDATE accounts SET wire_options = '{line}' WHERE id = {id}"));
    }

    /// Totals that are not what is really there, over every list.
    fn n_wrong_totals(&self) -> i64 {
        let rosters = [
            ("n_active", 1),
            ("n_soft", 2),
            ("n_hard", 3),
            ("n_suppressed", 4),
            ("n_pending", 5),
            ("n_unsubscribed", 6),
            ("n_leaving", 7),
        ];
        let differs: Vec<String> = rosters
            .iter()
            .map(|(column, roster)| {
                format!(
                    "t.{column} <> (SELECT count(*) FROM subscribers s WHERE s.list_id = t.list_id AND s.roster = {roster})"
                )
            })
            .collect();
        self.app.count(&format!("SELECT count(*) AS n FROM list_totals t WHERE {}", differs.join(" OR ")))
    }

    /// Unique values whose holder does not have them, or whose owner does not hold them, are counted by the field's own test; here only the rows.
    fn n_rows(&self, of: &str) -> i64 {
        self.app.count(&format!("SELECT count(*) AS n FROM {of}"))
    }
}
