//! Custom fields of subscribers: what they take, what is unique, what is shared by address.

use serde_json::json;

use super::Desk;

fn value(desk: &Desk, list: i64, email: &str, field: i64) -> String {
    desk.row(list, email)[format!("CustomField{field}")].as_str().unwrap_or("no such field").to_owned()
}

fn change(desk: &Desk, list: i64, number: i64, params: &str) -> serde_json::Value {
    desk.call("Subscriber.Update", &format!("SubscriberListID={list}&SubscriberID={number}&{params}"))
}

#[test]
fn each_validation_method_takes_and_refuses() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    let cases = [
        ("ValidationMethod=Disabled", "anything+%3C%26", ""),
        ("ValidationMethod=Numbers", "-12.5", "12a"),
        ("ValidationMethod=Letters", "%C3%84rger", "a1"),
        ("ValidationMethod=Numbers+and+letters", "a1", "a-1"),
        ("ValidationMethod=Email+address", "x@example.com", "x@"),
        ("ValidationMethod=URL", "http://example.com/%3Fa=b", "example"),
        ("ValidationMethod=Date", "2024-02-29", "2023-02-29"),
        ("ValidationMethod=Time", "23:59", "24:61"),
        ("ValidationMethod=Custom&ValidationRule=/%5EAB%5Cd%2B$/i", "ab12", "xab12"),
        ("ValidationMethod=Enum&FieldType=Drop+down&OptionLabel[]=Red&OptionValue[]=r", "r", "blue"),
    ];
    for (at, (params, good, bad)) in cases.into_iter().enumerate() {
        let field = desk.field(list, params);
        let number = desk.join(list, &format!("g{at}@example.com"), &format!("CustomField{field}={good}"));
        assert_ne!(value(&desk, list, &format!("g{at}@example.com"), field), "", "{params}");
        if !bad.is_empty() {
            let answer = desk.try_join(list, &format!("b{at}@example.com"), &format!("CustomField{field}={bad}"));
            assert_eq!(
                (&answer["ErrorCode"], &answer["ErrorCustomFieldID"]),
                (&json!(8), &json!(field)),
                "{params}: {answer}"
            );
            assert_eq!(desk.status(list, &format!("b{at}@example.com")), "none");
            let answer = change(&desk, list, number, &format!("Fields[CustomField{field}]={bad}"));
            assert_eq!((&answer["ErrorCode"], &answer["ErrorCustomFieldIDs"]), (&json!(10), &json!(field)), "{params}");
        }
        assert_eq!(
            change(&desk, list, number, &format!("Fields[CustomField{field}]="))["Success"],
            true,
            "empty fits: {params}"
        );
        assert_eq!(value(&desk, list, &format!("g{at}@example.com"), field), "");
    }
}

#[test]
fn required_is_asked_when_sent_or_enforced() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    let field = desk.field(list, "IsRequired=Yes");
    let join = |email: &str, params: &str| desk.try_join(list, email, params)["ErrorCode"].clone();
    assert_eq!(join("a@example.com", ""), 0, "not sent");
    assert_eq!(join("b@example.com", &format!("CustomField{field}=")), 6);
    assert_eq!(join("b@example.com", &format!("CustomField{field}=+")), 6);
    assert_eq!(join("b@example.com", "EnforceRequiredFields=true"), 6);
    assert_eq!(join("b@example.com", &format!("EnforceRequiredFields=true&CustomField{field}=x")), 0);
    let (a, b) = (1, 2);
    let update = |number: i64, params: &str| change(&desk, list, number, params)["ErrorCode"].clone();
    assert_eq!(update(a, &format!("Fields[CustomField{field}]=")), 8);
    assert_eq!(update(a, "EmailAddress=c@example.com"), 0);
    assert_eq!(update(a, "EnforceRequiredFields=true&EmailAddress=d@example.com"), 8, "it has none");
    assert_eq!(update(b, "EnforceRequiredFields=true&EmailAddress=e@example.com"), 0, "it has one");
    assert_eq!(desk.status(list, "c@example.com"), "Subscribed", "a refused change leaves everything");
}

