//! The registration process, both ways of double opt-in (OF-10), and the contact on the other wires.

use serde_json::json;

use super::{create, done, member, message};
use crate::ofsys_json::Site;

const LINK: &str = "<p><a href=\"[[=Message.ActivationLink();]]\">yes</a> [[=Message.Parameter(\"code\");]]</p>";

#[test]
fn a_single_opt_in_is_active_at_once_and_welcomed_by_the_site() {
    let mut site = Site::open();
    let welcome = message(&site, "<p>welcome</p>");
    let ann = create(&site, &[("f_EMail", "ann@example.com"), ("f_City", "Montréal")], "");
    site.app.expect_no_mails();
    let members = format!("<idMessage>{welcome}</idMessage><idContact>{ann}</idContact>");
    let sent = done(&site, "MESSAGE.SENDSINGLE", &members);
    assert_eq!(member(&sent, "AffectedContacts").as_deref(), Some("1"));
    let mails = site.app.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].is_to("ann@example.com"));
    assert_eq!(mails[0].header("subject"), "Hello =?utf-8?b?TW9udHLDqWFs?=");
}

#[test]
fn a_double_opt_in_is_confirmed_by_the_site_or_by_the_link() {
    let mut site = Site::open();
    let confirm = message(&site, LINK);
    let ann = create(&site, &[("EMail", "ann@example.com")], "<isActive>false</isActive>");
    let bob = create(&site, &[("key_f_EMail", "bob@example.com"), ("optin_News", "true")], "<isActive>0</isActive>");
    for contact in [ann, bob] {
        let parameters = "<Parameters><item><key>code</key><value>a &amp; b</value></item></Parameters>";
        let members = format!("<idMessage>{confirm}</idMessage><idContact>{contact}</idContact>{parameters}");
        done(&site, "MESSAGE.SENDSINGLE", &members);
    }
    let mails = site.app.mails();
    assert_eq!(mails.len(), 2);
    assert!(mails.iter().all(|mail| mail.text.contains("a &amp; b")), "{}", mails[0].text);
    for contact in [ann, bob] {
        assert_eq!(site.row(contact)["isActive"], json!(false), "sending changes nothing");
    }

    let activated = done(&site, "USER.ACTIVATE", &format!("<idContact>{ann}</idContact>"));
    assert_eq!(member(&activated, "isActive").as_deref(), Some("true"));
    assert_eq!(site.row(ann)["isActive"], json!(true));
    assert_eq!(site.row(bob)["isActive"], json!(false), "only the one that was named");
    done(&site, "USER.ACTIVATE", &format!("<idContact>{ann}</idContact>"));

    let mail = mails.iter().find(|mail| mail.is_to("bob@example.com")).unwrap();
    let start = mail.text.find("/activate/").unwrap();
    let link: String = mail.text[start..].chars().take_while(|sign| !matches!(sign, '"' | ' ' | '<' | '>')).collect();
    let seen = site.app.server.send("GET", &link, "HTTP/1.1", &[], b"").unwrap();
    assert_eq!(seen.status, 200, "{}", seen.text());
    assert_eq!(site.row(bob)["isActive"], json!(false), "opening the link changes nothing");
    let pressed = site.post_bytes(&link, &[("Content-Type", "application/x-www-form-urlencoded")], b"");
    assert!(pressed.status < 400, "{}", pressed.text());
    assert_eq!(site.row(bob)["isActive"], json!(true));
    site.app.expect_no_mails();
}

#[test]
fn a_token_is_checked_when_it_is_given() {
    let mut site = Site::open();
    let confirm = message(&site, LINK);
    let ann = create(&site, &[("f_EMail", "ann@example.com")], "<isActive>false</isActive>");
    done(&site, "MESSAGE.SENDSINGLE", &format!("<idMessage>{confirm}</idMessage><idContact>{ann}</idContact>"));
    let wrong =
        super::call(&site, "USER.ACTIVATE", &format!("<idContact>{ann}</idContact><ActivationKey>abc</ActivationKey>"));
    assert_eq!(super::refused(&wrong), "InvalidParameter");
    assert_eq!(site.row(ann)["isActive"], json!(false));
    let mail = site.app.mails().remove(0);
    let token = mail.text.split(&format!("/activate/{}/{ann}/", site.project.0)).nth(1).unwrap();
    let token: String = token.chars().take_while(char::is_ascii_alphanumeric).collect();
    let members = format!("<idContact>{ann}</idContact><ActivationKey>{token}</ActivationKey>");
    done(&site, "USER.ACTIVATE", &members);
    assert_eq!(site.row(ann)["isActive"], json!(true));
}

#[test]
fn a_contact_is_the_same_on_every_wire() {
    let site = Site::open();
    let ann = create(&site, &[("f_EMail", "Ann@example.com"), ("f_City", "Oslo")], "");
    assert_eq!(site.row(ann)["f_City"], json!("Oslo"));
    let form = format!(
        "Command=Subscriber.Get&EmailAddress=ann%40example.com&ListID={}&SessionID={}",
        site.project.0, site.owner.session
    );
    let got = site.app.json(&form);
    assert_eq!(got["SubscriberInformation"]["SubscriberID"], json!(ann.to_string()), "{got:#}");
    assert_eq!(got["SubscriberInformation"]["SubscriptionStatus"], json!("Subscribed"));

    let form = format!(
        "Command=Subscriber.Subscribe&ListID={}&EmailAddress=bob%40example.com&IPAddress=192.0.2.1",
        site.project.0
    );
    let joined = site.app.json(&form);
    let bob = joined["SubscriberID"].as_i64().or_else(|| joined["SubscriberID"].as_str()?.parse().ok());
    let bob = bob.unwrap_or_else(|| panic!("{joined:#}"));
    let got = done(&site, "USER.GET", "<Fields><f_EMail>BOB@example.com</f_EMail></Fields>");
    assert_eq!(member(&got, "idContact"), Some(bob.to_string()));
    assert_eq!(site.row(bob)["f_EMail"], json!("bob@example.com"));
}
