//! Joining, confirming, leaving and joining again.

use regex::Regex;
use serde_json::json;

use super::Desk;

#[test]
fn resubscribe_after_unsubscribe_keeps_the_number() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    let field = desk.field(list, "");
    let number = desk.join(list, "a@example.com", &format!("CustomField{field}=kept"));
    desk.join(list, "b@example.com", "");
    assert_eq!(desk.try_join(list, "A@EXAMPLE.com", "")["ErrorCode"], 9);
    desk.leave(list, "A@example.COM", "");
    let gone = desk.row(list, "a@example.com");
    assert_eq!((&gone["SubscriptionStatus"], &gone["UnsubscriptionIP"]), (&json!("Unsubscribed"), &json!("192.0.2.2")));
    assert_ne!(gone["UnsubscriptionDate"], "0000-00-00 00:00:00");
    assert_eq!(
        desk.code("Subscriber.Unsubscribe", &format!("ListID={list}&EmailAddress=a@example.com&IPAddress=1")),
        9
    );
    assert_eq!(desk.join(list, "a@example.com", ""), number);
    let back = desk.row(list, "a@example.com");
    assert_eq!((&back["SubscriptionStatus"], &back["UnsubscriptionIP"]), (&json!("Subscribed"), &json!("")));
    assert_eq!(
        (&back["UnsubscriptionDate"], &back[format!("CustomField{field}")]),
        (&json!("0000-00-00 00:00:00"), &json!("kept"))
    );
    assert_eq!(desk.n_wrong_totals(), 0);
}

#[test]
fn leaving_with_the_scope_all_lists_leaves_every_list_of_the_account_only() {
    let desk = Desk::open();
    let wide = desk.list("W", "OptOutScope=All+lists");
    let (narrow, untouched) = (desk.list("N", ""), desk.list("U", ""));
    let stranger = desk.app.account("");
    let foreign = desk.call_as(&stranger.session, "List.Create", "SubscriberListName=F")["ListID"].as_i64().unwrap();
    for list in [wide, narrow, foreign] {
        desk.join(list, "a@example.com", "");
    }
    desk.join(untouched, "b@example.com", "");
    desk.leave(wide, "a@example.com", "Preview=1");
    assert_eq!(desk.status(wide, "a@example.com"), "Subscribed", "a preview changes nothing");
    desk.leave(wide, "a@example.com", "");
    assert_eq!(
        (desk.status(wide, "a@example.com"), desk.status(narrow, "a@example.com")),
        ("Unsubscribed".into(), "Unsubscribed".into())
    );
    assert_eq!(desk.status(untouched, "b@example.com"), "Subscribed");
    let row =
        desk.call_as(&stranger.session, "Subscriber.Get", &format!("ListID={foreign}&EmailAddress=a@example.com"));
    assert_eq!(row["SubscriberInformation"]["SubscriptionStatus"], "Subscribed", "{row}");
    for list in [narrow, wide] {
        desk.join(list, "a@example.com", "");
    }
    desk.leave(narrow, "a@example.com", "");
    assert_eq!(desk.status(wide, "a@example.com"), "Subscribed", "the other list's scope is its own");
    assert_eq!(desk.n_wrong_totals(), 0);
}

#[test]
fn leaving_suppresses_as_the_list_says_and_joining_lifts_only_that() {
    let desk = Desk::open();
    let own = desk.list("A", "OptOutAddToSuppressionList=Yes");
    let wide = desk.list("B", "OptOutAddToGlobalSuppressionList=Yes");
    let plain = desk.list("C", "");
    for list in [own, wide, plain] {
        desk.join(list, "a@example.com", "");
    }
    desk.leave(own, "a@example.com", "");
    assert!(desk.is_suppressed(own, "a@example.com") && !desk.is_suppressed(plain, "a@example.com"));
    desk.leave(wide, "a@example.com", "");
    assert!(desk.is_suppressed(plain, "a@example.com"), "the whole account");
    assert_eq!(desk.status(plain, "a@example.com"), "Subscribed", "suppressed, but not off the list");
    let n = |segment: &str| {
        desk.done("Subscribers.Get", &format!("SubscriberListID={plain}&SubscriberSegment={segment}"))["TotalSubscribers"].clone()
    };
    assert_eq!((n("Active"), n("Suppressed")), (json!(0), json!(1)));
    desk.join(own, "a@example.com", "");
    assert_eq!((n("Active"), n("Suppressed")), (json!(1), json!(0)), "its own opt-outs are lifted");
    assert!(!desk.is_suppressed(own, "a@example.com"));
    desk.import(own, "a@example.com", "AddToSuppressionList=true");
    desk.leave(own, "a@example.com", "");
    desk.join(own, "a@example.com", "");
    assert!(desk.is_suppressed(own, "a@example.com"), "an import's suppression is not the person's to lift");
    assert!(!desk.is_suppressed(plain, "a@example.com"));
    assert_eq!(desk.n_wrong_totals(), 0);
}