#[test]
fn a_unique_value_is_held_until_it_is_changed_or_its_holder_goes() {
    let desk = Desk::open();
    let (list, other) = (desk.list("L", ""), desk.list("M", ""));
    let field = desk.field(list, "IsUnique=Yes");
    let same_name = desk.field(other, "IsUnique=Yes");
    let set = |text: &str| format!("CustomField{field}={text}");
    let a = desk.join(list, "a@example.com", &set("Key"));
    let join = |email: &str, text: &str| desk.try_join(list, email, &set(text))["ErrorCode"].clone();
    assert_eq!(join("b@example.com", "+kEY+"), 7);
    assert_eq!(desk.status(list, "b@example.com"), "none");
    desk.join(other, "b@example.com", &format!("CustomField{same_name}=Key"));
    assert_eq!(change(&desk, list, a, &format!("Fields[CustomField{field}]=KEY"))["Success"], true, "its own");
    let b = desk.join(list, "b@example.com", &set("two"));
    assert_eq!(change(&desk, list, b, &format!("Fields[CustomField{field}]=key"))["ErrorCode"], 9);
    assert_eq!(change(&desk, list, a, &format!("Fields[CustomField{field}]=three"))["Success"], true);
    assert_eq!(
        change(&desk, list, b, &format!("Fields[CustomField{field}]=key"))["Success"],
        true,
        "freed by the change"
    );
    assert_eq!(join("c@example.com", "two"), 0, "freed by the change");
    assert_eq!(change(&desk, list, b, &format!("Fields[CustomField{field}]="))["Success"], true);
    assert_eq!(join("d@example.com", "key"), 0, "freed by emptying");
    desk.leave(list, "d@example.com", "");
    assert_eq!(join("e@example.com", "key"), 7, "who left may come back with it");
    desk.done("Subscribers.Delete", &format!("SubscriberListID={list}&Subscribers=4"));
    assert_eq!(join("e@example.com", "key"), 0, "freed by deleting");
    desk.done("Lists.Delete", &format!("Lists={list}"));
    desk.app.settle();
    assert_eq!(desk.n_rows("field_uniques"), 1, "the other list's");
}

#[test]
fn joining_again_and_updating_existing_keep_unique_values_straight() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    let field = desk.field(list, "IsUnique=Yes");
    desk.join(list, "a@example.com", &format!("CustomField{field}=x"));
    desk.join(list, "b@example.com", &format!("CustomField{field}=y"));
    desk.leave(list, "a@example.com", "");
    assert_eq!(desk.try_join(list, "a@example.com", &format!("CustomField{field}=y"))["ErrorCode"], 7);
    assert_eq!(desk.status(list, "a@example.com"), "Unsubscribed");
    desk.join(list, "a@example.com", &format!("CustomField{field}=z"));
    desk.join(list, "c@example.com", &format!("CustomField{field}=x"));
    let existing = format!("UpdateIfExists=true&CustomField{field}=y");
    assert_eq!(desk.try_join(list, "c@example.com", &existing)["ErrorCode"], 7);
    desk.join(list, "c@example.com", &format!("UpdateIfExists=true&CustomField{field}=q"));
    assert_eq!(value(&desk, list, "c@example.com", field), "q");
}

