//! Looks after campaigns beside sending: starts those that are due, writes down who gets them piece by piece and in turns, pauses and closes them,
//! brings recipients back whose lease ended.

use std::collections::VecDeque;

use super::desk::{Desk, IDLE, Pace, Worker};
use crate::domain::campaigns::{plan, supervise};
use crate::domain::workload::WorkError;
use crate::model::ids::CampaignId;

/// Pieces planned between two looks at everything else.
const PIECES: usize = 8;

pub(super) struct Planner {
    desk: Desk,
    /// Campaigns at hand, in their turns.
    at_hand: VecDeque<CampaignId>,
}

impl Planner {
    pub fn new(desk: Desk) -> Self {
        Self { desk, at_hand: VecDeque::new() }
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
        let survey = self.desk.read(supervise::survey).await?;
        if survey.is_launch_due {
            self.desk.write(supervise::launch).await?;
        }
        if survey.is_return_due {
            self.desk.write(supervise::return_leases).await?;
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
        Ok(if has_more { Pace::Again } else { Pace::Rest(IDLE) })
    }
}