#[test]
fn an_import_into_suppression_outweighs_an_opt_out() {
    let desk = Desk::open();
    let list = desk.list("A", "OptOutAddToSuppressionList=Yes&OptOutAddToGlobalSuppressionList=Yes");
    for (email, target) in [("a@example.com", "AddToSuppressionList"), ("b@example.com", "AddToGlobalSuppressionList")]
    {
        desk.join(list, email, "");
        desk.leave(list, email, "");
        let totals = desk.import(list, email, &format!("{target}=true"));
        assert_eq!(totals["TotalDuplicates"], 1, "suppressed there already: {totals}");
        desk.join(list, email, "");
        assert!(desk.is_suppressed(list, email), "{target}: joining again does not lift what the owner imported");
    }
    assert_eq!(desk.n_rows("suppressions"), 2);
    assert_eq!(desk.n_wrong_totals(), 0);
}

#[test]
fn suppression_of_a_list_may_be_passed_over() {
    let desk = Desk::open();
    let list = desk.list("A", "OptOutAddToSuppressionList=Yes&OptOutAddToGlobalSuppressionList=Yes");
    desk.join(list, "a@example.com", "");
    desk.leave(list, "a@example.com", "BypassListSuppressionSettings=true");
    assert_eq!(desk.n_rows("suppressions"), 0);
    desk.join(list, "a@example.com", "");
    desk.leave(list, "a@example.com", "");
    assert_eq!(desk.n_rows("suppressions"), 2);
}

#[test]
fn deleting_from_suppression_lets_mail_through_again() {
    let desk = Desk::open();
    let list = desk.list("A", "");
    let number = desk.join(list, "a@example.com", "");
    desk.import(list, "a@example.com", "AddToSuppressionList=true");
    desk.import(list, "a@example.com", "AddToGlobalSuppressionList=true");
    assert!(desk.is_suppressed(list, "a@example.com"));
    desk.done("Subscribers.Delete", &format!("SubscriberListID={list}&Subscribers={number}&Suppressed=true"));
    assert!(!desk.is_suppressed(list, "a@example.com"));
    assert_eq!(desk.status(list, "a@example.com"), "Subscribed");
    assert_eq!(desk.n_wrong_totals(), 0);
}

fn double(desk: &Desk, name: &str) -> i64 {
    let made = desk.done("List.Create", &format!("SubscriberListName={name}&OptInMode=Double"));
    made["ListID"].as_i64().unwrap()
}

fn opt_in(desk: &Desk, list: i64, number: i64, mode: &str) -> serde_json::Value {
    desk.code("Subscriber.OptIn", &format!("ListID={list}&SubscriberID={number}&Mode={mode}"))
}

#[test]
fn a_pending_address_asked_again_is_mailed_again_only_after_the_pause() {
    let mut desk = Desk::open();
    let list = double(&desk, "D");
    let field = desk.field(list, "");
    let number = desk.join(list, "a@example.com", "");
    assert_eq!(desk.app.mails().len(), 1);
    assert_eq!(desk.join(list, "a@example.com", &format!("CustomField{field}=v")), number);
    assert_eq!(desk.row(list, "a@example.com")[format!("CustomField{field}")], "v");
    desk.app.expect_no_mails();
    desk.app.execute("UPDATE subscribers SET request_sent_at = request_sent_at - 86400000000");
    desk.join(list, "a@example.com", "");
    assert_eq!(desk.app.mails().len(), 1);
    desk.join(list, "a@example.com", "");
    desk.app.expect_no_mails();
    assert_eq!(desk.n_wrong_totals(), 0);
}

#[test]
fn a_request_is_confirmed_or_rejected_once() {
    let mut desk = Desk::open();
    let list = double(&desk, "D");
    let (a, b, c) = (
        desk.join(list, "a@example.com", ""),
        desk.join(list, "b@example.com", ""),
        desk.join(list, "c@example.com", ""),
    );
    assert_eq!(opt_in(&desk, list, a, "Confirm"), 0);
    assert_eq!(opt_in(&desk, list, a, "Confirm"), json!([8]));
    assert_eq!(opt_in(&desk, list, a, "Reject"), json!([8]));
    assert_eq!(desk.status(list, "a@example.com"), "Subscribed");
    assert_eq!(opt_in(&desk, list, b, "reject"), 0);
    assert_eq!(opt_in(&desk, list, b, "Confirm"), json!([8]));
    assert_eq!(desk.status(list, "b@example.com"), "Unsubscribed");
    desk.leave(list, "c@example.com", "");
    assert_eq!(opt_in(&desk, list, c, "Confirm"), json!([8]), "left while pending");
    assert_eq!(desk.app.mails().len(), 3);
    assert_eq!(desk.join(list, "b@example.com", ""), b);
    assert_eq!(desk.status(list, "b@example.com"), "Opt-In Pending", "it may be asked again");
    assert_eq!(desk.app.mails().len(), 1);
    assert_eq!(desk.n_wrong_totals(), 0);
}

