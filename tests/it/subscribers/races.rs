//! Calls that come at the same moment: one wins, the others are told why, and no server error comes of it.

use serde_json::Value;

use super::Desk;

/// Makes `n` calls at once and answers their error codes, sorted as text.
fn at_once(n: usize, call: impl Fn(usize) -> Value + Sync) -> Vec<String> {
    let start = std::sync::Barrier::new(n);
    let (start, call) = (&start, &call);
    let mut codes: Vec<String> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..n)
            .map(|at| {
                scope.spawn(move || {
                    start.wait();
                    call(at)["ErrorCode"].to_string()
                })
            })
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    codes.sort();
    codes
}

fn one_of(n: usize, other: &str) -> Vec<String> {
    let mut codes = vec!["0".to_owned()];
    codes.resize(n, other.to_owned());
    codes
}

#[test]
fn of_many_at_once_one_takes_the_address() {
    let desk = Desk::open_for_many();
    let list = desk.list("L", "");
    let join =
        |at: usize| desk.try_join(list, if at.is_multiple_of(2) { "a@example.com" } else { "A@Example.com" }, "");
    assert_eq!(at_once(30, join), one_of(30, "9"));
    desk.leave(list, "a@example.com", "");
    assert_eq!(at_once(30, join), one_of(30, "9"), "joining again is joining");
    let leave =
        |_| desk.call("Subscriber.Unsubscribe", &format!("ListID={list}&EmailAddress=a@example.com&IPAddress=1"));
    assert_eq!(at_once(30, leave), one_of(30, "9"));
    assert_eq!(desk.n_rows("subscribers"), 1);
    assert_eq!(desk.n_rows("consent_log WHERE event = 1"), 2);
    assert_eq!(desk.n_wrong_totals(), 0);
}

#[test]
fn of_many_at_once_one_takes_a_unique_value() {
    let desk = Desk::open_for_many();
    let (list, other) = (desk.list("L", ""), desk.list("M", ""));
    let local = desk.field(list, "IsUnique=Yes");
    let join = |at: usize| desk.try_join(list, &format!("u{at}@example.com"), &format!("CustomField{local}=X"));
    assert_eq!(at_once(30, join), one_of(30, "7"));
    let global = desk.field(list, "IsUnique=Yes&IsGlobal=Yes");
    let join = |at: usize| {
        let list = if at.is_multiple_of(2) { list } else { other };
        desk.try_join(list, &format!("g{at}@example.com"), &format!("CustomField{global}=Y"))
    };
    assert_eq!(at_once(30, join), one_of(30, "7"));
    assert_eq!(desk.n_rows("subscribers"), 2);
    assert_eq!(desk.n_rows("field_uniques"), 2);
    assert_eq!(desk.n_wrong_totals(), 0);
}

#[test]
fn lists_that_act_on_each_other_do_not_block_each_other() {
    let desk = Desk::open_for_many();
    let (a, b) = (desk.list("A", ""), desk.list("B", ""));
    desk.done("List.Update", &format!("SubscriberListID={a}&OptInSubscribeTo={b}&OptOutUnsubscribeFrom={b}"));
    desk.done("List.Update", &format!("SubscriberListID={b}&OptInSubscribeTo={a}&OptOutUnsubscribeFrom={a}"));
    for round in 0..8 {
        let email = |at: usize| format!("r{round}n{at}@example.com");
        let list = |at: usize| if at.is_multiple_of(2) { a } else { b };
        assert_eq!(at_once(16, |at| desk.try_join(list(at), &email(at), "")), ["0"; 16]);
        let leave = |at: usize| {
            let params = format!("ListID={}&EmailAddress={}&IPAddress=1", list(at + 1), email(at));
            desk.call("Subscriber.Unsubscribe", &params)
        };
        assert_eq!(at_once(16, leave), ["0"; 16]);
    }
    assert_eq!(desk.n_rows("subscribers WHERE status = 4"), 2 * 8 * 16, "everybody left both lists");
    assert_eq!(desk.n_wrong_totals(), 0);
}

