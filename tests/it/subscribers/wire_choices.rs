//! Each choice of an account's wire changes its answers; public calls answer by the choices of the list's owner.

use serde_json::json;
use understudy::domain::secrets::md5_hex;

use super::Desk;

fn public(desk: &Desk, command: &str, params: &str) -> serde_json::Value {
    desk.app.json(&format!("Command={command}&{params}"))
}

#[test]
fn subscribe_error_codes() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    let bad = format!("ListID={list}&EmailAddress=x&IPAddress=1");
    assert_eq!(public(&desk, "Subscriber.Subscribe", &bad)["ErrorCode"], 5);
    desk.choose("subscribe_error_codes=array");
    assert_eq!(public(&desk, "Subscriber.Subscribe", &bad)["ErrorCode"], json!([5]));
    assert_eq!(public(&desk, "Subscriber.Subscribe", &format!("ListID={list}"))["ErrorCode"], json!([2, 3]));
    assert_eq!(desk.code("Subscriber.Subscribe", &bad), json!([5]));
    let stranger = desk.app.account("");
    let made = desk.call_as(&stranger.session, "List.Create", "SubscriberListName=F");
    let other = format!("ListID={}&EmailAddress=x&IPAddress=1", made["ListID"]);
    assert_eq!(public(&desk, "Subscriber.Subscribe", &other)["ErrorCode"], 5, "another owner chose nothing");
}

#[test]
fn pending_word() {
    let mut desk = Desk::open();
    let list = desk.done("List.Create", "SubscriberListName=D&OptInMode=Double")["ListID"].clone();
    let join = |desk: &Desk| {
        let params = format!("ListID={list}&EmailAddress=a@example.com&IPAddress=1");
        public(desk, "Subscriber.Subscribe", &params)["Subscriber"]["SubscriptionStatus"].clone()
    };
    assert_eq!(join(&desk), "Opt-In Pending");
    desk.choose("pending_word=confirmation_pending");
    assert_eq!(join(&desk), "Confirmation Pending");
    assert_eq!(desk.app.mails().len(), 1);
}

#[test]
fn unsubscribe_needs_ip() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    desk.join(list, "a@example.com", "");
    let params = format!("ListID={list}&EmailAddress=a@example.com");
    desk.choose("unsubscribe_needs_ip=yes");
    assert_eq!(public(&desk, "Subscriber.Unsubscribe", &params)["ErrorCode"], 2);
    assert_eq!(public(&desk, "Subscriber.Unsubscribe", &format!("{params}&IPAddress="))["ErrorCode"], 2);
    desk.choose("");
    assert_eq!(public(&desk, "Subscriber.Unsubscribe", &params)["ErrorCode"], 0);
}

#[test]
fn unknown_campaign() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    desk.join(list, "a@example.com", "");
    let leave = |further: &str| {
        let params = format!("ListID={list}&EmailAddress=a@example.com&IPAddress=1&{further}");
        public(&desk, "Subscriber.Unsubscribe", &params)["ErrorCode"].clone()
    };
    desk.choose("unknown_campaign=refuse");
    assert_eq!(
        (leave("CampaignID=7"), leave("AutoResponderID=7"), leave("EmailID=7")),
        (json!(8), json!(8), json!(10))
    );
    assert_eq!(desk.status(list, "a@example.com"), "Subscribed");
    assert_eq!(leave("CampaignID=&EmailID=0"), 0, "none named");
    desk.join(list, "a@example.com", "");
    desk.choose("");
    assert_eq!(leave("CampaignID=7&EmailID=8"), 0);
    assert_eq!(desk.n_rows("consent_log WHERE detail LIKE '%CampaignID 7%'"), 1);
}

#[test]
fn xml_false() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    let answer = || {
        let params =
            format!("Command=Subscriber.Subscribe&ResponseFormat=XML&ListID={list}&EmailAddress=x&IPAddress=1");
        desk.app.post(&params).text()
    };
    assert!(answer().contains("<Success></Success>"), "{}", answer());
    desk.choose("xml_false=cdata");
    assert!(answer().contains("<Success><![CDATA[]]></Success>"), "{}", answer());
    desk.choose("xml_false=word");
    assert!(
        answer().contains("<Success>false</Success>") || answer().contains("<Success><![CDATA[false]]></Success>"),
        "{}",
        answer()
    );
}

