//! Limits of the user group, and owners that are disabled.

use serde_json::json;

use super::Desk;

#[test]
fn the_limit_of_subscribers_counts_every_list_and_every_state() {
    let desk = Desk::open_with("LimitSubscribers=3", |_| {});
    let (a, b) = (desk.list("A", ""), desk.list("B", ""));
    desk.join(a, "a@example.com", "");
    desk.join(b, "a@example.com", "");
    desk.join(b, "b@example.com", "");
    assert_eq!(desk.try_join(a, "c@example.com", "")["ErrorCode"], 10);
    assert_eq!(desk.try_join(a, "a@example.com", "")["ErrorCode"], 9, "no new one");
    desk.leave(a, "a@example.com", "");
    assert_eq!(desk.try_join(a, "c@example.com", "")["ErrorCode"], 10, "who left still counts");
    desk.join(a, "a@example.com", "");
    let totals = desk.import(a, "x@example.com\na@example.com", "");
    assert_eq!((&totals["TotalImported"], &totals["TotalFailed"]), (&json!(0), &json!(1)), "{totals}");
    desk.done("Subscribers.Delete", &format!("SubscriberListID={b}&Subscribers=2"));
    desk.join(a, "c@example.com", "");
    assert_eq!(desk.try_join(a, "d@example.com", "")["ErrorCode"], 10);
    desk.done("Lists.Delete", &format!("Lists={b}"));
    desk.app.settle();
    desk.join(a, "d@example.com", "");
}

#[test]
fn pages_that_cannot_be_are_empty_or_whole() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    desk.join(list, "a@example.com", "");
    let page = |params: &str| {
        let params = format!("SubscriberListID={list}&SubscriberSegment=Active&{params}");
        let answer = desk.done("Subscribers.Get", &params);
        assert_eq!(answer["TotalSubscribers"], 1);
        answer["Subscribers"].as_array().unwrap().len()
    };
    let most = i64::MAX;
    assert_eq!(page(&format!("RecordsFrom={most}&RecordsPerRequest={most}")), 0);
    assert_eq!(page(&format!("RecordsFrom={most}&RecordsPerRequest=0&OrderType=DESC")), 0);
    assert_eq!(page(&format!("RecordsFrom=0&RecordsPerRequest={most}&OrderField=SubscriptionDate")), 1);
    assert_eq!(page("RecordsFrom=-5&RecordsPerRequest=-7"), 1);
    assert_eq!(page("RecordsFrom=99999999999999999999&RecordsPerRequest=x"), 1, "no numbers are not given");
}

#[test]
fn an_action_stops_at_the_limit_without_stopping_the_subscription() {
    let desk = Desk::open_with("LimitSubscribers=3", |_| {});
    let (a, b) = (desk.list("A", ""), desk.list("B", ""));
    desk.done("List.Update", &format!("SubscriberListID={a}&OptInSubscribeTo={b}"));
    desk.join(a, "a@example.com", "");
    desk.join(a, "b@example.com", "");
    assert_eq!(
        (desk.status(a, "b@example.com"), desk.status(b, "b@example.com")),
        ("Subscribed".into(), "none".into())
    );
}

#[test]
fn the_limit_of_lists_counts_those_that_are_there() {
    let desk = Desk::open_with("LimitLists=2", |_| {});
    let (a, _) = (desk.list("A", ""), desk.list("B", ""));
    assert_eq!(desk.code("List.Create", "SubscriberListName=C"), json!([3]));
    desk.done("Lists.Delete", &format!("Lists={a}"));
    desk.list("C", "");
    desk.app.settle();
}

#[test]
fn a_disabled_owner_takes_no_subscriptions_and_lets_nobody_leave() {
    let mut desk = Desk::open();
    let list = desk.list("L", "");
    let double = desk.done("List.Create", "SubscriberListName=D&OptInMode=Double")["ListID"].as_i64().unwrap();
    desk.join(list, "a@example.com", "");
    let pending = desk.join(double, "a@example.com", "");
    desk.app.mails();
    desk.app.execute(&format!("UPDATE accounts SET is_enabled = FALSE WHERE id = {}", desk.account.id));
    let code = |command: &str, params: &str| desk.app.json(&format!("Command={command}&{params}"))["ErrorCode"].clone();
    assert_eq!(code("Subscriber.Subscribe", &format!("ListID={list}&EmailAddress=b@example.com&IPAddress=1")), 11);
    assert_eq!(code("Subscriber.Unsubscribe", &format!("ListID={list}&EmailAddress=a@example.com&IPAddress=1")), 5);
    assert_eq!(code("Subscriber.OptIn", &format!("ListID={double}&SubscriberID={pending}&Mode=Confirm")), json!([5]));
    let row = "SELECT count(*) AS n FROM subscribers WHERE status = 2";
    assert_eq!(desk.app.count(row), 1);
}
