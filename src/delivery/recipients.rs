//! Recipients of campaigns as a queue of the worker: claimed in turns, each made into a letter of its campaign's message.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::attempt::History;
use super::worker::Source;
use crate::domain::attempts::Ending;
use crate::domain::campaigns::letter::{Person, Prepared};
use crate::domain::campaigns::recipients::{self, Recipient, Turns};
use crate::domain::cx::Ctx;
use crate::domain::envelope_senders::Posted;
use crate::domain::letters::{Letter, LetterKind};
use crate::domain::workload::WorkError;
use crate::model::ids::{CampaignId, ListId, NodeId, RecipientId};

/// A prepared message is used so long before it is read again, so that a changed one takes effect while its campaign is sent.
const KEEP_PREPARED: Duration = Duration::from_secs(30);

/// A claimed recipient, with the message it gets.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub recipient: Recipient,
    prepared: Arc<Prepared>,
}

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

/// A number for this process that no other one has, as far as chance goes.
pub(super) fn new_node() -> NodeId {
    NodeId(rand::random_range(1..=i64::MAX))
}

impl Source for Recipients {
    const NAME: &'static str = "campaigns";
    type Row = Row;

    fn is_due(&self, cx: &mut Ctx<'_>) -> Result<bool, WorkError> {
        recipients::is_due(cx)
    }

    fn claim(&self, cx: &mut Ctx<'_>, n: i64, lease: Duration) -> Result<Vec<Row>, WorkError> {
        let mut turns = self.with_memory(|memory| memory.turns.clone());
        let claimed = recipients::claim(cx, self.node, n, lease, &mut turns)?;
        let (rows, fresh) = recipients::with_messages(cx, self.node, claimed, self.known())?;
        let now = Instant::now();
        self.with_memory(|memory| {
            memory.turns = turns;
            memory.prepared.retain(|_, (since, _)| now.duration_since(*since) < KEEP_PREPARED);
            memory.prepared.extend(fresh.into_iter().map(|(key, prepared)| (key, (now, prepared))));
        });
        Ok(rows.into_iter().map(|(recipient, prepared)| Row { recipient, prepared }).collect())
    }

    fn letter(&self, row: &Row) -> Result<Letter, Ending> {
        let recipient = &row.recipient;
        let person = Person { subscriber: &recipient.subscriber, values: &recipient.values };
        Ok(row.prepared.render(&person, Posted::Recipient(recipient.id), recipient.first_try_at))
    }

    fn history(&self, row: &Row) -> History {
        let Recipient { n_tries, first_try_at, .. } = row.recipient;
        History { kind: LetterKind::Campaign, n_tries, queued_at: first_try_at }
    }

    fn record(&self, cx: &mut Ctx<'_>, ended: &[(Row, Ending)]) -> Result<(), WorkError> {
        let results: Vec<(RecipientId, Ending)> =
            ended.iter().map(|(row, ending)| (row.recipient.id, ending.clone())).collect();
        recipients::finish(cx, self.node, &results)
    }

    fn release(&self, cx: &mut Ctx<'_>, rows: &[Row]) -> Result<(), WorkError> {
        let ids: Vec<RecipientId> = rows.iter().map(|row| row.recipient.id).collect();
        recipients::release(cx, self.node, &ids)
    }
}

impl Recipients {
    pub fn new(node: NodeId) -> Self {
        Self { node, memory: Mutex::new(Memory::default()) }
    }

    /// The prepared messages that are still good.
    fn known(&self) -> HashMap<(CampaignId, ListId), Arc<Prepared>> {
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
