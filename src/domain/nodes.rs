//! Processes that work queues off, on one database perhaps several: each enters itself, counts up while it lives, and takes away those that do not.
//!
//! Nobody compares clocks: a node is gone when its count stood still for as long as an observer waited, by the observer's own watch (ML-4.13).

use crate::domain::campaigns::supervise;
use crate::domain::cx::Ctx;
use crate::domain::mail_queue;
use crate::domain::workload::WorkError;
use crate::model::ids::NodeId;
use crate::store::StoreError;
use crate::store::rows::nodes::NodeRow;

/// A node and its count at a look.
pub type Beat = (NodeId, i64);

/// What a node learns when it gives a sign of life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// The counts of the others.
    pub others: Vec<Beat>,
    /// Somebody had taken this node for dead: what it had claimed and not begun with is not its own any more.
    pub was_dead: bool,
}

/// Enters this process before it claims anything. True when others may work beside it; if not, those that are entered are of processes that are gone.
///
/// # Errors
/// [`WorkError`].
pub fn begin(cx: &mut Ctx<'_>, node: NodeId) -> Result<bool, WorkError> {
    cx.administrator()?;
    enter(cx, node)?;
    let has_company = cx.tx.may_have_company()?;
    if !has_company {
        cx.tx.delete_other_nodes(node)?;
    }
    Ok(has_company)
}

/// Gives a sign of life.
///
/// # Errors
/// [`WorkError`].
pub fn beat(cx: &mut Ctx<'_>, node: NodeId) -> Result<Company, WorkError> {
    cx.administrator()?;
    let was_dead = !cx.tx.beat_node(node, cx.now)?;
    if was_dead {
        tracing::warn!("this node was taken for dead: what it had claimed went to others");
        enter(cx, node)?;
    }
    let others = cx.tx.list_nodes()?.into_iter().filter(|row| row.id != node).map(|row| (row.id, row.beat));
    Ok(Company { others: others.collect(), was_dead })
}

/// Takes away nodes whose count still stands where it stood.
///
/// # Errors
/// [`WorkError`].
pub fn forget(cx: &mut Ctx<'_>, silent: &[Beat]) -> Result<(), WorkError> {
    cx.administrator()?;
    for (node, beat) in silent {
        if cx.tx.delete_node(*node, *beat)? {
            tracing::info!(node = node.0, "a node gives no sign of life any more");
        }
    }
    Ok(())
}

/// Gives back a piece of what nodes had leased that are gone, marked as perhaps sent. True when there may be more.
///
/// # Errors
/// [`WorkError`].
pub fn return_leases(cx: &mut Ctx<'_>) -> Result<bool, WorkError> {
    mail_queue::return_leases_of_gone(cx)?;
    supervise::return_leases_of_gone(cx)
}

fn enter(cx: &mut Ctx<'_>, node: NodeId) -> Result<(), StoreError> {
    cx.tx.insert_node(&NodeRow { id: node, beat: 0, started_at: cx.now, seen_at: cx.now })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::outbox;
    use crate::domain::sample::{self, Sample};

    const ME: NodeId = NodeId(7);
    const OTHER: NodeId = NodeId(8);
    const LONG: Duration = Duration::from_secs(600);

    /// What `ME` finds of the mail that `OTHER` claimed: how often it was tried, and whether it may be out.
    async fn found(sample: &Sample) -> Vec<(i64, bool)> {
        let again = sample.write(|cx| mail_queue::claim(cx, ME, 10, LONG, &[])).await.expect("claim");
        again.iter().map(|mail| (mail.n_tries, mail.is_uncertain)).collect()
    }

    async fn other_claims_a_mail(sample: &Sample) {
        sample.write(|cx| Ok(outbox::queue_mail(cx, sample::mail("a@example.com"))?)).await.expect("queue");
        sample.write(|cx| begin(cx, OTHER)).await.expect("begin");
        assert_eq!(sample.write(|cx| mail_queue::claim(cx, OTHER, 10, LONG, &[])).await.expect("claim").len(), 1);
    }

    #[tokio::test]
    async fn what_a_process_before_had_is_due_at_once_where_no_other_can_be_at_work() {
        let sample = Sample::open().await;
        other_claims_a_mail(&sample).await;
        let has_company = sample.write(|cx| begin(cx, ME)).await.expect("begin");
        sample.write(return_leases).await.expect("return");
        assert_eq!(found(&sample).await, if has_company { vec![] } else { vec![(2, true)] });
    }

    /// The others' counts as `ME` sees them, and what follows when they still stand there after `between`.
    async fn look_and_forget(sample: &Sample, between: bool) -> Vec<Beat> {
        let seen = sample.write(|cx| beat(cx, ME)).await.expect("beat").others;
        if between {
            sample.write(|cx| beat(cx, OTHER)).await.expect("beat");
        }
        let silent = seen.clone();
        let forgotten = sample.write(move |cx| forget(cx, &silent).and_then(|()| return_leases(cx)));
        forgotten.await.expect("forget");
        seen
    }

    #[tokio::test]
    async fn a_node_is_gone_when_its_count_stands_still_and_comes_back_when_it_beats() {
        let sample = Sample::open().await;
        other_claims_a_mail(&sample).await;
        assert_eq!(look_and_forget(&sample, true).await, [(OTHER, 0)]);
        assert!(found(&sample).await.is_empty(), "it had beaten in between");
        assert_eq!(look_and_forget(&sample, false).await, [(OTHER, 1)]);
        assert_eq!(found(&sample).await, [(2, true)]);

        let back = sample.write(|cx| beat(cx, OTHER)).await.expect("beat");
        assert!(back.was_dead, "what it had is not its own any more");
        assert_eq!(back.others.len(), 1, "it lives after all, beside the first");
        let again = sample.write(|cx| beat(cx, ME)).await.expect("beat");
        assert_eq!(again, Company { others: vec![(OTHER, 0)], was_dead: false });
    }
}
