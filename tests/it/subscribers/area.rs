//! The subscriber area: what a subscriber's own session shows and lets change, and what not.

use serde_json::{Value, json};
use understudy::domain::secrets::md5_hex;

use super::Desk;

fn login_params(list: i64, number: i64, digested: &str, typed: &str) -> String {
    format!(
        "ListID={list}&MSubscriberID={}&MEmailAddress={}&EmailAddress={typed}",
        md5_hex(&number.to_string()),
        md5_hex(digested)
    )
}

fn log_in(desk: &Desk, params: &str) -> Value {
    desk.app.json(&format!("Command=Subscriber.Login&{params}"))
}

fn session(desk: &Desk, list: i64, number: i64, email: &str) -> String {
    let answer = log_in(desk, &login_params(list, number, email, email));
    assert_eq!(answer["Success"], true, "{answer}");
    answer["SessionID"].as_str().unwrap().to_owned()
}

#[test]
fn the_digests_of_a_link_open_a_session() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    let number = desk.join(list, "Ann@Example.com", "");
    let other = desk.join(list, "bob@example.com", "");
    for digested in ["Ann@Example.com", "ann@example.com"] {
        assert_eq!(log_in(&desk, &login_params(list, number, digested, "ann@example.com"))["Success"], true);
    }
    let upper = format!(
        "ListID={list}&MSubscriberID={}&MEmailAddress={}&EmailAddress=ANN@example.com",
        md5_hex(&number.to_string()).to_uppercase(),
        md5_hex("Ann@Example.com").to_uppercase()
    );
    assert_eq!(log_in(&desk, &upper)["Success"], true);
    let code = |params: String| log_in(&desk, &params)["ErrorCode"].clone();
    assert_eq!(code(login_params(list, other, "ann@example.com", "ann@example.com")), json!([8]));
    assert_eq!(code(login_params(list, number, "ann@example.com", "bob@example.com")), json!([7]));
    assert_eq!(code(login_params(list, number, "x@example.com", "x@example.com")), json!([8]));
    assert_eq!(code(login_params(list + 1, number, "ann@example.com", "ann@example.com")), json!([5]));
    let plain =
        format!("ListID={list}&MSubscriberID={number}&MEmailAddress=Ann@Example.com&EmailAddress=Ann@Example.com");
    assert_eq!(code(plain), json!([7]), "undigested is no digest");
}

#[test]
fn a_subscriber_sees_its_own_lists_but_hidden_ones() {
    let desk = Desk::open();
    let (a, b, hidden) = (desk.list("A", ""), desk.list("B", ""), desk.list("H", "HideInSubscriberArea=true"));
    let stranger = desk.app.account("");
    let foreign = desk.call_as(&stranger.session, "List.Create", "SubscriberListName=F")["ListID"].as_i64().unwrap();
    let number = desk.join(a, "a@example.com", "");
    for list in [b, hidden, foreign] {
        desk.join(list, "a@example.com", "");
    }
    desk.leave(b, "a@example.com", "");
    let own = session(&desk, a, number, "a@example.com");
    let answer = desk.call_as(&own, "Subscriber.GetLists", "");
    let names: Vec<_> = answer["Lists"].as_array().unwrap().iter().map(|row| row["Name"].clone()).collect();
    assert_eq!(names, [json!("A"), json!("B")], "{answer}");
    assert_eq!(answer["Lists"], answer["SubscribedLists"]);
    assert_eq!(answer["Lists"][1]["SubscriptionStatus"], "Unsubscribed");
}

