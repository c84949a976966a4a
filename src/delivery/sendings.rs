//! Works batches off, one at a time and piece by piece, so that callers come in between.

use std::time::Duration;

use super::desk::{Desk, IDLE, Pace, Worker};
use crate::domain::sendings;
use crate::domain::workload::{self, Job, WorkError};
use crate::model::states::JobKind;

/// How long a claim holds after each piece.
const LEASE: Duration = Duration::from_secs(60);
/// How long a batch that met an error waits.
const AFTER_ERROR: Duration = Duration::from_secs(60);

pub(super) struct Sendings {
    desk: Desk,
    /// The batch at hand.
    current: Option<Job>,
}

impl Sendings {
    pub fn new(desk: Desk) -> Self {
        Self { desk, current: None }
    }

    async fn claim(&self) -> Result<Option<Job>, WorkError> {
        if !self.desk.read(|cx| workload::is_job_due(cx, &[JobKind::Sending])).await? {
            return Ok(None);
        }
        self.desk.write(|cx| Ok(workload::claim_jobs(cx, JobKind::Sending, 1, LEASE)?.pop())).await
    }

    /// The lease of a batch that is not at hand any more must not hold it up.
    async fn set_back(&self, job: Job, error: WorkError) -> Result<(), WorkError> {
        tracing::error!(error = &error as &dyn std::error::Error, job.id = %job.id, "a batch stopped");
        self.desk.write(move |cx| sendings::set_back(cx, &job, &error, AFTER_ERROR)).await
    }
}

impl Worker for Sendings {
    const NAME: &'static str = "sendings";

    async fn round(&mut self) -> Result<Pace, WorkError> {
        let job = match self.current.take() {
            Some(job) => job,
            None => match self.claim().await? {
                Some(job) => job,
                None => return Ok(Pace::Rest(IDLE)),
            },
        };
        let at_hand = job.clone();
        match self.desk.write(move |cx| sendings::step(cx, &at_hand, LEASE)).await {
            Ok(true) => self.current = Some(job),
            Ok(false) => {}
            Err(error) => {
                if let Err(error) = self.set_back(job, error).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a stopped batch waits for its lease");
                }
                return Ok(Pace::Rest(IDLE));
            }
        }
        Ok(Pace::Again)
    }
}
