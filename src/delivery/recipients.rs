//! Recipients of campaigns as a queue of the worker: claimed in turns, each made into a letter of its campaign's message.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::attempt::History;
use super::worker::Source;
use crate::domain::attempts::Ending;
use crate::domain::campaigns::messages::{self, Addressed, Messages};
use crate::domain::campaigns::recipients::{self, Recipient, Turns};
use crate::domain::cx::Ctx;
use crate::domain::envelope_senders::Posted;
use crate::domain::letters::prepare::Prepared;
use crate::domain::letters::{Letter, LetterKind};
use crate::domain::workload::WorkError;
use crate::model::ids::{CampaignId, ListId, NodeId, RecipientId};

/// A prepared message is used so long before it is read again, so that a changed one takes effect while its campaign is sent.
const KEEP_PREPARED: Duration = Duration::from_secs(30);

/// What claims carry from one to the next.
#[derive(Debug, Default)]
struct Memory {
    turns: Turns,
    prepared: HashMap<(CampaignId, ListId), (Instant, Arc<Prepared>)>,
}

/// The queue of campaigns' recipients.
pub(super) struct Recipients {
    node: NodeId,
    memory: Mutex<Memory>,
}

impl Source for Recipients {
    const NAME: &'static str = "campaigns";
    type Row = Addressed;

    fn is_due(&self, cx: &mut Ctx<'_>) -> Result<bool, WorkError> {
        recipients::is_due(cx)
    }

    fn claim(&self, cx: &mut Ctx<'_>, n: i64, lease: Duration, held: &[i64]) -> Result<Vec<Addressed>, WorkError> {
        let held: Vec<RecipientId> = held.iter().copied().map(RecipientId).collect();
        let mut turns = self.with_memory(|memory| memory.turns.clone());
        let claimed = recipients::claim(cx, self.node, n, lease, &held, &mut turns)?;
        let (rows, fresh) = messages::address(cx, self.node, claimed, &self.known())?;
        let now = Instant::now();
        self.with_memory(|memory| {
            memory.turns = turns;
            memory.prepared.retain(|_, (since, _)| now.duration_since(*since) < KEEP_PREPARED);
            memory.prepared.extend(fresh.into_iter().map(|(key, prepared)| (key, (now, prepared))));
        });
        Ok(rows)
    }

    fn number(row: &Addressed) -> i64 {
        row.recipient.id.0
    }

    fn letter(&self, row: &Addressed) -> Result<Letter, Ending> {
        let Recipient { id, first_try_at, .. } = row.recipient;
        let letter = row.message.render(&row.person, Posted::Recipient(id), first_try_at);
        letter.ok_or_else(|| Ending::Skipped { reason: "the message has no version for this person".to_owned() })
    }

    fn history(&self, row: &Addressed) -> History {
        let Recipient { n_tries, first_try_at, .. } = row.recipient;
        History { kind: LetterKind::Campaign, n_tries, queued_at: first_try_at }
    }

    fn record(&self, cx: &mut Ctx<'_>, ended: &[(Addressed, Ending)]) -> Result<(), WorkError> {
        let results: Vec<(RecipientId, &Ending)> =
            ended.iter().map(|(row, ending)| (row.recipient.id, ending)).collect();
        recipients::finish(cx, self.node, &results)
    }

    fn release(&self, cx: &mut Ctx<'_>, rows: &[Addressed]) -> Result<(), WorkError> {
        let ids: Vec<RecipientId> = rows.iter().map(|row| row.recipient.id).collect();
        recipients::release(cx, self.node, &ids)
    }
}

impl Recipients {
    pub fn new(node: NodeId) -> Self {
        Self { node, memory: Mutex::new(Memory::default()) }
    }

    /// The prepared messages that are still good.
    fn known(&self) -> Messages {
        self.with_memory(|memory| {
            let good = memory.prepared.iter().filter(|(_, (since, _))| since.elapsed() < KEEP_PREPARED);
            good.map(|(key, (_, prepared))| (*key, Arc::clone(prepared))).collect()
        })
    }

    fn with_memory<T>(&self, f: impl FnOnce(&mut Memory) -> T) -> T {
        // Nothing here is left half done by a panic: each use replaces whole values.
        f(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::desk::{Desk, IDLE, Pace, Worker};
    use crate::delivery::nodes::Pulse;
    use crate::delivery::planner::Planner;
    use crate::delivery::post::Post;
    use crate::delivery::transport::memory::Memory as InMemory;
    use crate::delivery::transport::{Outcome, Reply};
    use crate::delivery::worker::Line;
    use crate::domain::sample::Sample;
    use crate::model::states::CampaignState;

    const NODE: NodeId = NodeId(7);

    async fn work_off(worker: &mut impl Worker) {
        while worker.round().await.expect("round") != Pace::Rest(IDLE) {}
    }

    /// Lets planner and line work until neither has anything to do.
    async fn send_all(sample: &Sample, post: Post) {
        let desk = Desk::new(sample.core.clone());
        let mut planner = Planner::new(desk.clone(), NODE);
        work_off(&mut planner).await;
        work_off(&mut Line::new(desk, post, Recipients::new(NODE), Pulse::steady())).await;
        work_off(&mut planner).await;
    }

    #[tokio::test]
    async fn a_campaign_reaches_everybody_once_and_is_closed() {
        let sample = Sample::open().await;
        sample.subscribe(sample.list, 250, &Default::default()).await;
        let id = sample.start_campaign(&[sample.list]).await;
        let memory = InMemory::default();
        send_all(&sample, Post::of_memory(memory.clone())).await;
        let mut to: Vec<String> = memory.taken().into_iter().map(|parcel| parcel.recipient).collect();
        to.sort();
        let mut everybody: Vec<String> = (1..=250).map(|number| format!("{number}@example.com")).collect();
        everybody.sort();
        assert_eq!(to, everybody);
        let (campaign, totals) = sample.campaign(id).await;
        assert_eq!((campaign.state, totals.n_sent), (CampaignState::Sent, 250));
    }

    #[tokio::test]
    async fn what_the_next_hop_says_is_counted() {
        let sample = Sample::open().await;
        sample.subscribe(sample.list, 5, &Default::default()).await;
        let id = sample.start_campaign(&[sample.list]).await;
        let refused = |code, enhanced| Outcome::Refused(Reply { code, enhanced: Some(enhanced), text: String::new() });
        let memory = InMemory::with(move |parcel| match parcel.recipient.as_str() {
            "1@example.com" => refused(550, (5, 1, 1)),
            "2@example.com" => refused(451, (4, 3, 0)),
            "3@example.com" => Outcome::Uncertain("gone".to_owned()),
            _ => InMemory::took(),
        });
        send_all(&sample, Post::of_memory(memory.clone())).await;
        let (campaign, totals) = sample.campaign(id).await;
        assert_eq!(campaign.state, CampaignState::Sending, "two wait for another try");
        let counts = (totals.n_sent, totals.n_failed, totals.n_hard, totals.n_uncertain);
        assert_eq!(counts, (2, 1, 1, 1));
    }
}
