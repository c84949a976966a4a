//! What can be measured from outside: every metric stands in one table, is counted through a function here, and is shown in Prometheus' text form.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// How a metric is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only ever grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Durations in seconds, in buckets.
    Seconds,
}

/// A metric.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// `<area>_<thing>_total|_seconds`.
    pub name: &'static str,
    /// How it is counted.
    pub kind: Kind,
    /// What it tells, with its labels and their values.
    pub help: &'static str,
}

const REQUESTS: &str = "http_requests_total";
const ENDINGS: &str = "delivery_attempts_total";
const ATTEMPT: &str = "delivery_attempt_seconds";
const UNDER_WAY: &str = "delivery_under_way";
const CONNECTIONS: &str = "delivery_connections";
const RETURNS: &str = "delivery_returns_total";
const RESTS: &str = "delivery_relay_rest_seconds";
const LANES: &str = "delivery_lanes";
const WAITING: &str = "queue_rows";
const OLDEST_DUE: &str = "queue_oldest_due_seconds";

/// Every metric.
pub const ALL: &[Metric] = &[
    Metric {
        name: REQUESTS,
        kind: Kind::Counter,
        help: "Requests answered. wire: oempro, ofsys, links, other; class: 2xx, 3xx, 4xx, 5xx.",
    },
    Metric {
        name: ENDINGS,
        kind: Kind::Counter,
        help: "Attempts to deliver a mail. queue: mails, campaigns; ending: sent, later, uncertain, failed, skipped.",
    },
    Metric {
        name: ATTEMPT,
        kind: Kind::Seconds,
        help: "Time of one attempt, waiting for its turn included. queue: mails, campaigns.",
    },
    Metric { name: UNDER_WAY, kind: Kind::Gauge, help: "Mails claimed and not yet recorded. queue: mails, campaigns." },
    Metric {
        name: CONNECTIONS,
        kind: Kind::Gauge,
        help: "Open connections to other mail servers. relay: its name, or mx.",
    },
    Metric {
        name: RETURNS,
        kind: Kind::Counter,
        help: "Mails and reports that came back and were taken in by the server. kind: hard, soft, refused, complaint, unsubscribe, unread (kept for \
               review), ignored.",
    },
    Metric {
        name: RESTS,
        kind: Kind::Gauge,
        help: "How long a relay still rests because it does not work; 0 while it is used. relay: its name.",
    },
    Metric {
        name: LANES,
        kind: Kind::Gauge,
        help: "Lanes that let less through than they would, because a server asked for it. of: relay, sender, destination; state: slowed, stopped.",
    },
    Metric {
        name: WAITING,
        kind: Kind::Gauge,
        help: "Rows of a queue, of all servers on the database; counted up to 10000, campaigns to the end. queue: mails, campaigns, list_hooks, \
               webhooks, batches, purges; state: pending, leased, failed.",
    },
    Metric {
        name: OLDEST_DUE,
        kind: Kind::Gauge,
        help: "How long the longest waiting row of a queue is due; 0 when none is. queue: as for queue_rows.",
    },
];

/// Bounds of the buckets for durations, in seconds.
const BUCKETS: &[f64] = &[0.005, 0.025, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0];

/// Between two foldings.
const FOLD_EVERY: Duration = Duration::from_secs(2);

static SHOWN: OnceLock<PrometheusHandle> = OnceLock::new();

/// Begins to count, once a process; whatever was counted before is lost. False when something else in the process counts already.
pub fn start() -> bool {
    let matcher = Matcher::Suffix("_seconds".to_owned());
    let Ok(builder) = PrometheusBuilder::new().set_buckets_for_metric(matcher, BUCKETS) else { return false };
    let recorder = builder.build_recorder();
    if SHOWN.set(recorder.handle()).is_err() {
        return true;
    }
    let is_first = metrics::set_global_recorder(recorder).is_ok();
    for metric in ALL {
        match metric.kind {
            Kind::Counter => describe_counter!(metric.name, metric.help),
            Kind::Gauge => describe_gauge!(metric.name, metric.help),
            Kind::Seconds => describe_histogram!(metric.name, Unit::Seconds, metric.help),
        }
    }
    is_first
}

/// Everything counted so far, in Prometheus' text form; empty before [`start`].
#[must_use]
pub fn shown() -> String {
    let Some(handle) = SHOWN.get() else { return String::new() };
    handle.run_upkeep();
    handle.render()
}

