//! `Subscribers.Import` over HTTP: both steps, every source that needs no MySQL server, and what is left in the database.

use serde_json::Value;

use crate::support::{TestAccount, TestApp};

/// An account with one list.
struct Desk {
    app: TestApp,
    account: TestAccount,
    list: String,
}

impl Desk {
    fn new(group: &str) -> Self {
        let app = TestApp::start();
        let account = app.account(group);
        let mut desk = Self { app, account, list: String::new() };
        desk.list = desk.call("List.Create", &[("SubscriberListName", "L")])["ListID"].to_string();
        desk
    }

    fn call(&self, command: &str, params: &[(&str, &str)]) -> Value {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("Command", command).append_pair("SessionID", &self.account.session);
        form.extend_pairs(params);
        self.app.json(&form.finish())
    }

    fn import(&self, params: &[(&str, &str)]) -> Value {
        let mut all = vec![("ListID", self.list.as_str())];
        all.extend_from_slice(params);
        self.call("Subscribers.Import", &all)
    }

    /// Step 1 with CSV text; answers the import's id.
    fn copy(&self, data: &str, further: &[(&str, &str)]) -> String {
        let mut all = vec![("ImportStep", "1"), ("ImportType", "Copy"), ("ImportData", data)];
        all.extend_from_slice(further);
        let answer = self.import(&all);
        assert_eq!(answer["Success"], true, "{answer}");
        answer["ImportID"].to_string()
    }

    fn field(&self, name: &str, further: &[(&str, &str)]) -> String {
        let mut all = vec![("SubscriberListID", self.list.as_str()), ("FieldName", name), ("FieldType", "Single line")];
        all.extend_from_slice(further);
        let answer = self.call("CustomField.Create", &all);
        assert_eq!(answer["Success"], true, "{answer}");
        answer["CustomFieldID"].to_string()
    }

    fn count(&self, what: &str) -> i64 {
        self.app.count(&format!("SELECT count(*) AS n FROM {what}"))
    }
}

#[track_caller]
fn totals(answer: &Value, want: [i64; 4]) {
    let found = ["TotalData", "TotalImported", "TotalDuplicates", "TotalFailed"].map(|key| answer[key].as_i64());
    assert_eq!(found, want.map(Some), "{answer}");
}

#[track_caller]
fn code(answer: &Value, want: i64) {
    assert_eq!(answer["ErrorCode"], serde_json::json!([want]), "{answer}");
}

