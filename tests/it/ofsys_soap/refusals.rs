//! What is refused, how it is said, and that nothing was done then.

use understudy::domain::keys::Terms;
use understudy::model::time::UtcTime;

use super::{call, create, fields, member, message, refused, send};
use crate::ofsys_json::Site;

fn with_key(site: &Site, key: &(i64, String), members: &str) -> String {
    let shown = format!(
        "<AuthKey><idKey>{}</idKey><Key>{}</Key></AuthKey><idProject>{}</idProject>{members}",
        key.0, key.1, site.project.0
    );
    refused(&send(site, "USER.CREATE", &shown))
}

#[test]
fn keys_are_checked_before_anything_else() {
    let site = Site::open();
    let person = fields(&[("f_EMail", "ann@example.com")]);
    assert_eq!(with_key(&site, &(site.key.0, "wrong".to_owned()), &person), "AuthenticationFailed");
    assert_eq!(with_key(&site, &(999_999, site.key.1.clone()), &person), "AuthenticationFailed");
    assert_eq!(refused(&send(&site, "USER.CREATE", &person)), "AuthenticationFailed");
    let restricted = site.another_key(Terms { endpoints: vec!["USER.GET".to_owned()], ..Terms::default() });
    assert_eq!(with_key(&site, &restricted, &person), "AccessDenied");
    let elsewhere = site.another_key(Terms { addresses: vec!["203.0.113.9".parse().unwrap()], ..Terms::default() });
    assert_eq!(with_key(&site, &elsewhere, &person), "AddressNotAllowed");
    let soon = UtcTime::now().plus(std::time::Duration::from_millis(30));
    let expiring = site.another_key(Terms { expires_at: Some(soon), ..Terms::default() });
    std::thread::sleep(std::time::Duration::from_millis(60));
    assert_eq!(with_key(&site, &expiring, &person), "KeyExpired");
    assert_eq!(site.app.count("SELECT count(*) AS n FROM subscribers"), 0);
}

#[test]
fn a_foreign_project_is_like_none() {
    let site = Site::open();
    let other = Site::open();
    let key = format!("<AuthKey><idKey>{}</idKey><Key>{}</Key></AuthKey>", site.key.0, site.key.1);
    let person = fields(&[("f_EMail", "ann@example.com")]);
    let foreign =
        send(&site, "USER.CREATE", &format!("{key}<idProject>{}</idProject>{person}", other.project.0 + 1000));
    assert_eq!(refused(&foreign), "ProjectNotFound");
    assert_eq!(refused(&send(&site, "USER.CREATE", &format!("{key}{person}"))), "MissingParameter");
}

#[test]
fn records_that_do_not_fit_are_refused_with_their_reason() {
    let site = Site::open();
    let ann = create(&site, &[("f_EMail", "ann@example.com")], "");
    let again = call(&site, "USER.CREATE", &fields(&[("f_EMail", "ANN@example.com"), ("f_City", "Oslo")]));
    assert_eq!(refused(&again), "DuplicateRecord");
    assert_eq!(member(&again, "idContact"), Some(ann.to_string()));
    assert!(site.row(ann)["f_City"].is_null(), "nothing was changed");
    for (pairs, code) in [
        (&[("f_City", "Oslo")][..], "InvalidKey"),
        (&[("f_EMail", "nobody")], "InvalidEMail"),
        (&[("f_EMail", "b@example.com"), ("f_Nope", "1")], "UnknownField"),
        (&[("f_EMail", "b@example.com"), ("f_Age", "old")], "InvalidValue"),
    ] {
        assert_eq!(refused(&call(&site, "USER.CREATE", &fields(pairs))), code);
    }
    assert_eq!(site.app.count("SELECT count(*) AS n FROM subscribers"), 1);
}

#[test]
fn what_cannot_be_sent_is_not_sent() {
    let mut site = Site::open();
    let welcome = message(&site, "<p>hi</p>");
    let ann = create(&site, &[("f_EMail", "ann@example.com")], "");
    for (message, contact, code) in [(welcome + 99, ann, "MessageNotFound"), (welcome, ann + 99, "ContactNotFound")] {
        let members = format!("<idMessage>{message}</idMessage><idContact>{contact}</idContact>");
        let answer = call(&site, "MESSAGE.SENDSINGLE", &members);
        assert_eq!(refused(&answer), code);
        assert_eq!(member(&answer, "AffectedContacts").as_deref(), Some("0"));
    }
    let without = call(&site, "MESSAGE.SENDSINGLE", &format!("<idContact>{ann}</idContact>"));
    assert_eq!(refused(&without), "MissingParameter");
    site.app.expect_no_mails();
}

#[test]
fn values_without_names_are_a_fault() {
    let site = Site::open();
    let answer = call(&site, "USER.CREATE", "<Fields><item>ann@example.com</item><item>Oslo</item></Fields>");
    assert_eq!(answer.status, 500);
    assert!(answer.text().contains("Fields must hold named values"), "{}", answer.text());
    let unknown = call(&site, "USER.EXPLODE", "");
    assert_eq!(unknown.status, 500);
    assert!(unknown.text().contains("<faultcode>SOAP-ENV:Client</faultcode>"), "{}", unknown.text());
}
