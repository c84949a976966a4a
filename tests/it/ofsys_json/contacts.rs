//! `Contacts` and `Projects`: merging, reading, deleting, and the same people in `api.php`.

use serde_json::{Value, json};

use super::Site;
use super::site::equal;

fn statuses(answer: &Value) -> Vec<String> {
    let rows = answer["Records"].as_array().unwrap();
    rows.iter()
        .map(|row| format!("{} {}", row["Status"].as_str().unwrap(), row["ValidationResult"].as_str().unwrap()))
        .collect()
}

#[test]
fn every_kind_of_value_comes_back_as_what_it_is() {
    let site = Site::open();
    let number = site.contact(
        "Ann@Example.com",
        json!({
            "f_City": "Trois-Rivières / \"QC\"", "f_Age": "41", "f_Birthday": "1985-02-28 23:30:00 +0000", "f_Vip": "True",
            "f_Interests": "Sport|Music", "optin_News": "1", "dtOptin_News": "2014.11.26 10:40:47", "hasTrackingConsent": false,
        }),
    );
    let row = site.row(number);
    let names: Vec<&String> = row.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "idContact",
            "f_EMail",
            "f_City",
            "f_Age",
            "f_Birthday",
            "f_Vip",
            "f_Interests",
            "optin_News",
            "dtOptin_News",
            "isActive",
            "hasTrackingConsent",
            "dtTrackingConsent",
            "dtCreated"
        ]
    );
    assert_eq!(row["f_EMail"], json!("Ann@Example.com"));
    assert_eq!(row["f_City"], json!("Trois-Rivières / \"QC\""));
    assert_eq!((&row["f_Age"], &row["f_Vip"]), (&json!(41), &json!(true)));
    assert_eq!(row["f_Birthday"], json!("1985.02.28"));
    assert_eq!(row["f_Interests"], json!("Sport|Music"));
    assert_eq!((&row["optin_News"], &row["dtOptin_News"]), (&json!(1), &json!("2014.11.26 10:40:47")));
    assert_eq!((&row["hasTrackingConsent"], &row["isActive"]), (&json!(0), &json!(true)));
    site.merge(
        json!({ "idContact": number }),
        json!({ "f_Age": null, "optin_News": "", "f_Interests": ["Music"] }),
        Value::Null,
    );
    let row = site.row(number);
    assert_eq!((&row["f_Age"], &row["optin_News"], &row["f_Interests"]), (&Value::Null, &Value::Null, &json!("Music")));
}

#[test]
fn each_record_has_its_own_outcome_and_the_good_ones_stay() {
    let site = Site::open();
    site.contact("known@example.com", json!({}));
    let record = |email: &str, data: Value| json!({ "ID": { "key_f_EMail": email }, "Data": data });
    let records = json!([
        record("new@example.com", json!({ "f_City": "Oslo" })),
        record("NEW@example.com", json!({})),
        record("known@example.com", json!({ "f_Age": "old" })),
        record("no address", json!({})),
        record("other@example.com", json!({ "f_Colour": "red" })),
        record("third@example.com", json!({ "f_City": { "a": 1 } })),
        { "ID": { "key_f_City": "Oslo" }, "Data": {} },
        record("last@example.com", json!({})),
    ]);
    let options = json!({ "ReturnRecordsOnError": true, "FieldOptions": null });
    let answer = site.done("Contacts.Merge", json!({ "Records": records, "MergeOptions": options, "Tag": null }));
    assert_eq!(
        statuses(&answer),
        [
            "Created OK",
            "Error DuplicateRecord",
            "Error InvalidValue",
            "Error InvalidEMail",
            "Error UnknownField",
            "Error InvalidValue",
            "Error InvalidKey",
            "Created OK"
        ]
    );
    assert_eq!((&answer["CreatedRecords"], &answer["UpdatedRecords"]), (&json!(2), &json!(0)));
    assert_eq!(answer["Records"][4]["Data"], json!({ "f_Colour": "red" }), "what failed is echoed");
    assert!(answer["Records"][0]["Data"].is_null());
    assert!(answer["Records"][2]["Message"].as_str().is_some_and(|text| text.contains("Age")));
    assert_eq!(site.app.count("SELECT count(*) AS n FROM subscribers"), 3);
}