#[test]
fn a_file_of_20000_rows_joins_the_list_with_fields_and_suppressions() {
    let desk = Desk::new("");
    let name = desk.field("Name", &[]);
    let badge = desk.field("Badge", &[("IsUnique", "Yes"), ("ValidationMethod", "Numbers")]);
    let city = desk.field("City", &[("IsGlobal", "Yes")]);
    let barred =
        desk.copy("user7@example.com\nUSER8@example.com\nuser7@example.com", &[("AddToSuppressionList", "true")]);
    totals(&desk.import(&[("ImportStep", "2"), ("ImportID", &barred)]), [3, 2, 1, 0]);
    let joined = [("ListID", desk.list.as_str()), ("EmailAddress", "User5@Example.com"), ("IPAddress", "1.2.3.4")];
    assert_eq!(desk.call("Subscriber.Subscribe", &joined)["Success"], true);
    let mut text = "Mail;Name;Badge;City\r\n".to_owned();
    for n in 0..20_000 {
        text.push_str(&format!("User{n}@example.com;\"Smith; {n}\";{n};Köln\r\n"));
    }
    text.push_str(
        "user20@EXAMPLE.com;again;99999;x\r\nz1@example.com;badge taken;77;x\r\nz2@example.com;no number;abc;x\r\n",
    );
    let folder = desk.app.folder().join("imports").join(&desk.account.id);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("big.csv"), text).unwrap();
    let answer = desk.import(&[
        ("ImportStep", "1"),
        ("ImportType", "File"),
        ("ImportFileName", "big.csv"),
        ("FieldTerminator", ";"),
    ]);
    assert_eq!(
        answer["ImportFields"],
        serde_json::json!([{"FIELD1":"Mail"},{"FIELD2":"Name"},{"FIELD3":"Badge"},{"FIELD4":"City"}])
    );
    let id = answer["ImportID"].to_string();
    let custom = format!("CustomField{name}");
    let mapped = [
        ("ImportStep", "2"),
        ("ImportID", id.as_str()),
        ("MappedFields[FIELD1]", "emailaddress"),
        ("MappedFields[FIELD2]", custom.as_str()),
        ("MappedFields[FIELD3]", badge.as_str()),
        ("MappedFields[FIELD4]", city.as_str()),
        ("MappedFields[FIELD9]", "CustomField424242"),
    ];
    totals(&desk.import(&mapped), [20_004, 19_999, 2, 3]);
    code(&desk.import(&mapped), 6);
    assert_eq!(desk.count("subscribers WHERE roster = 1 AND status = 2"), 19_998);
    assert_eq!(desk.count("subscribers WHERE roster = 4 AND is_suppressed"), 2);
    assert_eq!(desk.count("list_totals WHERE n_active = 19998 AND n_suppressed = 2 AND last_number = 20000"), 1);
    assert_eq!(desk.count("field_uniques WHERE number > 0 AND email_key = ''"), 19_999);
    assert_eq!(desk.count("global_values WHERE value = 'Köln'"), 19_999);
    assert_eq!(desk.count("import_chunks"), 0);
    assert_eq!(desk.count("consent_log WHERE number = 0 AND import_id > 0"), 2);
    let one = desk.call("Subscriber.Get", &[("ListID", &desk.list), ("EmailAddress", "user12345@example.com")]);
    let row = &one["SubscriberInformation"];
    assert_eq!(
        (&row["EmailAddress"], &row[custom.as_str()]),
        (&"User12345@example.com".into(), &"Smith; 12345".into())
    );
    assert_eq!(row[format!("CustomField{city}").as_str()], "Köln");
}

#[test]
fn one_address_a_line_needs_no_mapping() {
    let desk = Desk::new("");
    let id = desk.copy("a@example.com\n\nB@example.com\r\nnonsense\na@example.com\n", &[]);
    totals(&desk.import(&[("ImportStep", "2"), ("ImportID", &id)]), [4, 2, 1, 1]);
    let again = desk.copy("c@example.com\nb@example.com", &[]);
    totals(&desk.import(&[("ImportStep", "2"), ("ImportID", &again)]), [2, 1, 1, 0]);
}

#[test]
fn a_run_that_died_is_taken_over_once_its_lease_is_over() {
    let desk = Desk::new("");
    let text: String = (0..2_500).map(|n| format!("user{n}@example.com\n")).collect();
    let id = desk.copy(&text, &[]);
    let soon = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros() + 2_000_000;
    desk.app.count(&format!(
        "UPDATE imports SET state = 2, n_runs = 1, leased_until = {soon} WHERE id = {id} RETURNING id AS n"
    ));
    totals(&desk.import(&[("ImportStep", "2"), ("ImportID", &id)]), [2_500, 2_500, 0, 0]);
    assert_eq!(desk.count("imports WHERE n_runs = 2 AND state = 3"), 1);
}

#[test]
fn two_runs_of_one_import_never_add_a_row_twice() {
    let desk = Desk::new("");
    let text: String = (0..6_000).map(|n| format!("user{n}@example.com\n")).collect();
    let id = desk.copy(&text, &[]);
    let step = [("ImportStep", "2"), ("ImportID", id.as_str())];
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..3).map(|_| scope.spawn(|| desk.import(&step))).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    let (done, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer["Success"] == true);
    assert_eq!((done.len(), refused.len()), (1, 2), "{answers:?}");
    totals(done[0], [6_000, 6_000, 0, 0]);
    refused.into_iter().for_each(|answer| code(answer, 6));
    assert_eq!(desk.count("subscribers"), 6_000);
}