#[test]
fn the_opt_out_of_a_person_is_lifted_by_confirming_not_by_asking() {
    let mut desk = Desk::open();
    let list = double(&desk, "D");
    let plain = desk.list("P", "");
    desk.done("List.Update", &format!("SubscriberListID={list}&OptOutAddToGlobalSuppressionList=Yes"));
    desk.join(plain, "a@example.com", "");
    let number = desk.join(list, "a@example.com", "");
    assert_eq!(opt_in(&desk, list, number, "Confirm"), 0);
    desk.leave(list, "a@example.com", "");
    desk.join(list, "a@example.com", "");
    assert!(desk.is_suppressed(plain, "a@example.com"), "anybody may ask");
    assert_eq!(desk.app.mails().len(), 2, "the request goes out all the same");
    assert_eq!(opt_in(&desk, list, number, "Confirm"), 0);
    assert!(!desk.is_suppressed(plain, "a@example.com") && !desk.is_suppressed(list, "a@example.com"));
    desk.import(list, "b@example.com", "AddToGlobalSuppressionList=true");
    let barred = desk.join(list, "b@example.com", "");
    desk.app.expect_no_mails();
    assert_eq!(opt_in(&desk, list, barred, "Confirm"), 0);
    assert!(desk.is_suppressed(list, "b@example.com"));
    assert_eq!(desk.n_wrong_totals(), 0);
}

#[test]
fn a_pending_address_joins_at_once_when_the_list_asks_no_more() {
    let mut desk = Desk::open();
    let list = double(&desk, "D");
    let number = desk.join(list, "a@example.com", "");
    desk.app.mails();
    desk.done("List.Update", &format!("SubscriberListID={list}&OptInMode=Single"));
    let answer = desk.try_join(list, "a@example.com", "");
    assert_eq!(
        (&answer["SubscriberID"], &answer["Subscriber"]["SubscriptionStatus"]),
        (&json!(number), &json!("Subscribed"))
    );
    desk.app.expect_no_mails();
    assert_eq!(desk.n_wrong_totals(), 0);
}

#[test]
fn a_link_goes_on_working_when_opened_twice() {
    let mut desk = Desk::open();
    let list = double(&desk, "D");
    desk.join(list, "a@example.com", "");
    let mails = desk.app.mails();
    let pattern = Regex::new("/confirm/[^\\s\"<>]+").unwrap();
    let link = pattern.find(&mails[0].text).unwrap().as_str().to_owned();
    for _ in 0..2 {
        assert!(desk.app.server.post(&link, "").unwrap().status < 400);
        assert_eq!(desk.status(list, "a@example.com"), "Subscribed");
    }
    let reject = Regex::new("/reject/[^\\s\"<>]+").unwrap().find(&mails[0].text).unwrap().as_str().to_owned();
    assert!(desk.app.server.post(&reject, "").unwrap().status < 500);
    assert_eq!(desk.status(list, "a@example.com"), "Subscribed", "too late to reject");
    let asked = desk.app.server.send("GET", &link, "HTTP/1.1", &[], b"").unwrap();
    assert!(asked.status < 400);
}

#[test]
fn several_lists_in_one_call_stand_or_fall_together() {
    let desk = Desk::open();
    let (a, b) = (desk.list("A", ""), desk.list("B", ""));
    let field = desk.field(a, "");
    desk.join(b, "a@example.com", "");
    let both = format!("ListID={a},{b}&EmailAddress=a@example.com&IPAddress=1&CustomField{field}=v");
    desk.done("Subscriber.Subscribe", &both);
    assert_eq!(desk.code("Subscriber.Subscribe", &format!("ListID={a},{b}&EmailAddress=a@example.com&IPAddress=1")), 9);
    assert_eq!(
        desk.code("Subscriber.Subscribe", &format!("ListID={a},999999&EmailAddress=b@example.com&IPAddress=1")),
        4
    );
    assert_eq!(desk.status(a, "b@example.com"), "none", "nothing is half done");
    assert_eq!(desk.n_wrong_totals(), 0);
}
