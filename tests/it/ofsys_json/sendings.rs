//! `Messages` and `Sendings`: the registration process, single sendings, batches.

use serde_json::{Value, json};
use understudy::model::ids::ListId;

use super::Site;
use super::site::equal;

/// A message in two languages.
fn draft(name: &str) -> Value {
    let version = |culture: &str, subject: &str, html: &str| {
        json!({
            "Name": culture, "Culture": culture, "SenderName": "Club", "SenderEMail": "club@example.org", "Subject": subject,
            "Subject_TellAFriend": "", "ReplyToEMail": "", "PredicateExpression": null, "MustMatchPredicateExpression": false,
            "MessageBodies": [{ "MIMEType": "text/html", "Content": html }, { "MIMEType": "text/plain", "Content": "plain" }],
        })
    };
    json!({
        "Name": name, "isHostingImages": false, "isTrackingLinks": true, "idCategory": 0, "QuerySources": null,
        "MessageVersions": [
            version("fr-CA", "Bonjour [[=Contact.f_City;]]", "<p>[[=Message.Parameter(\"code\");]] <a href=\"[[=Message.ActivationLink();]]\">oui</a></p>"),
            version("en-CA", "Hello [[=Contact.f_City;]]", "<p>[[=Message.Parameter(\"code\")]]</p>"),
        ],
    })
}

fn message(site: &Site, name: &str) -> i64 {
    site.done("Messages.Create", json!({ "Message": draft(name) }))["idMessage"].as_i64().unwrap()
}

fn single(message: i64, contact: i64) -> Value {
    json!({ "idMessage": message, "contactFilter": { "Mode": "Single", "idContact": contact } })
}

#[test]
fn trap_11_a_single_sending_reaches_an_inactive_contact() {
    let mut site = Site::open();
    let message = message(&site, "Confirm");
    let ann = site.contact("ann@example.com", json!({ "isActive": false, "f_City": "Oslo & Bern" }));
    let options = json!({ "idMessageVersion": null, "MessageParameterValues": { "CODE": "<42>" }, "DiscardParametersAfterSending": true });
    let body = json!({
        "idMessage": message.to_string(), "ContactFilter": { "Mode": "Single", "idContact": ann.to_string() },
        "SendSingleOptions": options, "Attachments": null,
    });
    assert_eq!(site.done("Sendings.SendSingle2", body)["AffectedContacts"], json!(1));
    let mails = site.app.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].is_to("ann@example.com"));
    assert_eq!(mails[0].header("subject"), "Bonjour Oslo & Bern");
    assert!(mails[0].text.contains("&lt;42&gt;"), "{}", mails[0].text);
    assert!(mails[0].text.contains("/activate/"), "{}", mails[0].text);
    assert_eq!(site.row(ann)["isActive"], json!(false), "sending changes nothing");
    let row =
        site.merge(json!({ "idContact": ann }), json!({ "isActive": true }), json!({ "ReturnRecordsOnSuccess": true }));
    assert_eq!(row["Record"]["isActive"], json!(true));
    site.app.expect_no_mails();
}

#[test]
fn what_cannot_be_sent_is_refused_with_its_reason() {
    let site = Site::open();
    let message = message(&site, "Welcome");
    let ann = site.contact("ann@example.com", json!({}));
    let refused = |body: Value| site.refused("Sendings.SendSingle", body);
    assert_eq!(refused(single(987_654, ann)), "MessageNotFound");
    assert_eq!(refused(single(message, 987_654)), "ContactNotFound");
    assert_eq!(refused(json!({ "idMessage": message })), "MissingParameter");
    assert_eq!(refused(json!({ "idMessage": message, "contactFilter": { "Mode": "Some" } })), "InvalidParameter");
    let mut attached = single(message, ann);
    attached["Attachments"] = json!([{ "Name": "a.pdf" }]);
    assert_eq!(site.refused("Sendings.SendSingle2", attached), "InvalidParameter");
    let mut version = single(message, ann);
    version["SendSingleOptions"] = json!({ "idMessageVersion": 987_654 });
    assert_eq!(site.refused("Sendings.SendSingle2", version), "InvalidParameter");
    let nobody = json!({ "Mode": "Clauses", "TableClauses": [{ "TableCode": "Contact", "Clause": equal("f_City", json!("Rome")) }] });
    let answer = site.done("Sendings.SendSingle", json!({ "idMessage": message, "contactFilter": nobody }));
    assert_eq!(answer["AffectedContacts"], json!(0));
    site.app.execute(&format!(
        "INSERT INTO suppressions (account_id, list_id, email, email_key, reason, created_at) \
         VALUES ({}, 0, 'ann@example.com', 'ann@example.com', 3, 1)",
        site.account
    ));
    assert_eq!(refused(single(message, ann)), "SendFailed");
    assert_eq!(site.app.count("SELECT count(*) AS n FROM mails"), 0);
}

