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

/// Gives a sign of life and answers the counts of the others.
///
/// # Errors
/// [`WorkError`].
pub fn beat(cx: &mut Ctx<'_>, node: NodeId) -> Result<Vec<Beat>, WorkError> {
    cx.administrator()?;
    if !cx.tx.beat_node(node, cx.now)? {
        tracing::warn!("this node was taken for dead: what it had claimed went to others");
        enter(cx, node)?;
    }
    Ok(cx.tx.list_nodes()?.into_iter().filter(|row| row.id != node).map(|row| (row.id, row.beat)).collect())
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
        let again = sample.write(|cx| mail_queue::claim(cx, ME, 10, LONG)).await.expect("claim");
        again.iter().map(|mail| (mail.n_tries, mail.is_uncertain)).collect()
    }

    async fn other_claims_a_mail(sample: &Sample) {
        sample.write(|cx| Ok(outbox::queue_mail(cx, sample::mail("a@example.com"))?)).await.expect("queue");
        sample.write(|cx| begin(cx, OTHER)).await.expect("begin");
        assert_eq!(sample.write(|cx| mail_queue::claim(cx, OTHER, 10, LONG)).await.expect("claim").len(), 1);
    }

    #[tokio::test]
    async fn what_a_process_before_had_is_due_at_once_where_no_other_can_be_at_work() {
        let sample = Sample::open().await;
        other_claims_a_mail(&sample).await;
        let has_company = sample.write(|cx| begin(cx, ME)).await.expect("begin");
        sample.write(return_leases).await.expect("return");
        assert_eq!(found(&sample).await, if has_company { vec![] } else { vec![(2, true)] });
    }

    #[tokio::test]
    async fn a_node_is_gone_when_its_count_stands_still_and_comes_back_when_it_beats() {
        let sample = Sample::open().await;
        sample.write(|cx| begin(cx, ME)).await.expect("begin");
        other_claims_a_mail(&sample).await;
        let seen = sample
            .write(|cx| {
                enter_again(cx)?;
                beat(cx, ME)
            })
            .await
            .expect("beat");
        assert_eq!(seen, [(OTHER, 0)]);
        sample.write(|cx| beat(cx, OTHER)).await.expect("beat");
        sample
            .write(move |cx| {
                forget(cx, &seen)?;
                return_leases(cx)
            })
            .await
            .expect("forget");
        assert!(found(&sample).await.is_empty(), "it had beaten in between");

        let seen = sample.write(|cx| beat(cx, ME)).await.expect("beat");
        assert_eq!(seen, [(OTHER, 1)]);
        sample
            .write(move |cx| {
                forget(cx, &seen)?;
                return_leases(cx)
            })
            .await
            .expect("forget");
        assert_eq!(found(&sample).await, [(2, true)]);
        let others = sample.write(|cx| beat(cx, OTHER)).await.expect("beat");
        assert_eq!(others.len(), 1, "it lives after all, beside the first");
        assert_eq!(sample.write(|cx| beat(cx, ME)).await.expect("beat"), [(OTHER, 0)]);
    }

    /// On SQLite the second that began took the first away.
    fn enter_again(cx: &mut Ctx<'_>) -> Result<(), WorkError> {
        if !cx.tx.list_nodes()?.iter().any(|row| row.id == ME) {
            enter(cx, ME)?;
        }
        Ok(())
    }
}