#[test]
fn everything_at_once_on_the_same_people_leaves_exact_totals() {
    let desk = Desk::open_for_many();
    let a = desk.list("A", "OptOutScope=All+lists&OptOutAddToGlobalSuppressionList=Yes");
    let b = desk.list("B", &format!("OptInSubscribeTo={a}&OptOutAddToSuppressionList=Yes"));
    desk.done("List.Update", &format!("SubscriberListID={a}&OptOutSubscribeTo={b}"));
    let field = desk.field(a, "IsGlobal=Yes");
    let email = |n: usize| format!("x{}@example.com", n % 5);
    let call = |at: usize| {
        for n in 0..25 {
            let (list, other) = if (at + n).is_multiple_of(2) { (a, b) } else { (b, a) };
            let who = format!("EmailAddress={}&IPAddress=1", email(at * 3 + n));
            let number = (at + n) % 6 + 1;
            match (at * 7 + n) % 7 {
                0 | 1 => {
                    desk.call("Subscriber.Subscribe", &format!("ListID={list},{other}&{who}&CustomField{field}=v{n}"))
                }
                2 => desk.call("Subscriber.Unsubscribe", &format!("ListID={list}&{who}&AddToGlobalSuppression=true")),
                3 => desk.call("Subscriber.Unsubscribe", &format!("ListID={list}&{who}")),
                4 => {
                    let status = ["Subscribed", "Unsubscribed"][n % 2];
                    let to = format!("SubscriberListID={list}&SubscriberID={number}&SubscriptionStatus={status}");
                    desk.call("Subscriber.Update", &format!("{to}&TriggerEvents=true&EmailAddress={}", email(n)))
                }
                5 => desk.call("Subscribers.Delete", &format!("SubscriberListID={list}&Subscribers={number}")),
                _ => desk.call(
                    "Subscribers.Delete",
                    &format!("SubscriberListID={list}&Subscribers={number}&Suppressed=true"),
                ),
            };
        }
        Value::Null
    };
    at_once(12, call);
    assert_eq!(desk.n_wrong_totals(), 0);
    let wrong = "subscribers s WHERE s.is_suppressed <> (CASE WHEN EXISTS (SELECT 1 FROM suppressions x WHERE x.email_key = s.email_key \
                 AND x.list_id IN (0, s.list_id)) THEN TRUE ELSE FALSE END)";
    assert_eq!(desk.n_rows(wrong), 0, "rows know whether they are suppressed");
}

#[test]
fn limits_hold_when_many_come_at_once() {
    let desk = Desk::open_with("LimitSubscribers=5&LimitLists=3", |settings| settings.database.connections = 18);
    let lists = ["A", "B", "C"].map(|name| desk.list(name, ""));
    let mut codes = at_once(20, |at| desk.try_join(lists[at % 3], &format!("l{at}@example.com"), ""));
    codes.retain(|code| code != "10");
    assert_eq!(codes, ["0"; 5]);
    desk.done("Lists.Delete", &format!("Lists={}", lists[2]));
    let codes = at_once(6, |_| desk.call("List.Create", "SubscriberListName=D"));
    assert_eq!(codes.iter().filter(|code| *code == "0").count(), 1, "{codes:?}");
    desk.app.settle();
}

#[test]
fn imports_of_the_same_people_into_different_lists_go_together() {
    let desk = Desk::open_for_many();
    let lists = ["A", "B", "C"].map(|name| desk.list(name, ""));
    let field = desk.field(lists[0], "IsGlobal=Yes");
    let lines: Vec<String> = (0..3_000).map(|n| format!("i{n}@example.com,v{n}")).collect();
    let codes = at_once(3, |at| {
        let mut lines = lines.clone();
        if at == 1 {
            lines.reverse();
        }
        let text = lines.join("\n");
        let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let list = lists[at];
        let first = format!("ListID={list}&ImportStep=1&ImportType=Copy&ImportData={encoded}");
        let id = desk.done("Subscribers.Import", &first)["ImportID"].to_string();
        let mapping = format!("MappedFields[FIELD1]=EmailAddress&MappedFields[FIELD2]=CustomField{field}");
        desk.call("Subscribers.Import", &format!("ListID={list}&ImportStep=2&ImportID={id}&{mapping}"))
    });
    assert_eq!(codes, ["0"; 3]);
    assert_eq!((desk.n_rows("subscribers"), desk.n_rows("global_values")), (9_000, 3_000));
    assert_eq!(desk.n_wrong_totals(), 0);
}

#[test]
fn an_import_and_subscriptions_of_the_same_addresses_go_together() {
    let desk = Desk::open_for_many();
    let list = desk.list("L", "");
    let lines: Vec<String> = (0..3_000).map(|n| format!("i{n}@example.com")).collect();
    let text = lines.join("\n");
    at_once(9, |at| {
        if at == 0 {
            return desk.import(list, &text, "");
        }
        (0..40).for_each(|n| drop(desk.try_join(list, &format!("i{}@example.com", n * 70 + at), "")));
        Value::Null
    });
    assert_eq!(desk.n_rows("subscribers"), 3_000);
    assert_eq!(desk.n_wrong_totals(), 0);
}
