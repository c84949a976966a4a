//! Recipients of campaigns as a source of letters: claimed in turns, each made into a letter, what became of it recorded in groups.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::desk::Desk;
use crate::domain::attempts::Ending;
use crate::domain::campaigns::letter::{Person, Prepared};
use crate::domain::campaigns::recipients::{self, Recipient, Turns};
use crate::domain::envelope_senders::Posted;
use crate::domain::letters::Letter;
use crate::domain::workload::WorkError;
use crate::model::ids::{CampaignId, ListId, NodeId, RecipientId};

/// How long a claim holds. What is claimed is tried at once, and the slowest attempt is over before.
pub(super) const LEASE: Duration = Duration::from_secs(15 * 60);
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

/// The source.
pub(super) struct Recipients {
    desk: Desk,
    node: NodeId,
    memory: Mutex<Memory>,
}

/// A number for this process that no other one has, as far as chance goes.
pub(super) fn new_node() -> NodeId {
    NodeId(rand::random_range(1..=i64::MAX))
}

impl Recipients {
    pub fn new(desk: Desk, node: NodeId) -> Self {
        Self { desk, node, memory: Mutex::new(Memory::default()) }
    }

    /// Leases up to `n` due recipients; none when nothing is due.
    pub async fn claim(&self, n: i64) -> Result<Vec<Row>, WorkError> {
        if !self.desk.read(recipients::is_due).await? {
            return Ok(Vec::new());
        }
        let (node, mut turns) = (self.node, self.with_memory(|memory| memory.turns.clone()));
        let known = self.known();
        let (rows, turns, fresh) = self
            .desk
            .write(move |cx| {
                let claimed = recipients::claim(cx, node, n, LEASE, &mut turns)?;
                let (rows, fresh) = recipients::with_messages(cx, node, claimed, known)?;
                Ok::<_, WorkError>((rows, turns, fresh))
            })
            .await?;
        let now = Instant::now();
        self.with_memory(|memory| {
            memory.turns = turns;
            memory.prepared.retain(|_, (since, _)| now.duration_since(*since) < KEEP_PREPARED);
            memory.prepared.extend(fresh.into_iter().map(|(key, prepared)| (key, (now, prepared))));
        });
        Ok(rows.into_iter().map(|(recipient, prepared)| Row { recipient, prepared }).collect())
    }

    /// The letter to a recipient. Needs no database.
    pub fn letter(&self, row: &Row) -> Letter {
        let recipient = &row.recipient;
        let person = Person { subscriber: &recipient.subscriber, values: &recipient.values };
        row.prepared.render(&person, Posted::Recipient(recipient.id), recipient.first_try_at)
    }

    /// Records what became of recipients, in one transaction.
    pub async fn record(&self, results: Vec<(RecipientId, Ending)>) -> Result<(), WorkError> {
        let node = self.node;
        self.desk.write(move |cx| recipients::finish(cx, node, &results)).await
    }

    /// Puts recipients back that were not tried.
    pub async fn release(&self, ids: Vec<RecipientId>) -> Result<(), WorkError> {
        let node = self.node;
        self.desk.write(move |cx| recipients::release(cx, node, &ids)).await
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
