//! Lists, custom fields and list integration, beyond what goldens say: what one call does to the next.

use std::io::{Read, Write};

use serde_json::{Value, json};

use crate::support::TestApp;

/// A server with one account; every call is made with its session.
struct Desk {
    app: TestApp,
    session: String,
}

impl Desk {
    fn open(params: &str) -> Self {
        let app = TestApp::start();
        let session = app.account(params).session;
        Self { app, session }
    }

    fn call(&self, command: &str, params: &str) -> Value {
        self.app.json(&format!("Command={command}&SessionID={}&{params}", self.session))
    }

    fn done(&self, command: &str, params: &str) -> Value {
        let answer = self.call(command, params);
        assert_eq!(answer["Success"], true, "{command} {params}: {answer}");
        answer
    }

    fn list(&self, name: &str) -> i64 {
        self.done("List.Create", &format!("SubscriberListName={name}"))["ListID"].as_i64().unwrap()
    }

    fn field(&self, list: i64, params: &str) -> i64 {
        let params = format!("SubscriberListID={list}&FieldName=F&FieldType=Single+line&{params}");
        self.done("CustomField.Create", &params)["CustomFieldID"].as_i64().unwrap()
    }

    fn codes(&self, command: &str, params: &str) -> Value {
        self.call(command, params)["ErrorCode"].clone()
    }
}

#[test]
fn a_list_is_made_with_its_confirmation_message_or_not_at_all() {
    let desk = Desk::open("");
    let mail = "ConfirmationEmail[Subject]=Yes%3F&ConfirmationEmail[FromName]=N&ConfirmationEmail[FromEmail]=n@example.com\
                &ConfirmationEmail[ContentType]=Plain&ConfirmationEmail[PlainContent]=%25Link:Confirm%25";
    let made = desk.done("List.Create", &format!("SubscriberListName=A&{mail}"));
    assert!(made["ConfirmationEmailID"].as_i64().unwrap() > 0, "{made}");
    let list = desk.done("List.Get", &format!("ListID={}", made["ListID"]));
    assert_eq!(list["List"]["OptInMode"], "Double");
    assert_eq!(list["List"]["RelOptInConfirmationEmailID"], made["ConfirmationEmailID"].to_string());
    let bad = mail.replace("n@example.com", "nobody");
    assert_eq!(desk.codes("List.Create", &format!("SubscriberListName=B&{bad}")), json!([30]));
    assert_eq!(desk.done("Lists.Get", "")["TotalListCount"], 1);
}

#[test]
fn updating_a_list_sets_clears_and_refuses() {
    let desk = Desk::open("");
    let (a, b) = (desk.list("A"), desk.list("B"));
    let update = |params: &str| desk.call("List.Update", &format!("SubscriberListID={a}&{params}"));
    assert_eq!(update("")["ErrorCode"], json!([11]));
    assert_eq!(update("OptInMode=x&OptOutScope=x&HideInSubscriberArea=x")["ErrorCode"], json!([3, 4, 6]));
    assert_eq!(update(&format!("OptInSubscribeTo={a}"))["ErrorCode"], json!([2]), "itself");
    assert_eq!(update("OptInSubscribeTo=999999")["ErrorCode"], json!([2]));
    assert_eq!(update("OptInMode=Double&OptInConfirmationEmailID=0")["ErrorCode"], json!([7]));
    assert_eq!(update("OptInConfirmationEmailID=999999")["ErrorCode"], json!([7]));
    assert_eq!(update("SyncStatus=Enabled")["ErrorCode"], json!([8]));
    assert_eq!(update("ReqByEmailSearchToAddress=x")["ErrorCode"], json!([9]));
    let sync = "SyncStatus=Enabled&SyncPeriod=Every+Hour&SyncMySQLHost=h&SyncMySQLUsername=u&SyncMySQLPassword=p\
                &SyncMySQLDBName=d&SyncMySQLQuery=q&SyncFieldMapping[a]=EmailAddress";
    let answer = update(&format!("Description=x&OptInSubscribeTo={b}&Options[PlainEmailHeader]=Hi&{sync}"));
    let list = &answer["List"];
    assert_eq!((&list["Description"], &list["OptInSubscribeTo"]), (&json!("x"), &json!(b.to_string())), "{answer}");
    assert_eq!((&list["SyncPeriod"], &list["SyncMySQLPassword"]), (&json!("Every Hour"), &json!("********")));
    assert_eq!(list["Options"], json!({"PlainEmailHeader": "Hi"}));
    // The row sent back as it came changes nothing.
    assert_eq!(update("SyncMySQLPassword=********&Description=")["List"]["Description"], "");
    assert_eq!(desk.app.count("SELECT count(*) AS n FROM list_syncs WHERE mysql_password = 'p'"), 1);
    assert_eq!(desk.done("Lists.Get", "Search=b&OrderField=name")["Lists"][0]["Name"], "B");
}

