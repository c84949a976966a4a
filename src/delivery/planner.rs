//! Looks after campaigns beside sending: starts those that are due, writes down who gets them piece by piece and in turns, pauses and closes them,
//! brings recipients back whose lease ended. Notices for all queues when the clock was set back.

use std::collections::VecDeque;
use std::time::Instant;

use super::clock_watch::ClockWatch;
use super::desk::{Desk, IDLE, Pace, Worker};
use crate::domain::campaigns::{plan, supervise};
use crate::domain::clock_steps::{self, Behind};
use crate::domain::workload::WorkError;
use crate::model::ids::{CampaignId, NodeId};
use crate::model::time::UtcTime;

/// Pieces planned between two looks at everything else.
const PIECES: usize = 8;

pub(super) struct Planner {
    desk: Desk,
    node: NodeId,
    /// Campaigns at hand, in their turns.
    at_hand: VecDeque<CampaignId>,
    clock: ClockWatch,
    /// The clock was set back, and nobody has looked yet for what that concerns.
    was_set_back: bool,
    /// What was due by an old time and is not due yet.
    behind: Option<Behind>,
}

impl Planner {
    /// `node`: the process that leases recipients here, see [`super::nodes`].
    pub fn new(desk: Desk, node: NodeId) -> Self {
        let clock = ClockWatch::new(UtcTime::now(), Instant::now());
        Self { desk, node, at_hand: VecDeque::new(), clock, was_set_back: false, behind: None }
    }

    /// Looks at the clock, and makes some due of what would wait for hours because it was set back.
    async fn keep_time(&mut self) -> Result<(), WorkError> {
        if let Some(step) = self.clock.set_back(UtcTime::now(), Instant::now()) {
            let seconds = step.as_secs();
            tracing::warn!(seconds, "the clock was set back by {seconds} s; what waits is due now");
            self.was_set_back = true;
        }
        if self.was_set_back {
            self.behind = Some(self.desk.read(clock_steps::survey).await?);
            self.was_set_back = false;
        }
        if let Some(behind) = self.behind {
            self.behind = self.desk.write(move |cx| clock_steps::hasten(cx, behind)).await?;
        }
        Ok(())
    }

    /// Plans a few pieces, one campaign after the other; true when there is more.
    async fn plan(&mut self) -> Result<bool, WorkError> {
        for _ in 0..PIECES {
            let Some(campaign) = self.at_hand.pop_front() else { return Ok(false) };
            if self.desk.write(move |cx| plan::step(cx, campaign)).await? {
                self.at_hand.push_back(campaign);
            }
        }
        Ok(true)
    }
}

impl Worker for Planner {
    const NAME: &'static str = "planner";

    async fn round(&mut self) -> Result<Pace, WorkError> {
        self.keep_time().await?;
        let survey = self.desk.read(supervise::survey).await?;
        if survey.is_launch_due {
            self.desk.write(supervise::launch).await?;
        }
        if survey.is_return_due {
            let node = self.node;
            self.desk.write(move |cx| supervise::return_leases(cx, node)).await?;
        }
        for campaign in survey.to_settle {
            self.desk.write(move |cx| supervise::settle(cx, campaign)).await?;
        }
        let mut has_more = survey.is_clearing_due && self.desk.write(supervise::clear).await?;
        self.at_hand.retain(|campaign| survey.to_plan.contains(campaign));
        for campaign in survey.to_plan {
            if !self.at_hand.contains(&campaign) {
                self.at_hand.push_back(campaign);
            }
        }
        has_more |= self.plan().await?;
        Ok(if has_more || self.behind.is_some() { Pace::Again } else { Pace::Rest(IDLE) })
    }
}
