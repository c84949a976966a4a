//! Double opt-in from end to end: asked for by the API or by a form, mailed by the worker, confirmed by the button, written down.

use regex::Regex;

use crate::support::{TestAccount, TestApp};

fn double_list(app: &TestApp, account: &TestAccount) -> String {
    let session = &account.session;
    let call = format!("Command=List.Create&SessionID={session}&SubscriberListName=News&OptInMode=Double");
    let made = app.json(&call);
    assert_eq!(made["Success"], true, "{made}");
    made["ListID"].to_string()
}

fn status(app: &TestApp, account: &TestAccount, list: &str, email: &str) -> String {
    let call = format!("Command=Subscriber.Get&SessionID={}&ListID={list}&EmailAddress={email}", account.session);
    app.json(&call)["SubscriberInformation"]["SubscriptionStatus"].as_str().unwrap_or_default().to_owned()
}

/// The path of the mail's confirm link.
fn confirm_link(app: &mut TestApp, email: &str) -> String {
    let mails = app.mails();
    assert_eq!(mails.len(), 1, "one mail is asked for");
    assert!(mails[0].is_to(email), "{}", mails[0].header("to"));
    let pattern = Regex::new(&format!("{}(/confirm/[^\\s\"<>]+)", regex::escape(&app.server.base_url()))).unwrap();
    let found = pattern.captures(&mails[0].text).unwrap_or_else(|| panic!("no link in {}", mails[0].text));
    found[1].to_owned()
}

fn confirm(app: &TestApp, account: &TestAccount, list: &str, email: &str, link: &str) {
    let page = app.server.send("GET", link, "HTTP/1.1", &[], b"").unwrap();
    assert_eq!(page.status, 200);
    assert_eq!(status(app, account, list, email), "Opt-In Pending", "looking at the page changes nothing");
    assert!(app.server.post(link, "").unwrap().status < 400);
    assert_eq!(status(app, account, list, email), "Subscribed");
}

#[test]
fn a_subscription_by_the_api_is_confirmed_by_the_button() {
    let mut app = TestApp::start();
    let account = app.account("");
    let list = double_list(&app, &account);
    let call = format!("Command=Subscriber.Subscribe&ListID={list}&EmailAddress=ann@example.com&IPAddress=192.0.2.1");
    let made = app.json(&call);
    assert_eq!(made["Subscriber"]["SubscriptionStatus"], "Opt-In Pending", "{made}");
    let link = confirm_link(&mut app, "ann@example.com");
    confirm(&app, &account, &list, "ann@example.com", &link);
    let events = "SELECT count(DISTINCT event) AS n FROM consent_log WHERE event IN (1, 2, 3)";
    assert_eq!(app.count(events), 3, "subscribed, request queued, confirmed");
    app.expect_no_mails();
}

#[test]
fn a_subscription_by_a_form_is_confirmed_by_the_button() {
    let mut app = TestApp::start();
    let account = app.account("");
    let list = double_list(&app, &account);
    let form = format!(
        "FormValue_ListID={list}&FormValue_Command=Subscriber.Add&FormValue_Fields[EmailAddress]=bob@example.com"
    );
    assert!(app.server.post("/subscribe.php", &form).unwrap().status < 400);
    assert_eq!(status(&app, &account, &list, "bob@example.com"), "Opt-In Pending");
    let link = confirm_link(&mut app, "bob@example.com");
    confirm(&app, &account, &list, "bob@example.com", &link);
    app.expect_no_mails();
}
