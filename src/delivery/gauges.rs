//! Shows now and then how much waits in the queues, so that reading `/metrics` asks the database nothing.

use std::time::Duration;

use super::desk::{Desk, Pace, Worker};
use crate::domain::vital_signs::{self, Depth};
use crate::domain::workload::WorkError;
use crate::model::time::UtcTime;
use crate::telemetry::metrics;

/// Between looks.
const EVERY: Duration = Duration::from_secs(15);

pub(super) struct Gauges {
    desk: Desk,
}

impl Gauges {
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

impl Worker for Gauges {
    const NAME: &'static str = "gauges";

    async fn round(&mut self) -> Result<Pace, WorkError> {
        let (depths, now) = self.desk.read(|cx| Ok::<_, WorkError>((vital_signs::depths(cx)?, cx.now))).await?;
        depths.iter().for_each(|depth| show(depth, now));
        Ok(Pace::Rest(EVERY))
    }
}

fn show(depth: &Depth, now: UtcTime) {
    metrics::waiting(depth.queue, "pending", depth.n_pending);
    metrics::waiting(depth.queue, "leased", depth.n_leased);
    if let Some(n_failed) = depth.n_failed {
        metrics::waiting(depth.queue, "failed", n_failed);
    }
    let late = depth.first_due_at.map_or(0, |due_at| (now.0 - due_at.0).max(0));
    metrics::oldest_due(depth.queue, Duration::from_micros(u64::try_from(late).unwrap_or(0)));
}