#[test]
fn row_ids() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    desk.join(list, "a@example.com", "");
    assert_eq!(desk.row(list, "a@example.com")["SubscriberID"], "1");
    desk.choose("row_ids=numbers");
    assert_eq!(desk.row(list, "a@example.com")["SubscriberID"], 1);
    assert_eq!(desk.done("Lists.Get", "")["Lists"][0]["ListID"], list);
    let page = desk.done("Subscribers.Get", &format!("SubscriberListID={list}&SubscriberSegment=Active"));
    assert_eq!(page["Subscribers"][0]["SubscriberID"], 1, "{page}");
    let params = format!("ListID={list}&EmailAddress=b@example.com&IPAddress=1");
    assert_eq!(public(&desk, "Subscriber.Subscribe", &params)["Subscriber"]["SubscriberID"], 2);
}

#[test]
fn a_subscriber_is_answered_as_the_owner_chose() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    let number = desk.join(list, "a@example.com", "");
    let digests = [number.to_string(), "a@example.com".to_owned()].map(|text| md5_hex(&text));
    let login =
        format!("ListID={list}&MSubscriberID={}&MEmailAddress={}&EmailAddress=a@example.com", digests[0], digests[1]);
    let session = public(&desk, "Subscriber.Login", &login)["SessionID"].as_str().unwrap().to_owned();
    desk.choose("row_ids=numbers");
    assert_eq!(desk.call_as(&session, "Subscriber.GetLists", "")["Lists"][0]["SubscriberID"], 1);
}

#[test]
fn no_rows() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    let page = |segment: &str| {
        let params = format!("SubscriberListID={list}&SubscriberSegment={segment}");
        desk.done("Subscribers.Get", &params)["Subscribers"].clone()
    };
    assert_eq!((page("Active"), page("nonsense")), (json!([]), json!([])));
    desk.choose("no_rows=false");
    assert_eq!((page("Active"), page("nonsense")), (json!(false), json!(false)));
}

#[test]
fn subscriber_dates() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    desk.join(list, "a@example.com", "");
    let date = || desk.row(list, "a@example.com")["SubscriptionDate"].as_str().unwrap().len();
    assert_eq!(date(), "2026-01-01 00:00:00".len());
    desk.choose("subscriber_dates=date");
    assert_eq!(date(), "2026-01-01".len());
    assert_eq!(desk.row(list, "a@example.com")["UnsubscriptionDate"], "0000-00-00");
}

#[test]
fn unique_list_names() {
    let desk = Desk::open();
    desk.list("Same", "");
    desk.list("Same", "");
    desk.choose("unique_list_names=yes");
    assert_eq!(desk.code("List.Create", "SubscriberListName=SAME"), json!([2]));
    desk.list("Other", "");
}

#[test]
fn http_errors_are_chosen_for_the_server_and_codes_stay() {
    let desk = Desk::open();
    let unknown = |app: &crate::support::TestApp| app.post("Command=No.Such").status;
    assert_eq!(unknown(&desk.app), 400);
    let old = Desk::open_with("", |settings| drop(settings.oempro.wire.insert("http_errors".into(), "v4".into())));
    assert_eq!(unknown(&old.app), 200);
}

#[test]
fn lists_order() {
    let desk = Desk::open();
    let (a, b) = (desk.list("A", ""), desk.list("B", ""));
    let order = |params: &str| {
        let lists = desk.done("Lists.Get", params)["Lists"].clone();
        [0, 1].map(|at: usize| lists[at]["ListID"].as_str().unwrap().parse::<i64>().unwrap())
    };
    assert_eq!(order(""), [a, b]);
    desk.choose("lists_order=desc");
    assert_eq!(order(""), [b, a]);
    assert_eq!(order("OrderType=ASC"), [a, b]);
}

#[test]
fn login_error_codes() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    let bad = format!("ListID={list}&MSubscriberID=x&MEmailAddress=x&EmailAddress=a@example.com");
    assert_eq!(public(&desk, "Subscriber.Login", &bad)["ErrorCode"], json!([7]));
    desk.choose("login_error_codes=scalar");
    assert_eq!(public(&desk, "Subscriber.Login", &bad)["ErrorCode"], 7);
}