#[test]
fn merge_options_say_what_may_be_done() {
    let site = Site::open();
    site.contact("known@example.com", json!({}));
    let merge = |email: &str, options: Value| {
        let row = site.merge(json!({ "key_f_EMail": email }), json!({}), options);
        format!("{} {}", row["Status"].as_str().unwrap(), row["ValidationResult"].as_str().unwrap())
    };
    assert_eq!(merge("new@example.com", json!({ "AllowInsert": false })), "Error InsertNotAllowed");
    assert_eq!(
        merge("new@example.com", json!({ "AllowInsert": "False", "SkipUnmatchedRecords": 1 })),
        "Skipped InsertNotAllowed"
    );
    assert_eq!(merge("known@example.com", json!({ "AllowUpdate": "0" })), "Error UpdateNotAllowed");
    assert_eq!(
        site.refused(
            "Contacts.Merge",
            json!({ "Records": [{ "ID": {} }], "MergeOptions": { "AllowInsert": "maybe" } })
        ),
        "InvalidParameter"
    );
    let twice = json!([{ "ID": { "key_f_EMail": "a@example.com" } }, { "ID": { "key_f_EMail": "a@example.com" } }]);
    let answer =
        site.done("Contacts.Merge", json!({ "Records": twice, "MergeOptions": { "SkipDuplicateRecords": true } }));
    assert_eq!(statuses(&answer), ["Created OK", "Skipped DuplicateRecord"]);
}

#[test]
fn contacts_are_found_by_clauses_and_groups() {
    let site = Site::open();
    for (name, age, city) in [("a", 20, "Oslo"), ("b", 30, "oslo"), ("c", 40, "Rome"), ("d", 100, "")] {
        site.contact(&format!("{name}@example.com"), json!({ "f_Age": age, "f_City": city }));
    }
    let found = |clause: Value| {
        let answer = site.done("Contacts.Get", json!({ "Clause": clause }));
        let rows = answer["Records"].as_array().unwrap().clone();
        rows.iter().map(|row| row["f_EMail"].as_str().unwrap()[..1].to_owned()).collect::<String>()
    };
    let field = |name: &str, operator: &str, value: Value| json!({ "Field": { "Name": name }, "TypeOperator": operator, "ComparisonValue": value });
    assert_eq!(found(field("f_City", "equal", json!("OSLO"))), "ab");
    assert_eq!(found(field("f_Age", "Greater", json!(30))), "cd");
    assert_eq!(found(field("f_City", "IsNull", json!(null))), "d");
    assert_eq!(found(field("f_EMail", "StartsWith", json!("B@"))), "b");
    assert_eq!(found(field("idContact", "In", json!([1, "3"]))), "ac");
    let group = json!({ "Operator": "Or", "$type": "GroupClause", "Clauses": [
        field("f_City", "Equal", json!("Rome")),
        { "$type": "GroupClause", "Operator": "And", "Clauses": [field("f_Age", "LessOrEqual", json!("20")), field("isActive", "Equal", json!(true))] },
    ] });
    assert_eq!(found(group), "ac");
    let some = site.done("Contacts.Get", json!({ "Clause": field("f_Age", "Greater", json!(0)), "MaxRows": 3 }));
    assert_eq!(some["Records"].as_array().map(Vec::len), Some(3));
    for (clause, code) in [
        (field("f_Colour", "Equal", json!(1)), "UnknownField"),
        (field("f_Age", "Like", json!(1)), "InvalidParameter"),
        (field("f_Age", "Equal", json!("old")), "InvalidParameter"),
        (json!([]), "MissingParameter"),
        (json!(null), "MissingParameter"),
        (json!("all"), "InvalidParameter"),
    ] {
        assert_eq!(site.refused("Contacts.Get", json!({ "Clause": clause })), code, "{clause}");
    }
}

