//! `RelationalTables` over HTTP.

use serde_json::{Value, json};

use super::Site;
use super::site::equal;

#[test]
fn rows_are_merged_read_and_deleted() {
    let site = Site::open();
    let ann = site.contact("ann@example.com", json!({}));
    let table = site.table.0;
    let record =
        |course: &str, data: Value| json!({ "ID": { "key_Course": course, "key_Day": "2026.01.31" }, "Data": data });
    let records = json!([
        record("Swim", json!({ "idContact": ann, "Seats": "2", "Price": 12.50 })),
        record("Yoga", json!({ "idContact": 999 })),
        record("Run", json!({})),
    ]);
    let options = json!({ "ReturnRecordsOnSuccess": true });
    let answer =
        site.done("RelationalTables.Merge", json!({ "idTable": table, "Records": records, "MergeOptions": options }));
    assert_eq!((&answer["CreatedRecords"], &answer["UpdatedRecords"]), (&json!(1), &json!(0)));
    let rows = &answer["Records"];
    assert_eq!(
        rows[0]["Record"].to_string(),
        format!(r#"{{"idContact":{ann},"Course":"Swim","Day":"2026.01.31","Seats":2,"Price":12.5}}"#)
    );
    assert_eq!(rows[1]["ValidationResult"], json!("InvalidValue"));
    assert_eq!(rows[2]["ValidationResult"], json!("MissingRequiredField"));

    let update = record("SWIM", json!({ "Seats": 3 }));
    let answer = site.done("RelationalTables.Merge", json!({ "idTable": table, "Records": [update] }));
    assert_eq!((&answer["UpdatedRecords"], &answer["Records"][0]["Status"]), (&json!(1), &json!("Updated")));

    let clause = equal("idContact", json!(ann));
    let found = site.done("RelationalTables.Get", json!({ "idTable": table, "Clause": clause }));
    assert_eq!((&found["Records"][0]["Seats"], &found["Records"][1]), (&json!(3), &Value::Null));
    assert_eq!(site.refused("RelationalTables.Get", json!({ "idTable": table })), "MissingParameter");
    let unknown = equal("f_Course", json!("x"));
    assert_eq!(site.refused("RelationalTables.Get", json!({ "idTable": table, "Clause": unknown })), "UnknownField");
    assert_eq!(
        site.refused("RelationalTables.Delete", json!({ "idTable": table, "Clause": clause, "MaxRows": 0 })),
        "TooManyRows"
    );
    let gone = site.done("RelationalTables.Delete", json!({ "idTable": table, "Clause": clause, "MaxRows": 1 }));
    assert_eq!(gone["DeletedRecords"], json!(1));
    assert_eq!(site.app.count("SELECT count(*) AS n FROM data_rows"), 0);
}

#[test]
fn rows_go_with_their_contact_and_with_the_project() {
    let site = Site::open();
    let ann = site.contact("ann@example.com", json!({}));
    let bob = site.contact("bob@example.com", json!({}));
    for (course, number) in [("A", ann), ("B", bob)] {
        let record = json!({ "ID": { "Course": course, "Day": "2026.01.31" }, "Data": { "idContact": number } });
        site.done("RelationalTables.Merge", json!({ "idTable": site.table.0, "Records": [record] }));
    }
    site.done("Contacts.Delete", json!({ "Clause": equal("idContact", json!(ann)), "MaxRows": 1 }));
    assert_eq!(site.app.count("SELECT count(*) AS n FROM data_rows"), 1);
    let (list, session) = (site.project.0, &site.owner.session);
    let answer = site.app.json(&format!("Command=Lists.Delete&SessionID={session}&Lists={list}"));
    assert_eq!(answer["Success"], json!(true));
    let body = json!({ "idTable": site.table.0, "Clause": equal("Course", json!("B")) });
    assert_eq!(site.refused("RelationalTables.Get", body), "TableNotFound", "invisible at once");
    site.app.settle();
    for table in ["data_rows", "data_tables", "data_table_fields", "mobile_apps"] {
        assert_eq!(site.app.count(&format!("SELECT count(*) AS n FROM {table}")), 0, "{table}");
    }
}

#[test]
fn a_table_too_large_to_be_looked_through_asks_for_a_contact_or_a_whole_key() {
    let site = Site::open();
    let ann = site.contact("ann@example.com", json!({}));
    let (table, list) = (site.table.0, site.project.0);
    site.app.execute(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100001) \
         INSERT INTO data_rows (table_id, number, list_id, contact_number, key_text, content, created_at, changed_at) \
         SELECT {table}, i, {list}, {ann} + i % 2, 'course ' || i || CHR_10 || '2026-01-31', '{{\"1\":\"Course\"}}', 0, 0 FROM n"
    ).replace("CHR_10", "'\n'"));
    let get = |clause: Value| json!({ "idTable": table, "Clause": clause, "MaxRows": 1 });
    assert_eq!(site.refused("RelationalTables.Get", get(equal("Seats", json!(7)))), "TooManyRows");
    let delete = json!({ "idTable": table, "Clause": equal("Seats", json!(7)) });
    assert_eq!(site.refused("RelationalTables.Delete", delete), "TooManyRows");
    let of_ann = json!([equal("Seats", json!(7)), equal("idContact", json!(ann))]);
    assert_eq!(site.done("RelationalTables.Get", get(of_ann))["Records"], json!([]));
    let whole = json!([equal("Course", json!("COURSE 77777")), equal("Day", json!("2026.01.31"))]);
    assert_eq!(site.done("RelationalTables.Get", get(whole))["Records"], json!([]), "found, but its values differ");
    assert_eq!(
        site.done("RelationalTables.Get", get(equal("Course", json!("course"))))["Records"].as_array().map(Vec::len),
        Some(1)
    );
}