#[test]
fn deleted_lists_are_gone_and_foreign_ones_stay() {
    let desk = Desk::open("LimitLists=2");
    let other = desk.app.account("");
    let (a, b) = (desk.list("A"), desk.list("B"));
    assert_eq!(desk.codes("List.Create", "SubscriberListName=C"), json!([3]));
    let foreign = format!("Command=Lists.Delete&SessionID={}&Lists={b}", other.session);
    assert_eq!(desk.app.json(&foreign)["Success"], true);
    desk.done("Lists.Delete", &format!("Lists={a},x,,999999,{a}"));
    let left = desk.done("Lists.Get", "");
    assert_eq!((&left["TotalListCount"], &left["Lists"][0]["ListID"]), (&json!(1), &json!(b.to_string())));
    assert_eq!(desk.codes("List.Get", &format!("ListID={a}")), json!([1]));
    desk.app.settle();
    assert_eq!(desk.app.count("SELECT count(*) AS n FROM lists"), 1);
}

#[test]
fn a_field_becomes_unique_with_the_values_it_has() {
    let desk = Desk::open("");
    let list = desk.list("A");
    let field = desk.field(list, "");
    let join = |email: &str, value: &str| {
        desk.codes(
            "Subscriber.Subscribe",
            &format!("ListID={list}&EmailAddress={email}&IPAddress=1.2.3.4&CustomField{field}={value}"),
        )
    };
    let set = |params: &str| {
        desk.done("CustomField.Update", &format!("CustomFieldID={field}&FieldName=F&FieldType=Single+line&{params}"))
    };
    assert_eq!(join("a@example.com", "same"), 0);
    assert_eq!(join("b@example.com", "Same"), 0);
    set("IsUnique=Yes");
    assert_eq!(join("c@example.com", "SAME"), 7);
    set("IsUnique=No");
    assert_eq!(desk.app.count("SELECT count(*) AS n FROM field_uniques"), 0);
    assert_eq!(join("c@example.com", "same"), 0);
    let global = format!("CustomFieldID={field}&FieldName=F&FieldType=Single+line&IsGlobal=Yes");
    assert_eq!(desk.codes("CustomField.Update", &global), json!([14]), "somebody has a value of it");
}

