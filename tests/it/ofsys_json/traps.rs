//! The points that a compatible server is most likely to get wrong, one test each.

use serde_json::{Value, json};

use super::Site;
use super::site::{equal, refusal};

fn list_projects(site: &Site, headers: &[(&str, &str)]) -> Value {
    let body = json!({ "AuthKey": { "idKey": site.key.0, "Key": site.key.1 } }).to_string();
    site.post_text("Projects.List", headers, &body).json().unwrap()
}

#[test]
fn trap_1_any_content_type_or_none_will_do() {
    let site = Site::open();
    for content_type in ["application/json", "application/x-www-form-urlencoded", "text/plain;charset=UTF-8", "x"] {
        assert_eq!(list_projects(&site, &[("Content-Type", content_type)])["Success"], json!(true), "{content_type}");
    }
    assert_eq!(list_projects(&site, &[])["Success"], json!(true));
}

#[test]
fn trap_2_path_method_and_members_are_matched_in_any_case() {
    let site = Site::open();
    let body =
        json!({ "AUTHKEY": { "IDKEY": site.key.0, "KEY": site.key.1 }, "IDPROJECT": site.project.0 }).to_string();
    for path in [
        "/webservices/ofc4/projects.ashx?method=get",
        "/Webservices/OFC4/Projects.ASHX?METHOD=GET",
        "/WEBSERVICES/ofc4/pRojects.Ashx?x=y&Method=Get",
    ] {
        let answer = site.post_bytes(path, &[], body.as_bytes());
        assert_eq!((answer.status, &answer.json().unwrap()["Success"]), (200, &json!(true)), "{path}");
    }
}

#[test]
fn trap_3_ids_may_be_texts() {
    let site = Site::open();
    let number = site.contact("ann@example.com", json!({}));
    let answer = site.done(
        "Contacts.Get",
        json!({
            "AuthKey": { "idKey": site.key.0.to_string(), "Key": site.key.1 },
            "idProject": site.project.0.to_string(),
            "Clause": equal("idContact", json!(number.to_string())),
            "MaxRows": "5",
        }),
    );
    assert_eq!(answer["Records"][0]["idContact"], json!(number));
}

#[test]
fn trap_4_id_record_is_the_contacts_id() {
    let site = Site::open();
    let number = site.contact("ann@example.com", json!({}));
    let options = json!({ "ReturnRecordsOnSuccess": true });
    let row = site.merge(json!({ "key_f_EMail": "ANN@example.com" }), json!({ "f_City": "Oslo" }), options);
    assert_eq!((&row["Status"], &row["IdRecord"]), (&json!("Updated"), &json!(number)));
    assert_eq!(row["Record"]["idContact"], json!(number));
}

#[test]
fn trap_5_members_that_are_null_are_there() {
    let site = Site::open();
    let answer = site.done("Contacts.Merge", json!({ "Records": [{ "ID": { "key_f_EMail": "a@example.com" } }] }));
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(&answer),
        ["Success", "ErrorCode", "ErrorMessage", "CreatedRecords", "UpdatedRecords", "Records", "idRequest", "Trace"]
    );
    assert!(answer["ErrorCode"].is_null() && answer["ErrorMessage"].is_null());
    let row = &answer["Records"][0];
    assert_eq!(names(row), ["IdRecord", "Status", "ValidationResult", "Message", "ID", "Data", "Record"]);
    assert!(["Message", "Data", "Record"].iter().all(|name| row[name].is_null()));
}

#[test]
fn trap_6_a_known_contact_is_named_by_its_id_alone() {
    let site = Site::open();
    let number = site.contact("ann@example.com", json!({}));
    let row = site.merge(json!({ "idContact": number }), json!({ "f_City": "Oslo" }), Value::Null);
    assert_eq!((&row["Status"], &row["ValidationResult"]), (&json!("Updated"), &json!("OK")));
    assert_eq!(site.row(number)["f_City"], json!("Oslo"));
    let row = site.merge(json!({ "idContact": 999 }), json!({}), Value::Null);
    assert_eq!((&row["Status"], &row["ValidationResult"]), (&json!("Error"), &json!("UnmatchedRecord")));
}

#[test]
fn trap_7_a_clause_may_be_a_list() {
    let site = Site::open();
    let number = site.contact("ann@example.com", json!({}));
    let record = json!({
        "ID": { "key_Course": "Swim", "key_Day": "2026.01.31" },
        "Data": { "idContact": number, "Seats": 2 },
    });
    site.done("RelationalTables.Merge", json!({ "idTable": site.table.0, "Records": [record] }));
    let clause = json!([equal("Course", json!("swim")), equal("idContact", json!(number))]);
    let answer = site.done("RelationalTables.Get", json!({ "idTable": site.table.0, "Clause": clause }));
    assert_eq!(answer["Records"].as_array().map(Vec::len), Some(1));
    let clause = json!([equal("f_EMail", json!("ann@example.com")), equal("f_City", json!("Oslo"))]);
    assert_eq!(site.done("Contacts.Get", json!({ "Clause": clause }))["Records"], json!([]));
}

#[test]
fn trap_8_success_is_a_boolean() {
    let site = Site::open();
    let text = site.post("Projects.List", json!({})).text();
    assert!(text.starts_with("{\r\n  \"Success\": true,\r\n"), "{text}");
    let text = site.post("Projects.Get", json!({ "idProject": 999 })).text();
    assert!(text.starts_with("{\r\n  \"Success\": false,\r\n"), "{text}");
}

#[test]
fn trap_9_tables_and_the_list_of_projects_need_no_project() {
    let site = Site::open();
    assert_eq!(list_projects(&site, &[])["Records"][0]["ProjectName"], json!("Club"));
    let body = json!({
        "AuthKey": { "idKey": site.key.0, "Key": site.key.1 },
        "idTable": site.table.0,
        "Clause": equal("Course", json!("x")),
    });
    let answer = site.post_text("RelationalTables.Get", &[], &body.to_string()).json().unwrap();
    assert_eq!((&answer["Success"], &answer["Records"]), (&json!(true), &json!([])));
}

#[test]
fn trap_10_a_refusal_has_status_200() {
    let site = Site::open();
    for (method, body) in [
        ("Projects.Get", json!({ "idProject": 999 })),
        ("Contacts.Get", json!({})),
        ("Contacts.Nothing", json!({})),
        ("Projects.List", json!({ "AuthKey": { "idKey": 1, "Key": "wrong" } })),
    ] {
        let answer = site.post(method, body);
        assert_eq!(answer.status, 200, "{method}");
        assert_ne!(refusal(&answer.json().unwrap()), "", "{method}");
    }
    let answer = site.post_text("Projects.List", &[], "no json");
    assert_eq!((answer.status, refusal(&answer.json().unwrap())), (200, "InvalidRequest".to_owned()));
}

#[test]
fn trap_12_an_empty_active_flag_is_no_false() {
    let site = Site::open();
    for (place, flag) in [json!(null), json!(""), json!(true), json!("True"), json!("1"), json!(1)].iter().enumerate() {
        let number = site.contact(&format!("yes{place}@example.com"), json!({ "isActive": flag }));
        assert_eq!(site.row(number)["isActive"], json!(true), "{flag}");
    }
    for (place, flag) in [json!(false), json!("False"), json!("0"), json!(0)].iter().enumerate() {
        let number = site.contact(&format!("no{place}@example.com"), json!({ "isActive": flag }));
        assert_eq!(site.row(number)["isActive"], json!(false), "{flag}");
    }
}