#[test]
fn global_values_belong_to_the_address() {
    let desk = Desk::open();
    let (a, b) = (desk.list("A", ""), desk.list("B", ""));
    let field = desk.field(a, "IsGlobal=Yes");
    let unique = desk.field(a, "IsGlobal=Yes&IsUnique=Yes");
    let number = desk.join(a, "x@example.com", &format!("CustomField{field}=one&CustomField{unique}=K"));
    desk.join(b, "X@example.com", "");
    assert_eq!(value(&desk, b, "x@example.com", field), "one");
    let taken = desk.try_join(b, "y@example.com", &format!("CustomField{unique}=k"));
    assert_eq!((&taken["ErrorCode"], &taken["ErrorCustomFieldID"]), (&json!(7), &json!(unique)), "{taken}");
    desk.done(
        "Subscriber.Update",
        &format!("SubscriberListID={b}&SubscriberID=1&Fields[CustomField{field}]=two&Fields[CustomField{unique}]=k"),
    );
    assert_eq!(value(&desk, a, "x@example.com", field), "two");
    desk.done("Subscriber.Update", &format!("SubscriberListID={a}&SubscriberID={number}&EmailAddress=z@example.com"));
    assert_eq!(value(&desk, a, "z@example.com", field), "two", "the value goes along");
    assert_eq!(value(&desk, b, "x@example.com", field), "two", "and stays where the address is still known");
    assert_eq!(
        desk.try_join(b, "y@example.com", &format!("CustomField{unique}=k"))["ErrorCode"],
        7,
        "held by the new address"
    );
    let rows = desk.done("Subscribers.Get", &format!("SubscriberListID={b}&SubscriberSegment=Active"));
    assert_eq!(rows["Subscribers"][0][format!("CustomField{field}")], "two");
    let stranger = desk.app.account("");
    let made = desk.call_as(&stranger.session, "List.Create", "SubscriberListName=F");
    let params = format!("ListID={}&EmailAddress=x@example.com&IPAddress=1&CustomField{field}=theirs", made["ListID"]);
    assert_eq!(desk.call_as(&stranger.session, "Subscriber.Subscribe", &params)["Success"], true);
    assert_eq!(value(&desk, b, "x@example.com", field), "two", "another account's address is another");
}

#[test]
fn global_values_go_with_the_last_subscription_of_their_address() {
    let desk = Desk::open();
    let (a, b, c) = (desk.list("A", ""), desk.list("B", ""), desk.list("C", ""));
    let unique = desk.field(a, "IsGlobal=Yes&IsUnique=Yes");
    for (list, email, text) in [(a, "x@example.com", "one"), (b, "x@example.com", "one"), (c, "y@example.com", "two")] {
        desk.join(list, email, &format!("CustomField{unique}={text}"));
    }
    let join =
        |text: &str| desk.try_join(a, "z@example.com", &format!("CustomField{unique}={text}"))["ErrorCode"].clone();
    desk.done("Subscribers.Delete", &format!("SubscriberListID={a}&Subscribers=1"));
    assert_eq!(value(&desk, b, "x@example.com", unique), "one", "another list knows the address");
    assert_eq!(join("one"), 7);
    desk.done("Lists.Delete", &format!("Lists={c}"));
    desk.app.settle();
    desk.done("Subscribers.Delete", &format!("SubscriberListID={b}&Subscribers=1"));
    assert_eq!((desk.n_rows("global_values"), desk.n_rows("field_uniques")), (0, 0));
    assert_eq!(join("one"), 0);
}

#[test]
fn choices_dates_and_times_have_one_form() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    let boxes = desk.field(list, "FieldType=Checkboxes&OptionLabel[]=Red&OptionLabel[]=Blue&ValidationMethod=Enum");
    let date = desk.field(list, "FieldType=Date+field");
    let time = desk.field(list, "FieldType=Time+field");
    let all = format!(
        "CustomField{boxes}[]=Red&CustomField{boxes}[]=Blue&CustomField{date}[]=5&CustomField{date}[]=1&CustomField{date}[]=2024\
         &CustomField{time}[]=7&CustomField{time}[]=5"
    );
    desk.join(list, "a@example.com", &all);
    let values = [boxes, date, time].map(|field| value(&desk, list, "a@example.com", field));
    assert_eq!(values, ["Red||||Blue", "2024-01-05", "07:05:00"]);
    for bad in [
        format!("CustomField{boxes}[]=Green"),
        format!("CustomField{date}=2024-13-01"),
        format!("CustomField{time}[]=25"),
    ] {
        assert_eq!(desk.try_join(list, "b@example.com", &bad)["ErrorCode"], 8, "{bad}");
    }
    let empty = format!("CustomField{date}[]=&CustomField{date}[]=&CustomField{date}[]=");
    desk.join(list, "c@example.com", &empty);
    assert_eq!(value(&desk, list, "c@example.com", date), "");
}

