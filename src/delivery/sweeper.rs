//! Removes what is over, every few minutes, in bounded pieces: expired logins and password requests, finished queue rows.

use std::time::Duration;

use super::desk::{Desk, Pace, Worker};
use crate::domain::workload::{self, WorkError};

/// Between sweeps.
const EVERY: Duration = Duration::from_secs(300);
/// Between two pieces of one sweep, so that it never crowds out callers.
const BETWEEN_PIECES: Duration = Duration::from_millis(100);

pub(super) struct Sweeper {
    desk: Desk,
}

impl Sweeper {
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

impl Worker for Sweeper {
    const NAME: &'static str = "sweeper";

    async fn round(&mut self) -> Result<Pace, WorkError> {
        let n_removed = self.desk.write(workload::sweep).await?;
        Ok(Pace::Rest(if n_removed > 0 { BETWEEN_PIECES } else { EVERY }))
    }
}
