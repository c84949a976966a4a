//! The operations that change and show contacts and messages, in the shapes in which clients send their values.

use serde_json::json;

use super::{call, create, done, fields, member, refused};
use crate::ofsys_json::Site;

#[test]
fn values_come_in_every_shape() {
    let site = Site::open();
    let shapes = [
        fields(&[("f_EMail", "a@example.com"), ("f_City", "Oslo"), ("f_Vip", "true")]),
        "<Fields><f_EMail>b@example.com</f_EMail><f_City>Oslo</f_City><f_Vip>1</f_Vip></Fields>".to_owned(),
        "<Fields><Field><Name>f_EMail</Name><Value>c@example.com</Value></Field><Field><Name>City</Name><Value>Oslo</Value></Field>\
         <Field><Name>f_Vip</Name><Value>TRUE</Value></Field></Fields>"
            .to_owned(),
    ];
    for shape in shapes {
        let number: i64 = member(&done(&site, "USER.CREATE", &shape), "idContact").unwrap().parse().unwrap();
        let row = site.row(number);
        assert_eq!((&row["f_City"], &row["f_Vip"]), (&json!("Oslo"), &json!(true)), "{shape}");
        assert_eq!(row["isActive"], json!(true));
    }
}

#[test]
fn several_choices_may_come_as_a_list() {
    let site = Site::open();
    let choices = "<Fields><f_EMail>a@example.com</f_EMail><f_Interests><item>Sport</item><item>Music</item></f_Interests></Fields>";
    let number: i64 = member(&done(&site, "USER.CREATE", choices), "idContact").unwrap().parse().unwrap();
    assert_eq!(site.row(number)["f_Interests"], json!("Sport|Music"));
}

#[test]
fn an_empty_active_flag_counts_as_none() {
    let site = Site::open();
    let number = create(&site, &[("f_EMail", "a@example.com")], "<isActive></isActive>");
    assert_eq!(site.row(number)["isActive"], json!(true));
}

#[test]
fn contacts_are_shown_changed_put_to_rest_and_deleted() {
    let site = Site::open();
    let ann = create(&site, &[("f_EMail", "ann@example.com"), ("f_City", "Oslo"), ("optin_News", "1")], "");
    let changed = done(
        &site,
        "USER.UPDATE",
        &format!("<idContact>{ann}</idContact>{}", fields(&[("f_City", "Bergen"), ("f_Age", "")])),
    );
    assert_eq!(member(&changed, "idContact"), Some(ann.to_string()));
    let got = done(&site, "USER.GET", &format!("<idContact>{ann}</idContact>")).text().to_string();
    for pair in [("f_City", "Bergen"), ("f_EMail", "ann@example.com"), ("optin_News", "1"), ("isActive", "true")] {
        let item = format!("<item><Name>{}</Name><Value>{}</Value></item>", pair.0, pair.1);
        assert!(got.contains(&item), "{item} in {got}");
    }
    done(&site, "USER.DEACTIVATE", &format!("<idContact>{ann}</idContact>"));
    assert_eq!(site.row(ann)["isActive"], json!(false));
    let by_key =
        done(&site, "USER.UPDATE", &format!("{}<isActive>true</isActive>", fields(&[("f_EMail", "ann@example.com")])));
    assert_eq!(member(&by_key, "isActive").as_deref(), Some("true"));
    let gone = done(&site, "USER.DELETE", &format!("<idContact>{ann}</idContact>"));
    assert_eq!(member(&gone, "DeletedRecords").as_deref(), Some("1"));
    for operation in ["USER.GET", "USER.DELETE", "USER.UPDATE", "USER.ACTIVATE", "USER.DEACTIVATE"] {
        let answer = call(&site, operation, &format!("<idContact>{ann}</idContact>"));
        assert_eq!(refused(&answer), "ContactNotFound", "{operation}");
    }
}

#[test]
fn messages_are_made_with_their_versions() {
    let mut site = Site::open();
    let ann = create(&site, &[("f_EMail", "ann@example.com")], "");
    let body = "<item><MIMEType>text/html</MIMEType><Content>&lt;p&gt;hi&lt;/p&gt;</Content></item>";
    let version = format!(
        "<item><Culture>fr-CA</Culture><SenderEMail>club@example.org</SenderEMail><Subject>Salut</Subject><MessageBodies>{body}</MessageBodies></item>"
    );
    let made = done(
        &site,
        "MESSAGE.CREATE",
        &format!("<Message><Name>m</Name><MessageVersions>{version}</MessageVersions></Message>"),
    );
    let message = member(&made, "idMessage").unwrap();
    done(&site, "MESSAGE.SENDSINGLE", &format!("<idMessage>{message}</idMessage><idContact>{ann}</idContact>"));
    let mails = site.app.mails();
    assert_eq!((mails.len(), mails[0].header("subject")), (1, "Salut"));
    let without = call(&site, "MESSAGE.CREATE", "<Message><Name>m</Name></Message>");
    assert_eq!(refused(&without), "InvalidParameter");
}
