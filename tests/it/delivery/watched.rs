//! What can be counted from outside: connections, relays that rest, returned mail, queues.

use std::time::Duration;

use understudy::config::RelaySettings;
use understudy::delivery::inbound::intake::{self, HandedOver};
use understudy::delivery::transport::Outcome;
use understudy::telemetry::metrics;

use super::{Office, parcel, relay, until};
use crate::support::TestApp;
use crate::support::sink::{Manners, Sink};

/// The number behind a metric with its labels; 0 while nothing is shown.
fn value(metric: &str) -> f64 {
    let shown = metrics::shown();
    let line = shown.lines().find_map(|line| line.strip_prefix(metric)?.strip_prefix(' '));
    line.map_or(0.0, |number| number.parse().unwrap())
}

#[tokio::test]
async fn open_connections_are_counted_by_relay_until_they_are_closed() {
    metrics::start();
    let sink = Sink::start(Manners { delay: Duration::from_millis(50), ..Manners::default() }).await;
    let open = format!("delivery_connections{{relay=\"sink-{}\"}}", sink.port);
    let office = Office::with_relays(vec![relay(&sink)]).await;
    let (one, other) = (parcel(1, "a@example.com"), parcel(2, "b@example.com"));
    let (one, other) = tokio::join!(office.post.send(&one), office.post.send(&other));
    assert!(matches!((one, other), (Outcome::Sent(_), Outcome::Sent(_))));
    assert_eq!(value(&open), 2.0, "idle ones are open");
    office.close().await;
    assert_eq!(value(&open), 0.0);
}

#[tokio::test]
async fn a_relay_that_rests_shows_for_how_long() {
    metrics::start();
    let gone = Sink::start(Manners::default()).await;
    let name = format!("gone-{}", gone.port);
    let settings = RelaySettings { name: name.clone(), ..relay(&gone) };
    drop(gone);
    let office = Office::with_relays(vec![settings]).await;
    for id in 1..=5 {
        assert!(matches!(office.post.send(&parcel(id, "a@example.com")).await, Outcome::NotTried(_)));
    }
    let rest = format!("delivery_relay_rest_seconds{{relay=\"{name}\"}}");
    until("the rest shows", || value(&rest) > 0.0).await;
    assert!(value(&rest) <= 10.0);
    office.close().await;
}

#[tokio::test]
async fn returned_mail_is_counted_by_what_it_was() {
    metrics::start();
    let office = Office::with_relays(Vec::new()).await;
    let unread = "delivery_returns_total{kind=\"unread\"}";
    let before = value(unread);
    let raw = b"\r\nThere is no head.\r\n";
    let mail = HandedOver { raw: raw.as_slice().into(), n_bytes: raw.len() as u64, ..HandedOver::default() };
    let taken = intake::take(&office.core, mail, "test").await.unwrap();
    assert_eq!(taken.word(), "kept");
    assert!(value(unread) > before);
    office.close().await;
}

#[test]
fn the_queues_of_a_running_server_are_shown() {
    let _app = TestApp::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let rows = "queue_rows{queue=\"campaigns\",state=\"pending\"} 0";
    runtime.block_on(until("the queues show", || metrics::shown().contains(rows)));
    let shown = metrics::shown();
    for name in ["queue_oldest_due_seconds{queue=\"mails\"}", "queue_rows{queue=\"purges\",state=\"failed\"}"] {
        assert!(shown.contains(name), "{name} is not in\n{shown}");
    }
}