#[test]
fn a_subscriber_changes_itself_and_nobody_else() {
    let desk = Desk::open();
    let (a, b) = (desk.list("A", ""), desk.list("B", ""));
    let field = desk.field(a, "");
    let (own_number, other) = (desk.join(a, "a@example.com", ""), desk.join(a, "b@example.com", ""));
    let in_b = desk.join(b, "b@example.com", "");
    let own = session(&desk, a, own_number, "a@example.com");
    let get = |list: i64, params: &str| desk.call_as(&own, "Subscriber.Get", &format!("ListID={list}&{params}"));
    assert_eq!(get(a, "EmailAddress=a@example.com")["SubscriberInformation"]["EmailAddress"], "a@example.com");
    assert_eq!(get(a, "EmailAddress=b@example.com")["ErrorCode"], json!([3]));
    assert_eq!(get(a, &format!("SubscriberID={other}"))["ErrorCode"], json!([3]));
    assert_eq!(get(b, &format!("SubscriberID={in_b}"))["ErrorCode"], json!([3]), "the same number in another list");
    let update = |list: i64, number: i64, params: &str| {
        let params = format!("SubscriberListID={list}&SubscriberID={number}&{params}");
        desk.call_as(&own, "Subscriber.Update", &params)["ErrorCode"].clone()
    };
    assert_eq!(update(a, other, "EmailAddress=x@example.com"), 6);
    assert_eq!(update(b, in_b, "EmailAddress=x@example.com"), 6);
    assert_eq!(update(a, own_number, "EmailAddress=b@example.com"), 7);
    let forbidden = "SubscriptionStatus=Unsubscribed&BounceType=Hard&UnsubscriptionIP=9.9.9.9&UnsubscriptionDate=2020-01-01+00:00:00&TriggerEvents=true";
    assert_eq!(update(a, own_number, &format!("Fields[CustomField{field}]=mine&{forbidden}")), 0);
    let row = desk.row(a, "a@example.com");
    assert_eq!((&row["SubscriptionStatus"], &row["BounceType"]), (&json!("Subscribed"), &json!("Not Bounced")));
    assert_eq!((&row["UnsubscriptionIP"], &row["UnsubscriptionDate"]), (&json!(""), &json!("0000-00-00 00:00:00")));
    assert_eq!(row[format!("CustomField{field}")], "mine");
    assert_eq!(update(a, own_number, "EmailAddress=new@example.com"), 0);
    assert_eq!(get(a, "EmailAddress=new@example.com")["Success"], true, "the session goes on under the new address");
    let many =
        format!("SubscriberListID={a}&EmailAddresses=b@example.com,new@example.com&Fields[CustomField{field}]=all");
    assert_eq!(desk.call_as(&own, "Subscribers.Update", &many)["ErrorCode"], 4);
    assert_eq!(desk.row(a, "b@example.com")[format!("CustomField{field}")], "");
    assert_eq!(desk.row(a, "new@example.com")[format!("CustomField{field}")], "all");
    for command in ["Lists.Get", "Subscribers.Get", "Subscribers.Delete", "List.Create", "User.Get", "CustomFields.Get"]
    {
        let answer =
            desk.call_as(&own, command, &format!("SubscriberListID={a}&SubscriberSegment=Active&Subscribers={other}"));
        assert_eq!(answer["Success"], false, "{command}: {answer}");
    }
    assert_eq!(desk.status(a, "b@example.com"), "Subscribed");
}

#[test]
fn a_session_ends_with_its_subscriber_and_with_its_owner() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    let number = desk.join(list, "a@example.com", "");
    let stays = desk.join(list, "b@example.com", "");
    let (gone, kept) = (session(&desk, list, number, "a@example.com"), session(&desk, list, stays, "b@example.com"));
    desk.done("Subscribers.Delete", &format!("SubscriberListID={list}&Subscribers={number}"));
    assert_eq!(desk.call_as(&gone, "Subscriber.GetLists", "")["Success"], false);
    assert_eq!(desk.join(list, "a@example.com", ""), 3, "numbers are not given out twice");
    assert_eq!(desk.call_as(&gone, "Subscriber.GetLists", "")["Success"], false);
    desk.app.execute(&format!("UPDATE accounts SET is_enabled = FALSE WHERE id = {}", desk.account.id));
    for command in ["Subscriber.GetLists", "Subscriber.Get", "Subscriber.Update"] {
        let params = format!("ListID={list}&SubscriberListID={list}&EmailAddress=b@example.com&SubscriberID={stays}");
        let answer = desk.call_as(&kept, command, &params);
        assert_eq!(answer["Success"], false, "{command} of a disabled owner: {answer}");
    }
}
