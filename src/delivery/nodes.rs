//! The life of this process as a node: entered before anything is claimed, signs of life from then on, and what dead nodes held brought back (ML-4.13).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::desk::{Desk, Pace, Worker};
use crate::domain::nodes::{self, Beat};
use crate::domain::workload::WorkError;
use crate::model::ids::NodeId;

/// A node that has nobody beside it has nothing to do here.
const ALONE: Duration = Duration::from_secs(3_600);

/// A number for this process that no other one has, as far as chance goes.
pub(super) fn new_node() -> NodeId {
    NodeId(rand::random_range(1..=i64::MAX))
}

/// Whether this node counts as alive to others, so that it may begin with what it claimed. Cheap to clone; nothing before the first sign of life.
#[derive(Debug, Clone, Default)]
pub(super) struct Pulse(Arc<Mutex<State>>);

#[derive(Debug, Clone, Copy, Default)]
struct State {
    alive: Until,
    n_deaths: u64,
}

#[derive(Debug, Clone, Copy, Default)]
enum Until {
    #[default]
    NotYet,
    Then(Instant),
    Always,
}

impl Pulse {
    /// That of a node which nobody watches.
    #[cfg(test)]
    pub fn steady() -> Self {
        let pulse = Self::default();
        pulse.set(Until::Always, false);
        pulse
    }

    /// As after others took this node for dead.
    #[cfg(test)]
    pub fn die(&self) {
        self.set(Until::Always, true);
    }

    pub fn is_alive(&self) -> bool {
        match self.state().alive {
            Until::NotYet => false,
            Until::Then(end) => Instant::now() < end,
            Until::Always => true,
        }
    }

    /// How often others took this node for dead. What it claimed before the last time is not its own any more.
    pub fn n_deaths(&self) -> u64 {
        self.state().n_deaths
    }

    fn set(&self, alive: Until, was_dead: bool) {
        let mut state = self.state();
        state.alive = alive;
        state.n_deaths += u64::from(was_dead);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Nodes {
    desk: Desk,
    node: NodeId,
    pulse: Pulse,
    /// A node is taken for dead after this time without a sign of life.
    patience: Duration,
    /// Whether others may work beside this one; `None` before it is entered.
    has_company: Option<bool>,
    /// The count of each other node, and since when it stands there.
    seen: HashMap<NodeId, (i64, Instant)>,
}

impl Nodes {
    pub fn new(desk: Desk, node: NodeId, pulse: Pulse) -> Self {
        let patience = desk.core.settings().queue.node_patience();
        Self { desk, node, pulse, patience, has_company: None, seen: HashMap::new() }
    }

    async fn begin(&mut self) -> Result<bool, WorkError> {
        let (node, now) = (self.node, Instant::now());
        let has_company = self.desk.write(move |cx| nodes::begin(cx, node)).await?;
        self.return_leases().await?;
        self.pulse.set(if has_company { self.alive_from(now) } else { Until::Always }, false);
        self.has_company = Some(has_company);
        Ok(has_company)
    }

    async fn return_leases(&self) -> Result<(), WorkError> {
        while self.desk.write(nodes::return_leases).await? {}
        Ok(())
    }

    /// Half the patience: whoever looks may have seen the last sign of life late.
    fn alive_from(&self, now: Instant) -> Until {
        Until::Then(now + self.patience / 2)
    }

    /// Who stood still for as long as patience lasts.
    fn silent(&mut self, beats: Vec<Beat>, now: Instant) -> Vec<Beat> {
        let before = std::mem::take(&mut self.seen);
        for (node, beat) in beats {
            let known = before.get(&node).filter(|(last, _)| *last == beat);
            self.seen.insert(node, (beat, known.map_or(now, |(_, since)| *since)));
        }
        let is_silent = |since: Instant| now.duration_since(since) >= self.patience;
        self.seen.iter().filter(|(_, (_, since))| is_silent(*since)).map(|(node, (beat, _))| (*node, *beat)).collect()
    }
}

impl Worker for Nodes {
    const NAME: &'static str = "nodes";

    async fn round(&mut self) -> Result<Pace, WorkError> {
        let has_company = match self.has_company {
            Some(has_company) => has_company,
            None => self.begin().await?,
        };
        if !has_company {
            return Ok(Pace::Rest(ALONE));
        }
        let (node, now) = (self.node, Instant::now());
        let company = self.desk.write(move |cx| nodes::beat(cx, node)).await?;
        self.pulse.set(self.alive_from(now), company.was_dead);
        let silent = self.silent(company.others, now);
        if !silent.is_empty() {
            self.desk.write(move |cx| nodes::forget(cx, &silent)).await?;
            self.return_leases().await?;
        }
        Ok(Pace::Rest(self.patience / 6))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::Sample;

    const OTHER: NodeId = NodeId(8);

    #[tokio::test]
    async fn nothing_may_be_begun_before_the_node_is_entered() {
        let sample = Sample::open().await;
        let pulse = Pulse::default();
        assert!(!pulse.is_alive());
        let mut nodes = Nodes::new(Desk::new(sample.core.clone()), new_node(), pulse.clone());
        nodes.round().await.expect("round");
        assert!(pulse.is_alive());
    }

    #[tokio::test]
    async fn a_node_learns_that_it_was_taken_for_dead() {
        let sample = Sample::open().await;
        let (node, pulse) = (new_node(), Pulse::default());
        let mut nodes = Nodes::new(Desk::new(sample.core.clone()), node, pulse.clone());
        nodes.round().await.expect("round");
        nodes.has_company = Some(true);
        sample.write(move |cx| nodes::forget(cx, &[(node, 0), (node, 1)])).await.expect("forget");
        nodes.round().await.expect("round");
        assert_eq!(pulse.n_deaths(), 1);
        nodes.round().await.expect("round");
        assert_eq!(pulse.n_deaths(), 1);
    }

    #[tokio::test]
    async fn a_node_is_silent_when_its_count_stood_still_for_the_whole_patience() {
        let sample = Sample::open().await;
        let mut nodes = Nodes::new(Desk::new(sample.core.clone()), new_node(), Pulse::default());
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(nodes.silent(vec![(OTHER, 1)], start), []);
        assert_eq!(nodes.silent(vec![(OTHER, 1)], after(59)), []);
        assert_eq!(nodes.silent(vec![(OTHER, 2)], after(60)), [], "it counted");
        assert_eq!(nodes.silent(vec![(OTHER, 2)], after(119)), []);
        assert_eq!(nodes.silent(vec![(OTHER, 2)], after(120)), [(OTHER, 2)]);
        assert_eq!(nodes.silent(vec![], after(121)), [], "whoever is not entered any more is nobody's concern");
    }
}
