//! Runs purges, one at a time and piece by piece, so that callers come in between.

use std::time::Duration;

use super::desk::{Desk, IDLE, Pace, Worker};
use crate::domain::purge::{self, Progress, PurgeError};
use crate::domain::workload::{self, Job, WorkError};
use crate::model::states::JobKind;

/// What is purged here.
const KINDS: [JobKind; 4] = [JobKind::PurgeField, JobKind::PurgeOptIn, JobKind::PurgeList, JobKind::PurgeAccount];
/// How long a claim holds after each piece.
const LEASE: Duration = Duration::from_secs(60);
/// How long a purge that met an error waits.
const AFTER_ERROR: Duration = Duration::from_secs(60);

pub(super) struct Purges {
    desk: Desk,
    /// The purge at hand.
    current: Option<Job>,
}

impl Purges {
    pub fn new(desk: Desk) -> Self {
        Self { desk, current: None }
    }

    async fn claim(&self) -> Result<Option<Job>, WorkError> {
        if !self.desk.read(|cx| workload::is_job_due(cx, &KINDS)).await? {
            return Ok(None);
        }
        self.desk
            .write(|cx| {
                for kind in KINDS {
                    if let Some(job) = workload::claim_jobs(cx, kind, 1, LEASE)?.pop() {
                        return Ok(Some(job));
                    }
                }
                Ok(None)
            })
            .await
    }

    /// The lease of a purge that is not at hand any more must not hold it up.
    async fn set_back(&self, job: Job, error: &PurgeError) -> Result<(), PurgeError> {
        tracing::error!(error = error as &dyn std::error::Error, job.id = %job.id, "a purge stopped");
        let text = error.to_string();
        let is_unreadable = matches!(error, PurgeError::Unreadable(_));
        self.desk
            .write(move |cx| {
                if is_unreadable {
                    purge::give_up(cx, &job, &text)
                } else {
                    purge::postpone(cx, &job, AFTER_ERROR, &text)
                }
            })
            .await
    }
}

impl Worker for Purges {
    const NAME: &'static str = "purges";

    async fn round(&mut self) -> Result<Pace, WorkError> {
        let job = match self.current.take() {
            Some(job) => job,
            None => match self.claim().await? {
                Some(job) => job,
                None => return Ok(Pace::Rest(IDLE)),
            },
        };
        let at_hand = job.clone();
        let progress = self.desk.write(move |cx| purge::step(cx, &at_hand, LEASE)).await;
        match progress {
            Ok(Progress::More(payload)) => self.current = Some(Job { payload, ..job }),
            Ok(Progress::Done) => {
                tracing::info!(job.id = %job.id, kind = ?job.kind, "purge {} ({:?}) is done", job.id, job.kind);
            }
            Err(error) => {
                if let Err(error) = self.set_back(job, &error).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a stopped purge waits for its lease");
                }
                return Ok(Pace::Rest(IDLE));
            }
        }
        Ok(Pace::Again)
    }
}
