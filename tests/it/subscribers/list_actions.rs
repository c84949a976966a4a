//! List-to-list actions: joining or leaving one list joins or leaves another, once.

use super::Desk;

fn set(desk: &Desk, list: i64, params: &str) {
    desk.done("List.Update", &format!("SubscriberListID={list}&{params}"));
}

#[test]
fn joining_and_leaving_act_on_the_named_lists() {
    let desk = Desk::open();
    let lists = ["A", "To", "From", "OutTo", "OutFrom"].map(|name| desk.list(name, ""));
    let [a, to, from, out_to, out_from] = lists;
    set(
        &desk,
        a,
        &format!(
            "OptInSubscribeTo={to}&OptInUnsubscribeFrom={from}&OptOutSubscribeTo={out_to}&OptOutUnsubscribeFrom={out_from}"
        ),
    );
    for list in [from, out_from] {
        desk.join(list, "a@example.com", "");
    }
    let stand =
        || lists.map(|list| desk.status(list, "a@example.com").chars().next().unwrap()).iter().collect::<String>();
    desk.join(a, "a@example.com", "");
    assert_eq!(stand(), "SSUnS");
    desk.leave(a, "a@example.com", "");
    assert_eq!(stand(), "USUSU");
    desk.leave(to, "a@example.com", "");
    desk.join(a, "a@example.com", "");
    assert_eq!(stand(), "SUUSU", "who left a list is not brought back by another");
    let row = desk.row(to, "a@example.com");
    assert_eq!(row["SubscriptionIP"], "192.0.2.1");
    assert_eq!(desk.n_wrong_totals(), 0);
}

#[test]
fn lists_that_name_each_other_do_not_run_in_circles() {
    let desk = Desk::open();
    let (a, b, c) = (desk.list("A", ""), desk.list("B", ""), desk.list("C", ""));
    set(&desk, a, &format!("OptInSubscribeTo={b}&OptOutUnsubscribeFrom={b}"));
    set(&desk, b, &format!("OptInSubscribeTo={a}&OptOutUnsubscribeFrom={a}&OptInUnsubscribeFrom={c}"));
    desk.join(c, "a@example.com", "");
    desk.join(a, "a@example.com", "");
    let stand = |email: &str| [a, b, c].map(|list| desk.status(list, email));
    assert_eq!(
        stand("a@example.com"),
        ["Subscribed", "Subscribed", "Subscribed"],
        "an action causes no further action"
    );
    desk.leave(b, "a@example.com", "");
    assert_eq!(stand("a@example.com"), ["Unsubscribed", "Unsubscribed", "Subscribed"]);
    desk.join(b, "a@example.com", "");
    assert_eq!(stand("a@example.com"), ["Unsubscribed", "Subscribed", "Unsubscribed"]);
    assert_eq!(desk.n_wrong_totals(), 0);
}

#[test]
fn foreign_deleted_and_unknown_lists_are_no_targets() {
    let desk = Desk::open();
    let (a, b) = (desk.list("A", ""), desk.list("B", ""));
    let stranger = desk.app.account("");
    let made = desk.call_as(&stranger.session, "List.Create", "SubscriberListName=F");
    let foreign = made["ListID"].as_i64().unwrap();
    for target in [foreign, 999_999, a] {
        for name in ["OptInSubscribeTo", "OptInUnsubscribeFrom", "OptOutSubscribeTo", "OptOutUnsubscribeFrom"] {
            let answer = desk.call("List.Update", &format!("SubscriberListID={a}&{name}={target}"));
            assert_eq!(answer["ErrorCode"], serde_json::json!([2]), "{name}={target}: {answer}");
        }
    }
    set(&desk, a, &format!("OptInSubscribeTo={b}"));
    desk.app.execute(&format!("UPDATE lists SET opt_out_subscribe_to = {foreign} WHERE id = {a}"));
    desk.done("Lists.Delete", &format!("Lists={b}"));
    desk.app.settle();
    desk.join(a, "a@example.com", "");
    desk.leave(a, "a@example.com", "");
    assert_eq!(desk.n_rows("subscribers"), 1, "nobody came to a deleted or a foreign list");
}

#[test]
fn a_double_opt_in_acts_when_it_is_confirmed() {
    let mut desk = Desk::open();
    let a = desk.done("List.Create", "SubscriberListName=A&OptInMode=Double")["ListID"].as_i64().unwrap();
    let b = desk.done("List.Create", "SubscriberListName=B&OptInMode=Double")["ListID"].as_i64().unwrap();
    set(&desk, a, &format!("OptInSubscribeTo={b}"));
    let number = desk.join(a, "a@example.com", "");
    assert_eq!(desk.status(b, "a@example.com"), "none");
    desk.done("Subscriber.OptIn", &format!("ListID={a}&SubscriberID={number}&Mode=Confirm"));
    assert_eq!(desk.status(b, "a@example.com"), "Subscribed", "confirmed once is confirmed");
    assert_eq!(desk.app.mails().len(), 1);
    let rejected = desk.join(a, "b@example.com", "");
    desk.done("Subscriber.OptIn", &format!("ListID={a}&SubscriberID={rejected}&Mode=Reject"));
    assert_eq!(desk.status(b, "b@example.com"), "none");
    assert_eq!(desk.app.mails().len(), 1);
}

#[test]
fn a_status_that_is_set_acts_only_when_asked_to() {
    let mut desk = Desk::open();
    let (a, b) = (desk.list("A", "SendActivityNotification=true"), desk.list("B", ""));
    let number = desk.join(a, "a@example.com", "");
    assert_eq!(desk.app.mails().len(), 1, "the owner is told");
    set(&desk, a, &format!("OptOutSubscribeTo={b}&OptInUnsubscribeFrom={b}"));
    let status = |word: &str, further: &str| {
        desk.done(
            "Subscriber.Update",
            &format!("SubscriberListID={a}&SubscriberID={number}&SubscriptionStatus={word}{further}"),
        );
        (desk.status(a, "a@example.com"), desk.status(b, "a@example.com"))
    };
    let pair = |x: &str, y: &str| (x.to_owned(), y.to_owned());
    assert_eq!(status("Unsubscribed", ""), pair("Unsubscribed", "none"));
    assert_eq!(status("Subscribed", ""), pair("Subscribed", "none"));
    assert_eq!(status("Subscribed", "&TriggerEvents=true"), pair("Subscribed", "none"), "no change, no event");
    assert_eq!(
        status("Unsubscribed", "&TriggerEvents=true&UnsubscriptionIP=192.0.2.9"),
        pair("Unsubscribed", "Subscribed")
    );
    assert_eq!(desk.row(a, "a@example.com")["UnsubscriptionIP"], "192.0.2.9");
    assert_eq!(status("Subscribed", "&TriggerEvents=true"), pair("Subscribed", "Unsubscribed"));
    assert_eq!(status("Opt-In+Pending", "&TriggerEvents=true"), pair("Opt-In Pending", "Unsubscribed"));
    assert_eq!(status("Nonsense", "&TriggerEvents=true"), pair("Opt-In Pending", "Unsubscribed"));
    assert_eq!(desk.app.mails().len(), 2, "one notice an event");
    assert_eq!(desk.n_wrong_totals(), 0);
}
