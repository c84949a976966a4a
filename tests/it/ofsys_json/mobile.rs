//! `Mobile` and `Push`: what phones and pages report, and what they cannot do.

use serde_json::{Value, json};
use understudy::domain::mobile;
use understudy::model::ids::SubscriberNumber;

use super::Site;
use super::site::refusal;

impl Site {
    /// A call of a phone: without a key.
    fn phone(&self, method: &str, mut body: Value) -> Value {
        body["ApplicationId"] = json!(self.application.1);
        self.post_text(method, &[("Content-Type", "text/plain")], &body.to_string()).json().unwrap()
    }
}

#[test]
fn a_phone_sets_its_token_and_says_who_it_is_without_being_believed() {
    let site = Site::open();
    let ann = site.contact("ann@example.com", json!({ "f_City": "Oslo" }));
    let guid = site.phone("Mobile.GetGuid", json!({}))["Guid"].as_str().unwrap().to_owned();
    assert_eq!(guid.len(), 36);
    let set = site.phone("Mobile.SetToken", json!({ "ContactId": guid, "Token": "t1", "Language": "fr" }));
    assert_eq!((&set["Success"], &set["Guid"]), (&json!(true), &json!(guid)));
    let said = json!({ "Guid": guid, "Contact": { "f_EMail": "ann@example.com", "f_City": "Rome", "idContact": ann } });
    assert_eq!(site.phone("Mobile.Identify", said)["Success"], json!(true));
    assert_eq!(site.row(ann)["f_City"], json!("Oslo"));
    assert_eq!(site.app.count("SELECT count(*) AS n FROM mobile_devices WHERE contact_number <> 0"), 0);
    let moved = site.phone("Mobile.UpdateContact", json!({ "Token": "t2", "OldToken": "t1", "f_City": "Bern" }));
    assert_eq!(moved["Guid"], json!(guid), "the old token names the phone");
    assert_eq!(site.app.count("SELECT count(*) AS n FROM mobile_devices WHERE token = 't2'"), 1);
    assert_eq!(refusal(&site.phone("Mobile.SetToken", json!({ "Guid": guid }))), "MissingParameter");
}

#[test]
fn a_key_ties_a_phone_to_a_contact() {
    let site = Site::open();
    let ann = site.contact("ann@example.com", json!({}));
    let identity = |contact: Value| json!({ "ApplicationId": site.application.1, "Guid": "g-1", "Token": "t", "Contact": contact });
    let answer = site.done("Mobile.Identity", identity(json!({ "key_f_EMail": "ann@example.com" })));
    assert_eq!((&answer["Guid"], &answer["idContact"]), (&json!("g-1"), &json!(ann)));
    assert_eq!(
        site.app.count(&format!("SELECT contact_number AS n FROM mobile_devices WHERE id > 0 AND {ann} > 0")),
        ann
    );
    assert_eq!(site.refused("Mobile.Identity", identity(json!({ "f_EMail": "x@example.com" }))), "ContactNotFound");
    assert_eq!(site.refused("Mobile.Identity", identity(json!({}))), "MissingParameter");
    let nobody = json!({ "AuthKey": null, "ApplicationId": site.application.1, "Guid": "g", "Contact": {} });
    assert_eq!(site.refused("Mobile.Identity", nobody), "AuthenticationFailed");
}

#[test]
fn receptions_and_launches_are_kept_once() {
    let site = Site::open();
    site.phone("Mobile.SetToken", json!({ "Guid": "g", "Token": "t" }));
    let done = |method: &str, body: Value| assert_eq!(site.phone(method, body)["Success"], json!(true), "{method}");
    done("Mobile.TrackPushReception", json!({ "Guid": "g", "PushId": 7, "dtReception": "2026.01.31 10:00:00" }));
    done(
        "Mobile.TrackPushReception",
        json!({ "Token": "t", "PushId": "7", "dtReception": "2026-01-31 15:00:00 +0000" }),
    );
    done("Mobile.TrackApplicationLaunch", json!({ "Guid": "g", "dtLaunch": "2026.01.31 10:00:00" }));
    done("Mobile.TrackPushReceptions", json!({ "Guid": "g", "Receptions": [{ "PushId": "8" }, "9"] }));
    done(
        "Mobile.TrackApplicationLaunches",
        json!({ "Guid": "g", "Launches": ["2026.02.01", { "dtLaunch": "2026.02.02" }] }),
    );
    done("Push.TrackPushReception", json!({ "PushId": "10" }));
    assert_eq!(site.app.count("SELECT count(*) AS n FROM mobile_events WHERE kind = 1"), 4);
    assert_eq!(site.app.count("SELECT count(*) AS n FROM mobile_events WHERE kind = 2"), 3);
    assert_eq!(refusal(&site.phone("Mobile.TrackPushReception", json!({}))), "MissingParameter");
    let bad = json!({ "Guid": "g", "Launches": ["soon"] });
    assert_eq!(refusal(&site.phone("Mobile.TrackApplicationLaunches", bad)), "InvalidParameter");
}

#[test]
fn a_page_is_tied_to_a_contact_by_the_signed_key_only() {
    let site = Site::open();
    let ann = site.contact("ann@example.com", json!({}));
    let key = mobile::contact_key("a secret for tests", site.project, SubscriberNumber(ann));
    let page = |kind: &str, identification: String| {
        site.phone(
            "Push.SetToken",
            json!({
                "ContactIdentificationType": kind, "ContactIdentification": identification, "Domain": "example.com",
                "Token": { "endpoint": format!("https://push.example.com/{kind}") }, "idPlatformPush": 4, "Fields": { "f_City": "Oslo" },
            }),
        )
    };
    assert_eq!(refusal(&page("contact", format!("{ann}:{}", "0".repeat(32)))), "ContactNotFound");
    assert_eq!(page("contact", format!("{ann}:{key}"))["Success"], json!(true));
    assert_eq!(page("project", format!("{}:x", site.project))["Success"], json!(true));
    assert_eq!(refusal(&page("nobody", String::new())), "InvalidParameter");
    assert_eq!(site.app.count(&format!("SELECT count(*) AS n FROM mobile_devices WHERE contact_number = {ann}")), 1);
}

#[test]
fn scripts_of_any_page_may_call_and_wrong_applications_may_not() {
    let site = Site::open();
    let path = "/webservices/ofc4/Push.ashx?method=SetToken";
    let answer = site.app.server.send("OPTIONS", path, "HTTP/1.1", &[], b"").unwrap();
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, Some("*")));
    let answer = site.post_bytes(path, &[], b"{}");
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some("*")));
    assert_eq!(refusal(&answer.json().unwrap()), "AuthenticationFailed");
    let answer = site.app.server.send("OPTIONS", "/webservices/ofc4/contacts.ashx", "HTTP/1.1", &[], b"").unwrap();
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, None));
    for wrong in [json!(null), json!("1"), json!(format!("{}:{}", site.application.0, "0".repeat(32))), json!({})] {
        let body = json!({ "ApplicationId": wrong, "Token": "t" }).to_string();
        let answer = site.post_text("Push.SetToken", &[], &body).json().unwrap();
        assert_eq!(refusal(&answer), "AuthenticationFailed", "{wrong}");
    }
}
