//! What follows when the machine's clock was set back: whatever was due by the old time would wait for hours (ML-4.15).

use crate::domain::cx::Ctx;
use crate::domain::workload::WorkError;
use crate::model::ids::CampaignId;
use crate::model::states::{CampaignState, JobKind};

/// Rows of one kind that one call changes at most.
const PIECE: i64 = 1_000;
/// Campaigns that are read at a time.
const PAGE: i64 = 500;

/// Makes some of what waits in the queues for a later moment due now: recipients of campaigns, mails, jobs. Who was put off is tried earlier than meant, which
/// does no harm. True when there may be more. Leases stay as they are.
///
/// # Errors
/// [`WorkError`].
pub fn hasten(cx: &mut Ctx<'_>) -> Result<bool, WorkError> {
    cx.administrator()?;
    let now = cx.now;
    let mut n_most = cx.tx.hasten_mails(PIECE, now)?;
    for kind in JobKind::ALL {
        n_most = n_most.max(cx.tx.hasten_jobs(*kind, PIECE, now)?);
    }
    for state in [CampaignState::Sending, CampaignState::Paused] {
        let mut after = CampaignId::NONE;
        loop {
            let page = cx.tx.list_campaigns_in(state, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for campaign in page {
                let n = cx.tx.hasten_recipients(campaign.id, PIECE, now)?;
                if n > 0 {
                    // The others' turn comes with the next call.
                    return Ok(true);
                }
            }
        }
    }
    Ok(n_most > 0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::attempts::Ending;
    use crate::domain::campaigns::plan;
    use crate::domain::campaigns::recipients::{self, Turns};
    use crate::domain::mail_queue;
    use crate::domain::outbox;
    use crate::domain::sample::{self, Sample};
    use crate::model::ids::NodeId;

    const LEASE: Duration = Duration::from_secs(60);
    const HOURS: Duration = Duration::from_secs(3 * 3600);

    #[tokio::test]
    async fn what_was_due_by_a_clock_that_was_hours_ahead_is_due_at_once() {
        let sample = Sample::open().await;
        sample.subscribe(sample.list, 2, &Default::default()).await;
        let id = sample.start_campaign(&[sample.list]).await;
        // Planned and queued while the clock was ahead; then it was set right.
        sample
            .write(move |cx| {
                let right = cx.now;
                cx.now = right.plus(HOURS);
                while plan::step(cx, id)? {}
                outbox::queue_mail(cx, sample::mail("a@example.com"))?;
                outbox::queue_job(cx, crate::model::ids::AccountId(1), JobKind::ListHook, "99 1 1".to_owned())?;
                cx.now = right;
                assert!(!recipients::is_due(cx)? && !mail_queue::is_due(cx)?, "nothing is due for hours");
                while hasten(cx)? {}
                assert!(cx.tx.is_job_due(JobKind::ListHook, right)?);
                assert_eq!(mail_queue::claim(cx, sample::NODE, 10, LEASE, &[])?.len(), 1);
                let claimed = recipients::claim(cx, NodeId(7), 10, LEASE, &[], &mut Turns::default())?;
                assert_eq!(claimed.len(), 2);
                let later = Ending::Later {
                    due_at: right.plus(HOURS),
                    reply: "451 later".to_owned(),
                    is_try: true,
                    is_uncertain: false,
                };
                recipients::finish(cx, NodeId(7), &[(claimed[0].id, &later)])?;
                while hasten(cx)? {}
                let again = recipients::claim(cx, NodeId(7), 10, LEASE, &[], &mut Turns::default())?;
                assert_eq!(again.iter().map(|one| one.id).collect::<Vec<_>>(), [claimed[0].id], "who was put off");
                Ok(())
            })
            .await
            .expect("hastened");
    }
}
