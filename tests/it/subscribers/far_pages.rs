//! Pages far inside a large list are those that a walk from the beginning finds, whatever happened to the list since the first of them.

use serde_json::Value;

use super::Desk;

const N: usize = 25_000;
const ORDERS: [(&str, &str); 4] =
    [("EmailAddress", "ASC"), ("EmailAddress", "DESC"), ("SubscriptionDate", "ASC"), ("SubscriptionDate", "DESC")];

/// An address whose place in the list's order has nothing to do with its number.
fn address(n: usize) -> String {
    format!("p{:05}@example.com", n * 7_919 % N)
}

fn page(desk: &Desk, list: i64, segment: &str, order: (&str, &str), from: usize, n: usize) -> (Vec<String>, i64) {
    let (field, kind) = order;
    let answer = desk.done(
        "Subscribers.Get",
        &format!(
            "SubscriberListID={list}&SubscriberSegment={segment}&OrderField={field}&OrderType={kind}&RecordsFrom={from}&RecordsPerRequest={n}"
        ),
    );
    let rows = answer["Subscribers"].as_array().unwrap();
    let addresses = rows.iter().map(|row| row["EmailAddress"].as_str().unwrap().to_owned()).collect();
    (addresses, answer["TotalSubscribers"].as_i64().unwrap())
}

/// Compares pages of a segment with the whole of it, in every order.
fn compare(desk: &Desk, list: i64, segment: &str) -> usize {
    let mut n_all = 0;
    for order in ORDERS {
        let (mut all, n_total) = page(desk, list, segment, (order.0, "ASC"), 0, 0);
        if order.1 == "DESC" {
            all.reverse();
        }
        assert_eq!(all.len() as i64, n_total, "{segment} {order:?}");
        n_all = all.len();
        let near_end = n_all.saturating_sub(10);
        let ends = [near_end, n_all.max(1) - 1, n_all, n_all + 1, n_all + 5_000];
        for from in [0, 65, 1_500, 2_048, 2_049, 4_000, 8_192, 12_345].into_iter().chain(ends) {
            let (found, n_total) = page(desk, list, segment, order, from, 7);
            let wanted: Vec<String> = all.iter().skip(from).take(7).cloned().collect();
            assert_eq!(found, wanted, "{segment} {order:?} from {from} of {n_all}");
            assert_eq!(n_total as usize, n_all);
        }
    }
    n_all
}

/// Marks in the order of addresses that do not count what stands behind them, and shelves whose marks do not add up.
fn n_wrong_marks(desk: &Desk) -> i64 {
    let shelf = "(CASE s.roster WHEN 2 THEN 1 ELSE s.roster END)";
    let next = "(SELECT min(k.from_key) FROM roster_marks k WHERE k.list_id = m.list_id AND k.shelf = m.shelf AND k.sort = m.sort \
                AND k.from_key > m.from_key)";
    let by_email = format!(
        "SELECT count(*) AS n FROM roster_marks m WHERE m.sort = 1 AND m.n <> (SELECT count(*) FROM subscribers s \
         WHERE s.list_id = m.list_id AND {shelf} = m.shelf AND s.email_key >= m.from_key AND s.email_key < COALESCE({next}, '~'))"
    );
    let sums = format!(
        "SELECT count(*) AS n FROM (SELECT list_id, shelf, sort, sum(n) AS n FROM roster_marks GROUP BY list_id, shelf, sort) m \
         WHERE m.n <> (SELECT count(*) FROM subscribers s WHERE s.list_id = m.list_id AND {shelf} = m.shelf)"
    );
    desk.app.count(&by_email) + desk.app.count(&sums)
}

/// What every count says of a list is what is there.
fn check_counts(desk: &Desk, list: i64) {
    assert_eq!(desk.n_wrong_totals(), 0);
    assert_eq!(n_wrong_marks(desk), 0);
    let answer = desk.done("Lists.Get", "");
    let id = serde_json::json!(list.to_string());
    let row = answer["Lists"].as_array().unwrap().iter().find(|row| row["ListID"] == id).unwrap().clone();
    let active = page(desk, list, "Active", ORDERS[0], 0, 1).1;
    assert_eq!(row["SubscriberCount"].to_string().trim_matches('"'), active.to_string(), "{row}");
}

fn compare_all(desk: &Desk, list: i64) {
    for segment in ["Active", "Unsubscribed", "Suppressed", "Soft+bounced", "Hard+bounced", "Opt-in+pending"] {
        compare(desk, list, segment);
    }
    check_counts(desk, list);
}