#[test]
fn deleting_is_guarded() {
    let site = Site::open();
    for n in 0..3 {
        site.contact(&format!("{n}@example.com"), json!({ "f_City": "Oslo" }));
    }
    let clause = equal("f_City", json!("Oslo"));
    assert_eq!(site.refused("Contacts.Delete", json!({ "Clause": clause, "MaxRows": 2 })), "TooManyRows");
    assert_eq!(site.refused("Contacts.Delete", json!({ "MaxRows": 2 })), "MissingParameter");
    assert_eq!(site.refused("Contacts.Delete", json!({ "Clause": clause, "MaxRows": -1 })), "InvalidParameter");
    assert_eq!(site.done("Contacts.Delete", json!({ "Clause": clause, "MaxRows": 3 }))["DeletedRecords"], json!(3));
    assert_eq!(site.done("Contacts.Delete", json!({ "Clause": clause, "MaxRows": 3 }))["DeletedRecords"], json!(0));
}

#[test]
fn the_same_people_stand_in_api_php() {
    let site = Site::open();
    let number = site.contact("ann@example.com", json!({ "f_City": "Oslo" }));
    let (list, session) = (site.project.0, &site.owner.session);
    let answer = site
        .app
        .json(&format!("Command=Subscriber.Get&SessionID={session}&ListID={list}&EmailAddress=ann%40example.com"));
    assert_eq!(answer["SubscriberInformation"]["SubscriberID"], json!(number.to_string()));
    let answer = site.app.json(&format!(
        "Command=Subscriber.Subscribe&SessionID={session}&ListID={list}&EmailAddress=bob%40example.com&IPAddress=192.0.2.1"
    ));
    assert_eq!(answer["Success"], json!(true), "{answer}");
    let found = site.done("Contacts.Get", json!({ "Clause": equal("f_EMail", json!("bob@example.com")) }));
    assert_eq!(found["Records"][0]["idContact"].to_string(), answer["SubscriberID"].to_string().replace('"', ""));
}

#[test]
fn a_project_tells_its_fields_and_opt_ins() {
    let site = Site::open();
    let info = site.done("Projects.Get", json!({}))["ProjectInfo"].clone();
    let codes: Vec<&str> =
        info["ProjectFields"].as_array().unwrap().iter().map(|field| field["Code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["EMail", "City", "Age", "Birthday", "Vip", "Interests"]);
    assert_eq!(info["ProjectFields"][5]["DataType"], json!("MultiChoice"));
    assert_eq!(info["ProjectFields"][1]["Labels"], json!([{ "Culture": "fr-CA", "Value": "City" }]));
    assert_eq!(info["OptinFields"][0]["Code"], json!("News"));
    assert_eq!((&info["TimeZone"], &info["ProjectFields"][0]["isKey"]), (&json!("America/Montreal"), &json!(true)));
}

#[test]
fn the_kill_file_knows_who_may_not_be_mailed() {
    let site = Site::open();
    site.contact("ann@example.com", json!({}));
    let (list, session) = (site.project.0, &site.owner.session);
    site.app.execute(&format!(
        "INSERT INTO suppressions (account_id, list_id, email, email_key, reason, created_at) \
         VALUES ({}, 0, 'ann@example.com', 'ann@example.com', 2, 1)",
        site.account
    ));
    let exists = |body: Value| site.done("KillFile.CheckExists", body);
    assert_eq!(exists(json!({ "EMail": "ANN@example.com" }))["Exists"], json!(true));
    assert_eq!(exists(json!({ "EMail": "bob@example.com", "idProject": list }))["Exists"], json!(false));
    let several = exists(json!({ "EMails": ["ann@example.com", "bob@example.com"] }));
    assert_eq!(several["Records"][0], json!({ "EMail": "ann@example.com", "Exists": true }));
    assert_eq!(several["Records"][1]["Exists"], json!(false));
    assert_eq!(site.refused("KillFile.CheckExists", json!({ "EMail": "nobody" })), "InvalidParameter");
    assert!(!session.is_empty());
}