#[test]
fn a_batch_reaches_active_contacts_once_and_is_listed() {
    let mut site = Site::open();
    let message = message(&site, "News");
    for n in 0..4 {
        site.contact(&format!("{n}@example.com"), json!({ "isActive": n != 3 }));
    }
    let filter = json!({ "Mode": "All" });
    let batch = |options: Value| {
        let body = json!({ "idMessage": message, "contactFilter": filter, "sendBatchOptions": options });
        site.done("Sendings.SendBatch", body)["idBatch"].as_i64().unwrap()
    };
    let now = batch(json!({ "isDelayed": false, "PrepareNow": true, "AutoApprove": true }));
    let waiting = batch(json!({ "isDelayed": true, "dtLaunch": "2099.01.31 10:00:00", "AutoApprove": false }));
    let delayed = json!({ "idMessage": message, "contactFilter": filter, "sendBatchOptions": { "isDelayed": "1" } });
    assert_eq!(site.refused("Sendings.SendBatch", delayed), "MissingParameter");
    let mails = site.app.mails();
    assert_eq!(mails.len(), 3);
    let filter = json!({ "BatchFilterMode": "idBatch", "idBatch_Min": now, "idBatch_Max": waiting.to_string() });
    let batches = site.done("Sendings.GetBatches", json!({ "batchFilter": filter }))["Batches"].clone();
    assert_eq!(batches.as_array().map(Vec::len), Some(2));
    assert_eq!((&batches[0]["idBatch"], &batches[0]["Status"]), (&json!(now), &json!("Completed")));
    assert_eq!(batches[0]["QueuedMessages"], json!(3));
    assert_eq!(batches[1]["Status"], json!("WaitingForApproval"));
    assert_eq!(batches[1]["dtLaunch"], json!("2099.01.31 10:00:00"));
    let only = site.done("Sendings.GetBatches", json!({ "batchFilter": { "idBatch_Min": waiting } }));
    assert_eq!(only["Batches"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_message_comes_back_as_it_was_made_and_changes_in_parts() {
    let site = Site::open();
    let id = message(&site, "News");
    let get = || site.done("Messages.Get", json!({ "idMessage": id }))["Message"].clone();
    let shown = get();
    assert_eq!(shown["MessageVersions"][1]["Subject"], json!("Hello [[=Contact.f_City;]]"));
    assert_eq!(
        shown["MessageVersions"][0]["MessageBodies"][1],
        json!({ "MIMEType": "text/plain", "Content": "plain" })
    );
    assert!(shown["MessageVersions"][0]["idMessageVersion"].as_i64().is_some_and(|id| id > 0));
    site.done("Messages.Update", json!({ "idMessage": id, "Message": { "Name": "Other" } }));
    let changed = get();
    assert_eq!((&changed["Name"], &changed["MessageVersions"]), (&json!("Other"), &shown["MessageVersions"]));
    let only = json!({ "MessageVersions": [{ "Culture": "fr-CA", "Subject": "S", "MessageBodies": [{ "MIMEType": "text/plain", "Content": "x" }] }] });
    site.done("Messages.Update", json!({ "idMessage": id, "Message": only }));
    assert_eq!(get()["MessageVersions"].as_array().map(Vec::len), Some(1));
    for bad in [
        json!({ "MessageVersions": [] }),
        json!({ "MessageVersions": [{ "Subject": "no body" }] }),
        json!({ "MessageVersions": [{ "Subject": "a\r\nBcc: x@example.com", "MessageBodies": [{ "MIMEType": "text/plain", "Content": "x" }] }] }),
        json!({ "MessageVersions": 7 }),
    ] {
        assert_eq!(
            site.refused("Messages.Update", json!({ "idMessage": id, "Message": bad })),
            "InvalidParameter",
            "{bad}"
        );
    }
    assert_eq!(site.refused("Messages.Update", json!({ "idMessage": id })), "MissingParameter");
    assert_eq!(site.refused("Messages.Get", json!({ "idMessage": 987_654 })), "MessageNotFound");
    let elsewhere = site.as_owner(|cx| {
        let new = understudy::domain::projects::NewProject { name: "Other".to_owned(), ..Default::default() };
        understudy::domain::projects::create(cx, &new).unwrap()
    });
    let narrow = site.another_key(understudy::domain::keys::Terms { projects: vec![elsewhere], ..Default::default() });
    let body = |project: ListId| {
        let text =
            json!({ "AuthKey": { "idKey": narrow.0, "Key": narrow.1 }, "idMessage": id, "idProject": project.0 });
        site.refused("Messages.Get", text)
    };
    assert_eq!((body(elsewhere), body(site.project)), ("MessageNotFound".to_owned(), "AccessDenied".to_owned()));
    let companywide = site.refused(
        "Messages.Create",
        json!({ "AuthKey": { "idKey": narrow.0, "Key": narrow.1 }, "idProject": null, "Message": draft("x") }),
    );
    assert_eq!(companywide, "AccessDenied");
}