fn large_list(desk: &Desk, name: &str) -> i64 {
    let list = desk.list(name, "");
    let lines: Vec<String> = (0..N).map(address).collect();
    desk.import(list, &lines.join("\n"), "");
    // Imported in one moment: give them dates of their own, in another order than that of the addresses.
    desk.app.execute(&format!(
        "UPDATE subscribers SET subscribed_at = subscribed_at - (number * 104729 % 20011) * 1000000 WHERE list_id = {list}"
    ));
    list
}

fn number(desk: &Desk, list: i64, email: &str) -> Value {
    desk.row(list, email)["SubscriberID"].clone()
}

#[test]
fn far_pages_are_exact_before_and_after_changes() {
    let desk = Desk::open();
    let list = large_list(&desk, "L");
    assert_eq!(compare(&desk, list, "Active"), N);
    check_counts(&desk, list);
    assert!(desk.n_rows("roster_marks") > 8, "marks were made");
    for n in 0..300 {
        desk.join(list, &format!("new{n}@example.com"), "");
        desk.leave(list, &address(n * 3), "");
    }
    let mut deleted = Vec::new();
    for n in 0..200 {
        let of = |n: usize| number(&desk, list, &address(n)).as_str().unwrap().to_owned();
        let update =
            format!("SubscriberListID={list}&SubscriberID={}&EmailAddress=moved{n}@example.com", of(10_000 + n));
        desk.done("Subscriber.Update", &update);
        let bounce = ["Soft", "Hard"][n % 2];
        let update = format!("SubscriberListID={list}&SubscriberID={}&BounceType={bounce}", of(11_000 + n));
        desk.done("Subscriber.Update", &update);
        deleted.push(of(12_000 + n));
    }
    desk.done("Subscribers.Delete", &format!("SubscriberListID={list}&Subscribers={}", deleted.join(",")));
    for n in 0..100 {
        desk.join(list, &address(n * 3), "");
    }
    let suppressed: Vec<String> = (13_000..13_250).map(address).collect();
    desk.import(list, &suppressed.join("\n"), "AddToSuppressionList=true");
    compare_all(&desk, list);
    let more: Vec<String> = (0..300).map(|n| format!("again{n}@example.com")).collect();
    desk.import(list, &more.join("\n"), "");
    desk.join(list, "last@example.com", "");
    compare_all(&desk, list);
}

#[test]
fn marks_follow_writers_that_come_meanwhile() {
    let desk = Desk::open_for_many();
    let list = large_list(&desk, "L");
    compare(&desk, list, "Active");
    let desk = &desk;
    std::thread::scope(|scope| {
        for worker in 0..4 {
            scope.spawn(move || {
                for n in 0..60 {
                    let fresh = format!("w{worker}n{n}@example.com");
                    desk.join(list, &fresh, "");
                    desk.leave(list, &address(worker * 500 + n), "");
                    if n.is_multiple_of(2) {
                        desk.leave(list, &fresh, "");
                    }
                    // Everybody moves the same ones in and out: who comes second is told so.
                    let shared = format!("ListID={list}&EmailAddress={}&IPAddress=1", address(20_000 + n));
                    desk.call("Subscriber.Unsubscribe", &shared);
                    desk.call("Subscriber.Subscribe", &shared);
                }
            });
        }
        scope.spawn(move || {
            for n in 0..40 {
                for (at, order) in ORDERS.into_iter().enumerate() {
                    let (found, _) =
                        page(desk, list, ["Active", "Unsubscribed"][n % 2], order, 4_500 + n * 450 + at, 7);
                    assert!(n % 2 == 1 || found.len() == 7);
                }
            }
        });
    });
    compare_all(desk, list);
}

#[test]
fn a_few_active_ones_among_many_others_are_paged_as_well() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    let lines: Vec<String> = (0..6_000).map(address).collect();
    desk.import(list, &lines.join("\n"), "");
    let lines: Vec<String> = (0..6_000).filter(|n| n % 22 != 0).map(address).collect();
    desk.import(list, &lines.join("\n"), "AddToSuppressionList=true");
    assert_eq!(compare(&desk, list, "Active"), 273);
    assert_eq!(compare(&desk, list, "Suppressed"), 5_727);
}

#[test]
fn a_page_beyond_a_small_list_leaves_no_marks_that_go_stale() {
    let desk = Desk::open();
    let list = desk.list("L", "");
    desk.join(list, "a@example.com", "");
    assert_eq!(page(&desk, list, "Active", ORDERS[1], 9_000, 7), (Vec::new(), 1));
    desk.join(list, "b@example.com", "");
    let lines: Vec<String> = (0..5_000).map(address).collect();
    desk.import(list, &lines.join("\n"), "");
    desk.join(list, "c@example.com", "");
    compare_all(&desk, list);
}