/// Folds the noted durations into their buckets, again and again: until that is done each note is kept, and nobody may ask for `/metrics` for months.
pub async fn fold() {
    loop {
        tokio::time::sleep(FOLD_EVERY).await;
        if let Some(handle) = SHOWN.get() {
            handle.run_upkeep();
        }
    }
}

/// A request was answered with this HTTP status.
pub fn answered(wire: &'static str, status: u16) {
    let class = match status {
        ..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    };
    counter!(REQUESTS, "wire" => wire, "class" => class).increment(1);
}

/// An attempt to deliver a mail ended.
pub fn attempted(queue: &'static str, ending: &'static str, took: Duration) {
    counter!(ENDINGS, "queue" => queue, "ending" => ending).increment(1);
    histogram!(ATTEMPT, "queue" => queue).record(took.as_secs_f64());
}

/// So many mails of a queue are claimed and not yet recorded.
#[expect(clippy::cast_precision_loss, reason = "a few hundred")]
pub fn under_way(queue: &'static str, n: usize) {
    gauge!(UNDER_WAY, "queue" => queue).set(n as f64);
}

/// A connection to another mail server that is counted while this exists.
#[derive(Debug)]
pub struct OpenConnection {
    relay: String,
}

impl OpenConnection {
    /// Of the relay with this name, or `mx`.
    #[must_use]
    pub fn of(relay: &str) -> Self {
        gauge!(CONNECTIONS, "relay" => relay.to_owned()).increment(1.0);
        Self { relay: relay.to_owned() }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        gauge!(CONNECTIONS, "relay" => std::mem::take(&mut self.relay)).decrement(1.0);
    }
}

/// A relay still rests for so long; zero while it is used.
pub fn rests(relay: &str, rest: Duration) {
    gauge!(RESTS, "relay" => relay.to_owned()).set(rest.as_secs_f64());
}

/// So many lanes are slowed and stopped.
#[expect(clippy::cast_precision_loss, reason = "some thousand at most")]
pub fn lanes(of: &'static str, n_slowed: usize, n_stopped: usize) {
    gauge!(LANES, "of" => of, "state" => "slowed").set(n_slowed as f64);
    gauge!(LANES, "of" => of, "state" => "stopped").set(n_stopped as f64);
}

/// So many rows of a queue are in a state.
#[expect(clippy::cast_precision_loss, reason = "exact far beyond any queue")]
pub fn waiting(queue: &'static str, state: &'static str, n: i64) {
    gauge!(WAITING, "queue" => queue, "state" => state).set(n as f64);
}

/// The longest waiting row of a queue is due for so long.
pub fn oldest_due(queue: &'static str, late: Duration) {
    gauge!(OLDEST_DUE, "queue" => queue).set(late.as_secs_f64());
}

/// Something came back.
pub fn returned(kind: &'static str) {
    counter!(RETURNS, "kind" => kind).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_shown_with_its_help() {
        assert!(start() && start(), "a second start changes nothing");
        answered("ofsys", 204);
        answered("ofsys", 404);
        attempted("mails", "sent", Duration::from_millis(30));
        under_way("mails", 3);
        let (_open, closed) = (OpenConnection::of("main"), OpenConnection::of("main"));
        drop(closed);
        returned("hard");
        rests("main", Duration::from_secs(20));
        lanes("relay", 1, 0);
        waiting("mails", "pending", 7);
        oldest_due("mails", Duration::from_millis(1_500));
        let shown = shown();
        for line in [
            "http_requests_total{wire=\"ofsys\",class=\"4xx\"} 1",
            "delivery_attempts_total{queue=\"mails\",ending=\"sent\"} 1",
            "delivery_attempt_seconds_bucket{queue=\"mails\",le=\"0.1\"} 1",
            "delivery_under_way{queue=\"mails\"} 3",
            "delivery_connections{relay=\"main\"} 1",
            "delivery_returns_total{kind=\"hard\"} 1",
            "delivery_relay_rest_seconds{relay=\"main\"} 20",
            "delivery_lanes{of=\"relay\",state=\"slowed\"} 1",
            "queue_rows{queue=\"mails\",state=\"pending\"} 7",
            "queue_oldest_due_seconds{queue=\"mails\"} 1.5",
        ] {
            assert!(shown.contains(line), "{line} is not in\n{shown}");
        }
        for metric in ALL {
            assert!(shown.contains(&format!("# HELP {} ", metric.name)), "{} has no help in\n{shown}", metric.name);
        }
    }
}