#[test]
fn fields_are_made_copied_listed_and_deleted() {
    let desk = Desk::open("");
    let (a, b) = (desk.list("A"), desk.list("B"));
    let first = desk.field(a, "MergeTagAlias=Town&FieldName=Zeta");
    desk.done("CustomField.Create", &format!("SubscriberListID={a}&PresetName=Gender"));
    desk.done(
        "CustomField.Create",
        &format!(
            "SubscriberListID={a}&FieldName=Color&FieldType=Drop+down&IsGlobal=Yes\
             &OptionLabel[0]=Red&OptionValue[0]=r&OptionLabel[1]=Blue&OptionSelected[]=1"
        ),
    );
    let make = |params: &str| desk.codes("CustomField.Create", &format!("SubscriberListID={a}&{params}"));
    assert_eq!(make("FieldName=X&FieldType=Single+line&MergeTagAlias=town"), json!([1000]));
    assert_eq!(make("FieldName=X&FieldType=Single+line&MergeTagAlias=a%25"), json!([1001]));
    assert_eq!(make("FieldName=X&FieldType=Single+line&MergeTagAlias=emailaddress"), json!([1002]));
    assert_eq!(make("FieldName=X&FieldType=Single+line&ValidationMethod=Custom"), json!([4]));
    assert_eq!(make("PresetName=Country"), json!([5]));
    assert_eq!(make(""), json!([2, 3]));
    desk.done("CustomFields.Copy", &format!("SourceListID={a}&TargetListID={b}"));
    let names = |params: &str| -> Vec<String> {
        let answer = desk.done("CustomFields.Get", params);
        assert_eq!(answer["TotalCustomFields"], answer["TotalFieldCount"]);
        let rows = answer["CustomFields"].as_array().unwrap().clone();
        rows.iter().map(|row| row["FieldName"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&format!("SubscriberListID={a}")), ["Gender", "Zeta"]);
    assert_eq!(names(&format!("SubscriberListID={b}&OrderType=DESC")), ["Zeta", "Gender"]);
    let all = format!("SubscriberListID={a}&ReturnGlobalCustomFields=true&OrderField=nonsense");
    assert_eq!(names(&all), ["Color", "Gender", "Zeta"]);
    let row = &desk.done("CustomFields.Get", &all)["CustomFields"][0];
    assert_eq!((&row["FieldOptions"], &row["RelListID"]), (&json!("[[Red]||[r]],[[Blue]||[Blue]]*"), &json!("0")));
    desk.done("CustomFields.Delete", &format!("CustomFields={first},999999"));
    assert_eq!(names(&format!("SubscriberListID={a}")), ["Gender"]);
    desk.app.settle();
}

#[test]
fn hooks_are_added_listed_and_removed() {
    let desk = Desk::open("");
    let list = desk.list("A");
    let add = |params: &str| desk.call("ListIntegration.AddURL", &format!("SubscriberListID={list}&{params}"));
    let hook = add("Event=subscription&URL=http://example.com/a%3Fx=1")["WebServiceIntegrationID"].as_i64().unwrap();
    assert_eq!(add("Event=x&URL=")["ErrorCode"], json!([2, 3]));
    assert_eq!(add("Event=subscription&URL=javascript:x")["ErrorCode"], json!([2]));
    let urls = |params: &str| {
        let answer = desk.done("ListIntegration.GetURLs", &format!("SubscriberListID={list}&{params}"));
        answer["URLs"].as_array().unwrap().len()
    };
    assert_eq!((urls(""), urls("Event=subscription"), urls("Event=unsubscription")), (1, 1, 0));
    desk.done("ListIntegration.DeleteURLs", &format!("URLs={hook},0"));
    assert_eq!(urls(""), 0);
}

#[test]
fn a_url_is_tested_by_calling_it() {
    let desk = Desk::open("");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let web = std::thread::spawn(move || {
        for status in ["200 OK", "500 Broken"] {
            let (mut socket, _) = listener.accept().unwrap();
            let mut seen = Vec::new();
            let mut buffer = [0; 4096];
            while !String::from_utf8_lossy(&seen).contains("WebServiceData=") {
                let n = socket.read(&mut buffer).unwrap();
                assert_ne!(n, 0);
                seen.extend_from_slice(&buffer[..n]);
            }
            write!(socket, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
        }
    });
    let test = |url: &str| desk.codes("ListIntegration.TestURL", &format!("URL={url}"));
    assert_eq!(test(&format!("http://127.0.0.1:{port}/")), 0);
    assert_eq!(test(&format!("http://127.0.0.1:{port}/")), json!([1]));
    web.join().unwrap();
    assert_eq!(test(&format!("http://127.0.0.1:{port}/")), json!([1]), "nobody listens any more");
    assert_eq!(test("ftp://example.com/"), json!([1]));
}

#[test]
fn form_code_holds_the_fields_asked_for() {
    let desk = Desk::open("");
    let list = desk.list("A");
    let field = desk.field(list, "");
    let html = |params: &str| {
        let command = "ListIntegration.GenerateSubscriptionFormHTMLCode";
        let answer = desk.done(command, &format!("SubscriberListID={list}&{params}"));
        let lines = answer["HTMLCode"].as_array().unwrap().clone();
        lines.iter().map(|line| line.as_str().unwrap().to_owned()).collect::<Vec<_>>().join("\n")
    };
    assert!(html("").starts_with("&lt;form action=&quot;http://"), "{}", html(""));
    assert!(!html("HTMLSpecialChars=false").contains("CustomField"));
    let with_field = html(&format!("HTMLSpecialChars=false&CustomFields={field},999999"));
    assert!(with_field.contains(&format!("name=\"FormValue_Fields[CustomField{field}]\"")), "{with_field}");
    let unsubscribe = format!("SubscriberListID={list}&UnsubscribeButtonString=Go");
    let answer = desk.done("ListIntegration.GenerateUnsubscriptionFormHTMLCode", &unsubscribe);
    assert!(answer["HTMLCode"].to_string().contains("FormButton_Unsubscribe"), "{answer}");
}