#[test]
fn suppressing_by_import_moves_those_already_subscribed() {
    let desk = Desk::new("");
    let id = desk.copy("a@example.com\nb@example.com", &[]);
    desk.import(&[("ImportStep", "2"), ("ImportID", &id)]);
    let id = desk.copy("A@example.com\nc@example.com", &[("AddToGlobalSuppressionList", "true")]);
    totals(&desk.import(&[("ImportStep", "2"), ("ImportID", &id)]), [2, 2, 0, 0]);
    assert_eq!(desk.count("list_totals WHERE n_active = 1 AND n_suppressed = 1"), 1);
    assert_eq!(desk.count("suppressions WHERE list_id = 0 AND account_id > 0"), 2);
    assert_eq!(desk.count("subscribers"), 2);
}

#[test]
fn each_refusal_has_its_code() {
    let desk = Desk::new("");
    let first = |further: &[(&str, &str)]| {
        let mut all = vec![("ImportStep", "1")];
        all.extend_from_slice(further);
        desk.import(&all)
    };
    code(&desk.import(&[]), 3);
    code(&desk.import(&[("ImportStep", "3")]), 3);
    code(&first(&[]), 1);
    code(&first(&[("ImportType", "Fax")]), 17);
    code(&first(&[("ImportType", "Copy")]), 2);
    code(&first(&[("ImportType", "Copy"), ("ImportData", " \n ")]), 2);
    code(&first(&[("ImportType", "Copy"), ("ImportData", "a@b.co"), ("FieldTerminator", "||")]), 5);
    code(&first(&[("ImportType", "File")]), 9);
    code(&first(&[("ImportType", "File"), ("ImportFileName", "../1/x.csv")]), 13);
    let mysql = [
        ("ImportMySQLHost", "h"),
        ("ImportMySQLPort", "1"),
        ("ImportMySQLDatabase", "d"),
        ("ImportMySQLQuery", "SELECT 1"),
    ];
    for (at, want) in [(0, 10), (1, 11), (2, 12), (3, 14)] {
        let mut some = vec![("ImportType", "MySQL")];
        some.extend(mysql.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, pair)| *pair));
        code(&first(&some), want);
    }
    let mut all = vec![("ImportType", "MySQL")];
    all.extend(mysql);
    code(&first(&all), 15);
    code(
        &desk.call(
            "Subscribers.Import",
            &[("ListID", "999"), ("ImportStep", "1"), ("ImportType", "Copy"), ("ImportData", "a")],
        ),
        4,
    );
    code(&desk.import(&[("ImportStep", "2"), ("ImportID", "999")]), 2);
    let id = desk.copy("a@example.com,b@example.com", &[]);
    let second = |mapped: &[(&str, &str)]| {
        let mut all = vec![("ImportStep", "2"), ("ImportID", id.as_str())];
        all.extend_from_slice(mapped);
        desk.import(&all)
    };
    let (one, two) = (("MappedFields[FIELD1]", "EmailAddress"), ("MappedFields[FIELD2]", "EmailAddress"));
    code(&second(&[one, two]), 7);
    code(&second(&[("MappedFields[FIELD1]", "Ignore")]), 8);
    totals(&second(&[two]), [1, 1, 0, 0]);
}

#[test]
fn a_file_over_the_limit_answers_18_with_the_limit() {
    let app = TestApp::start_with(|settings| settings.import.max_file_bytes = 10);
    let account = app.account("");
    let list = app.json(&format!("Command=List.Create&SessionID={}&SubscriberListName=L", account.session))["ListID"]
        .to_string();
    let folder = app.folder().join("imports").join(&account.id);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("x.csv"), "a@example.com").unwrap();
    let answer = app.json(&format!(
        "Command=Subscribers.Import&SessionID={}&ListID={list}&ImportStep=1&ImportType=File&ImportFileName=x.csv",
        account.session
    ));
    code(&answer, 18);
    assert_eq!(answer["AllowedMaxSize"], 10);
}
