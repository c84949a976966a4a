//! How the server fares, for whoever watches it: queues, clock. Every look is cheap, however long a queue is.

use crate::domain::campaigns::{Campaign, overview};
use crate::domain::cx::Ctx;
use crate::domain::workload::WorkError;
use crate::model::ids::CampaignId;
use crate::model::states::{CampaignState, JobKind, QueueState};
use crate::model::time::UtcTime;

/// Rows of a queue are counted up to this many.
pub const MOST: i64 = 10_000;
/// Campaigns in one state that are looked at.
const MAX_CAMPAIGNS: i64 = 100;

/// How much there is in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// `mails`, `campaigns` or a sort of job.
    pub queue: &'static str,
    /// Rows that wait.
    pub n_pending: i64,
    /// Rows that a worker has.
    pub n_leased: i64,
    /// Rows that were given up and are still kept; `None` where they are told by campaign.
    pub n_failed: Option<i64>,
    /// When the first waiting row is, or was, due.
    pub first_due_at: Option<UtcTime>,
}

/// How much there is in every queue. What is counted one by one is counted up to [`MOST`].
///
/// # Errors
/// [`WorkError`].
pub fn depths(cx: &mut Ctx<'_>) -> Result<Vec<Depth>, WorkError> {
    cx.administrator()?;
    let mut mails = Depth { queue: "mails", n_pending: 0, n_leased: 0, n_failed: Some(0), first_due_at: None };
    for state in [QueueState::Pending, QueueState::Leased, QueueState::Failed] {
        let found = cx.tx.count_some_mails(state, MOST)?;
        add(&mut mails, state, found.n, found.first_due_at);
    }
    let mut depths = vec![mails, of_campaigns(cx)?];
    for kind in JobKind::ALL {
        let queue = queue_of(*kind);
        let place = depths.iter().position(|depth| depth.queue == queue).unwrap_or_else(|| {
            depths.push(Depth { queue, n_pending: 0, n_leased: 0, n_failed: Some(0), first_due_at: None });
            depths.len() - 1
        });
        for state in [QueueState::Pending, QueueState::Leased, QueueState::Failed] {
            let found = cx.tx.count_some_jobs(*kind, state, MOST)?;
            add(&mut depths[place], state, found.n, found.first_due_at);
        }
    }
    Ok(depths)
}

/// Mails among the first [`MOST`] that wait which may be out already.
///
/// # Errors
/// [`WorkError`].
pub fn n_uncertain(cx: &mut Ctx<'_>) -> Result<i64, WorkError> {
    cx.administrator()?;
    Ok(cx.tx.count_uncertain_mails(QueueState::Pending, MOST)?.n)
}

/// Campaigns that are paused, whether by somebody or by themselves.
///
/// # Errors
/// [`WorkError`].
pub fn paused_campaigns(cx: &mut Ctx<'_>) -> Result<Vec<Campaign>, WorkError> {
    cx.administrator()?;
    Ok(cx.tx.list_campaigns_in(CampaignState::Paused, CampaignId::NONE, MAX_CAMPAIGNS)?)
}

/// The latest moment that something was written down as having just happened. A clock that was set back makes it one that is still to come.
///
/// # Errors
/// [`WorkError`].
pub fn newest_moment(cx: &mut Ctx<'_>) -> Result<Option<UtcTime>, WorkError> {
    cx.administrator()?;
    Ok(cx.tx.find_newest_moment()?)
}

fn of_campaigns(cx: &mut Ctx<'_>) -> Result<Depth, WorkError> {
    let mut depth = Depth { queue: "campaigns", n_pending: 0, n_leased: 0, n_failed: None, first_due_at: None };
    for campaign in cx.tx.list_campaigns_in(CampaignState::Sending, CampaignId::NONE, MAX_CAMPAIGNS)? {
        let totals = cx.tx.find_campaign_totals(campaign.id)?.unwrap_or_default();
        let n_leased = cx.tx.count_leased(campaign.id)?;
        let first_due_at = cx.tx.find_first_due(campaign.id)?;
        add(&mut depth, QueueState::Leased, n_leased, None);
        add(&mut depth, QueueState::Pending, (overview::n_open(&campaign, &totals) - n_leased).max(0), first_due_at);
    }
    Ok(depth)
}

fn add(depth: &mut Depth, state: QueueState, n: i64, first_due_at: Option<UtcTime>) {
    match state {
        QueueState::Pending => {
            depth.n_pending += n;
            depth.first_due_at = [depth.first_due_at, first_due_at].into_iter().flatten().min();
        }
        QueueState::Leased => depth.n_leased += n,
        QueueState::Failed => depth.n_failed = depth.n_failed.map(|before| before + n),
        QueueState::Done | QueueState::Skipped => {}
    }
}

const fn queue_of(kind: JobKind) -> &'static str {
    match kind {
        JobKind::ListHook => "list_hooks",
        JobKind::Webhook => "webhooks",
        JobKind::Sending => "batches",
        JobKind::PurgeList | JobKind::PurgeAccount | JobKind::PurgeField | JobKind::PurgeOptIn => "purges",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::campaigns::course;
    use crate::domain::cx::Actor;
    use crate::domain::keys;
    use crate::domain::mail_queue;
    use crate::domain::outbox;
    use crate::domain::sample::{self, Sample};
    use crate::store::rows::queues::MailDelay;

    #[tokio::test]
    async fn queues_are_counted_with_what_waits_longest() {
        let sample = Sample::open().await;
        let (account, list) = (sample.account, sample.list);
        sample.subscribe(list, 3, &Default::default()).await;
        let looked = sample.write(move |cx| {
            let late = cx.now.minus(Duration::from_secs(900));
            let [a, b] = ["a@example.com", "b@example.com"].map(|to| outbox::queue_mail(cx, sample::mail(to)));
            mail_queue::claim(cx, sample::NODE, 10, Duration::from_secs(60), &[])?;
            for (id, due_at, is_uncertain) in [(a?, late, true), (b?, cx.now, false)] {
                let delay = MailDelay { due_at, n_tries: 1, is_uncertain, error: "" };
                cx.tx.delay_mail(id, sample::NODE, &delay)?;
            }
            outbox::queue_job(cx, account, JobKind::PurgeList, "1".to_owned())?;
            outbox::queue_job(cx, account, JobKind::PurgeField, "1".to_owned())?;
            let depths = depths(cx)?;
            let of = |queue: &str| *depths.iter().find(|depth| depth.queue == queue).expect("counted");
            let mails =
                Depth { queue: "mails", n_pending: 2, n_leased: 0, n_failed: Some(0), first_due_at: Some(late) };
            assert_eq!(of("mails"), mails);
            assert_eq!((of("purges").n_pending, of("webhooks").n_pending), (2, 0));
            assert_eq!(of("campaigns").first_due_at, None);
            Ok((n_uncertain(cx)?, newest_moment(cx)?.map(|at| at.0 - cx.now.0)))
        });
        assert_eq!(looked.await.expect("looked"), (1, Some(0)));
        let id = sample.start_campaign(&[list]).await;
        let paused = sample.write(move |cx| {
            keys::act_for(cx, account).expect("account");
            course::pause(cx, id).expect("paused");
            cx.actor = Actor::System;
            paused_campaigns(cx)
        });
        let paused = paused.await.expect("looked");
        assert_eq!(paused.iter().map(|campaign| campaign.id).collect::<Vec<_>>(), [id]);
    }
}