#[test]
fn deleted_and_foreign_fields_are_no_fields() {
    let desk = Desk::open();
    let (list, other) = (desk.list("L", ""), desk.list("M", ""));
    let (field, foreign, global) = (desk.field(list, ""), desk.field(other, ""), desk.field(list, "IsGlobal=Yes"));
    let number =
        desk.join(list, "a@example.com", &format!("CustomField{field}=x&CustomField{foreign}=y&CustomField{global}=z"));
    assert_eq!(value(&desk, list, "a@example.com", foreign), "no such field", "passed over");
    assert_eq!(change(&desk, list, number, &format!("Fields[CustomField{foreign}]=y"))["ErrorCode"], 11);
    desk.done("CustomFields.Delete", &format!("CustomFields={field},{global}"));
    desk.app.settle();
    for gone in [field, global] {
        assert_eq!(value(&desk, list, "a@example.com", gone), "no such field");
        assert_eq!(change(&desk, list, number, &format!("Fields[CustomField{gone}]=y"))["ErrorCode"], 11);
    }
    let row =
        &desk.done("Subscribers.Get", &format!("SubscriberListID={list}&SubscriberSegment=Active"))["Subscribers"][0];
    assert!(row[format!("CustomField{field}")].is_null(), "{row}");
    assert_eq!(desk.n_rows("global_values"), 0);
    assert_eq!(desk.n_rows("subscribers WHERE fields = '{}'"), 1);
}

#[test]
fn pages_sort_and_search_by_fields_alike_on_every_database() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    let (field, global) = (desk.field(list, ""), desk.field(list, "IsGlobal=Yes"));
    for (email, text) in
        [("a@example.com", "b"), ("b@example.com", ""), ("c@example.com", "a"), ("d@example.com", "C%25")]
    {
        desk.join(list, email, &format!("CustomField{field}={text}&CustomField{global}={text}"));
    }
    desk.join(list, "e@example.com", "");
    desk.leave(list, "e@example.com", "");
    desk.join(list, "e@example.com", "");
    let page = |params: &str| -> String {
        let answer =
            desk.done("Subscribers.Get", &format!("SubscriberListID={list}&SubscriberSegment=Active&{params}"));
        let rows = answer["Subscribers"].as_array().unwrap().clone();
        assert_eq!(answer["TotalSubscribers"], rows.len());
        rows.iter().map(|row| row["EmailAddress"].as_str().unwrap()[..1].to_owned()).collect()
    };
    for field in [field, global] {
        assert_eq!(
            page(&format!("OrderField=CustomField{field}")),
            "bedca",
            "no value is the least, capitals come first"
        );
        assert_eq!(page(&format!("OrderField=CustomField{field}&OrderType=DESC")), "acdeb");
        assert_eq!(page(&format!("SearchField={field}&SearchKeyword=c%25")), "d");
        assert_eq!(page(&format!("SearchField={field}&SearchKeyword=_")), "");
    }
    assert_eq!(page("OrderField=UnsubscriptionDate"), "abcde");
    desk.app.execute("UPDATE subscribers SET opted_in_at = NULL WHERE email_key = 'c@example.com'");
    assert_eq!(page("OrderField=OptInDate"), "cabde");
    assert_eq!(page("OrderField=OptInDate&OrderType=DESC"), "edbac");
}
