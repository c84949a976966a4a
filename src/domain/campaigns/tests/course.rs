//! From draft to end.

use super::*;
use crate::domain::campaigns::overview;
use crate::domain::campaigns::{CampaignError, Limit};
use crate::domain::messages::removal::{self, DeleteMessageError};
use crate::domain::purge;
use crate::domain::workload;
use crate::model::states::{JobKind, Reputation};
use crate::model::time::UtcTime;
use crate::store::rows::field_values::FieldValues;

#[tokio::test]
async fn nothing_is_leased_of_a_paused_campaign_until_it_is_resumed() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 4, &FieldValues::new()).await;
    let id = planned(&sample, &[sample.list]).await;
    let before = claim(&sample, 1).await;
    owner(&sample, move |cx| on::pause(cx, id).expect("paused")).await;
    assert!(claim(&sample, 10).await.is_empty());
    assert!(!worker(&sample, recipients::is_due).await);
    finish_all(&sample, &before, sent()).await;
    assert_eq!(settle(&sample, id).await, CampaignState::Paused);
    assert_eq!(campaign(&sample, id).await.reason, on::BY_HAND);
    owner(&sample, move |cx| {
        assert!(matches!(on::pause(cx, id), Err(CampaignError::WrongState(_, CampaignState::Paused))));
        on::resume(cx, id).expect("resumed");
    })
    .await;
    assert!(worker(&sample, recipients::is_due).await);
    assert_eq!(claim(&sample, 10).await.len(), 3);
}

#[tokio::test]
async fn a_cancelled_campaign_skips_who_has_not_got_it() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 4, &FieldValues::new()).await;
    let id = planned(&sample, &[sample.list]).await;
    let under_way = claim(&sample, 2).await;
    owner(&sample, move |cx| on::cancel(cx, id).expect("cancelled")).await;
    assert!(claim(&sample, 10).await.is_empty());
    assert!(worker(&sample, supervise::clear).await);
    assert_eq!(totals(&sample, id).await.n_skipped, 2);
    assert!(campaign(&sample, id).await.finished_at.is_none(), "two are under way");
    finish(&sample, NODE, vec![(under_way[0].id, sent())]).await;
    let rest = under_way[1].id;
    worker(&sample, move |cx| recipients::release(cx, NODE, &[rest])).await;
    assert!(worker(&sample, supervise::clear).await);
    let totals = totals(&sample, id).await;
    assert_eq!((totals.n_sent, totals.n_skipped), (1, 3));
    let over = campaign(&sample, id).await;
    assert_eq!((over.state, over.finished_at.is_some()), (CampaignState::Cancelled, true));
    assert!(!worker(&sample, supervise::survey).await.is_clearing_due);
}

#[tokio::test]
async fn too_many_errors_that_are_no_recipients_fault_pause_a_campaign() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 200, &FieldValues::new()).await;
    let id = planned(&sample, &[sample.list]).await;
    // Fifty of those that fail count only when they are three in ten.
    let claimed = claim(&sample, 120).await;
    finish_all(&sample, &claimed[..71], sent()).await;
    finish_all(&sample, &claimed[71..], failed(Fault::Ours)).await;
    assert_eq!(settle(&sample, id).await, CampaignState::Sending, "49 are too few");
    let more = claim(&sample, 1).await;
    finish_all(&sample, &more, failed(Fault::Ours)).await;
    assert!(claim(&sample, 10).await.is_empty(), "nothing more is leased, even before it is paused");
    assert_eq!(worker(&sample, supervise::survey).await.to_settle, [id]);
    assert_eq!(settle(&sample, id).await, CampaignState::Paused);
    assert_eq!(campaign(&sample, id).await.reason, "50 of the last 121 mails failed");
    owner(&sample, move |cx| on::resume(cx, id).expect("resumed")).await;
    assert_eq!(settle(&sample, id).await, CampaignState::Sending, "what was is forgotten");
    assert_eq!(claim(&sample, 10).await.len(), 10);
}

#[tokio::test]
async fn old_results_fade_out_of_the_count_of_errors() {
    let sample = Sample::open().await;
    let id = draft(&sample, &[sample.list]).await;
    let add = |n_recent, n_recent_errors| Totals { n_recent, n_recent_errors, ..Totals::default() };
    let totals = worker(&sample, move |cx| {
        cx.tx.add_campaign_totals(id, &add(90, 40), 100)?;
        cx.tx.add_campaign_totals(id, &add(30, 0), 100)?;
        cx.tx.add_campaign_totals(id, &add(10, 1), 100)?;
        Ok(cx.tx.find_campaign_totals(id)?.expect("totals"))
    })
    .await;
    assert_eq!((totals.n_recent, totals.n_recent_errors), (70, 21));
}

#[tokio::test]
async fn a_scheduled_campaign_starts_when_it_is_due_and_waits_for_a_human_when_it_is_late() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 1, &FieldValues::new()).await;
    let (due, late, early) = (
        draft(&sample, &[sample.list]).await,
        draft(&sample, &[sample.list]).await,
        draft(&sample, &[sample.list]).await,
    );
    let hours = |n: u64| Duration::from_secs(n * 3600);
    let now = UtcTime::now();
    owner(&sample, move |cx| {
        for (id, at) in [(due, now.minus(hours(23))), (late, now.minus(hours(25))), (early, now.plus(hours(1)))] {
            assert_eq!(on::schedule(cx, id, at).expect("scheduled"), CampaignState::Scheduled);
        }
    })
    .await;
    assert!(worker(&sample, supervise::survey).await.is_launch_due);
    worker(&sample, supervise::launch).await;
    assert!(!worker(&sample, supervise::survey).await.is_launch_due);
    assert_eq!(campaign(&sample, due).await.state, CampaignState::Sending);
    assert_eq!(campaign(&sample, early).await.state, CampaignState::Scheduled);
    let waiting = campaign(&sample, late).await;
    assert_eq!(
        (waiting.state, waiting.reason.as_str()),
        (CampaignState::Paused, "its time passed more than 24 hours ago")
    );
    // Whoever resumes it starts it: who is there then is meant.
    sample.subscribe(sample.list, 1, &FieldValues::new()).await;
    owner(&sample, move |cx| {
        on::resume(cx, late).expect("resumed");
        on::unschedule(cx, early).expect("a draft again");
        assert_eq!(cx.tx.find_any_campaign(early).expect("store").expect("row").due_at, None);
    })
    .await;
    plan_all(&sample, late).await;
    assert_eq!(campaign(&sample, late).await.n_recipients, 2);
}

#[tokio::test]
async fn campaigns_of_an_account_that_is_not_trusted_wait_for_approval() {
    let sample = Sample::open().await;
    let account = sample.account;
    let (now, later) = (draft(&sample, &[sample.list]).await, draft(&sample, &[sample.list]).await);
    worker(&sample, move |cx| {
        let row = cx.tx.find_account(account)?.expect("account");
        let mut changed =
            crate::domain::accounts::blank(cx, row.user_group_id, "owner", "owner@example.org", String::new());
        changed.reputation = Reputation::Untrusted;
        Ok(cx.tx.update_account(account, &changed, &Default::default())?)
    })
    .await;
    owner(&sample, move |cx| {
        assert_eq!(on::start(cx, now).expect("waits"), CampaignState::WaitingForApproval);
        let at = cx.now.plus(LONG);
        assert_eq!(on::schedule(cx, later, at).expect("waits"), CampaignState::WaitingForApproval);
        assert!(matches!(on::start(cx, now), Err(CampaignError::WrongState(..))));
        assert!(matches!(on::approve(cx, now), Err(CampaignError::Denied(_))), "not by itself");
    })
    .await;
    worker(&sample, move |cx| {
        assert_eq!(on::approve(cx, now).expect("approved"), CampaignState::Sending);
        assert_eq!(on::approve(cx, later).expect("approved"), CampaignState::Scheduled);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn only_who_failed_is_sent_once_more_and_only_on_request_who_may_have_it() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 5, &FieldValues::new()).await;
    let id = planned(&sample, &[sample.list]).await;
    let claimed = claim(&sample, 5).await;
    let uncertain = Ending::Later { due_at: UtcTime(0), reply: String::new(), is_try: true, is_uncertain: true };
    finish(&sample, NODE, vec![(claimed[4].id, uncertain)]).await;
    let again = claim(&sample, 5).await;
    finish_all(&sample, &claimed[..2], sent()).await;
    finish_all(&sample, &claimed[2..4], failed(Fault::Ours)).await;
    finish_all(&sample, &again, failed(Fault::Ours)).await;
    assert_eq!(settle(&sample, id).await, CampaignState::Sent);

    for (with_uncertain, n) in [(false, 2), (true, 1)] {
        owner(&sample, move |cx| on::resend_failed(cx, id, with_uncertain).expect("resent")).await;
        assert_eq!(settle(&sample, id).await, CampaignState::Sending, "not over while rows are put back");
        plan_all(&sample, id).await;
        let back = claim(&sample, 5).await;
        assert_eq!(back.len(), n);
        assert!(back.iter().all(|one| one.n_tries == 1 && one.is_uncertain == with_uncertain));
        finish_all(&sample, &back, sent()).await;
        assert_eq!(settle(&sample, id).await, CampaignState::Sent);
    }
    let totals = totals(&sample, id).await;
    assert_eq!((totals.n_sent, totals.n_failed, totals.n_uncertain), (5, 0, 1));
}

#[tokio::test]
async fn the_limits_of_the_user_group_hold() {
    let sample = Sample::open().await;
    let (account, list) = (sample.account, sample.list);
    sample.subscribe(list, 6, &FieldValues::new()).await;
    let set = move |campaigns, a_month, a_day| {
        move |cx: &mut Ctx<'_>| {
            let group = cx.tx.find_account(account)?.expect("account").user_group_id;
            let (_, billing, delivery) = cx.tx.find_user_group_settings(group)?.expect("group");
            let (mut row, ..) = crate::domain::user_groups::blank(cx, "Group");
            (row.limit_campaigns_per_month, row.limit_emails_per_month, row.limit_emails_per_day) =
                (campaigns, a_month, a_day);
            Ok(cx.tx.update_user_group(group, &row, &billing, &delivery)?)
        }
    };
    planned(&sample, &[list]).await;
    let second = draft(&sample, &[list]).await;
    for (limits, want) in [
        ((1, 0, 0), Limit::CampaignsPerMonth(1)),
        ((0, 11, 0), Limit::EmailsPerMonth(11)),
        ((0, 0, 11), Limit::EmailsPerDay(11)),
    ] {
        worker(&sample, set(limits.0, limits.1, limits.2)).await;
        owner(&sample, move |cx| match on::start(cx, second) {
            Err(CampaignError::Limit(limit)) => assert_eq!(limit, want),
            other => panic!("{other:?}"),
        })
        .await;
    }
    worker(&sample, set(2, 12, 12)).await;
    started(&sample, second).await;
    plan_all(&sample, second).await;
    assert_eq!(campaign(&sample, second).await.state, CampaignState::Sending);
    // A part of a list is not counted beforehand; the planner sees it pass.
    worker(&sample, set(0, 15, 0)).await;
    let all = crate::store::rows::selections::Selection::And(Vec::new());
    let third = draft_to(&sample, vec![Audience { list, segment: 0, selection: all }]).await;
    started(&sample, third).await;
    plan_all(&sample, third).await;
    let paused = campaign(&sample, third).await;
    assert_eq!(
        (paused.state, paused.reason.as_str()),
        (CampaignState::Paused, "the account may send 15 mails a month")
    );
}

#[tokio::test]
async fn a_message_stays_while_a_campaign_needs_it() {
    let sample = Sample::open().await;
    let id = draft(&sample, &[sample.list]).await;
    let message = campaign(&sample, id).await.message_id;
    owner(&sample, move |cx| {
        let refused = removal::delete(cx, message);
        assert!(matches!(refused, Err(DeleteMessageError::SentByCampaign(_, by)) if by == id), "{refused:?}");
        on::start(cx, id).expect("started");
        on::cancel(cx, id).expect("cancelled");
        removal::delete(cx, message).expect("nothing needs it");
    })
    .await;
}

#[tokio::test]
async fn a_campaign_whose_message_is_gone_is_given_up() {
    let sample = Sample::open().await;
    let account = sample.account;
    sample.subscribe(sample.list, 3, &FieldValues::new()).await;
    let id = planned(&sample, &[sample.list]).await;
    let rows = worker(&sample, move |cx| {
        cx.tx.purge_messages(account, 10)?;
        let claimed = recipients::claim(cx, NODE, 10, LONG, &[], &mut Turns::default())?;
        Ok(crate::domain::campaigns::messages::address(cx, NODE, claimed, &Default::default())?.0.len())
    })
    .await;
    assert_eq!(rows, 0);
    assert!(worker(&sample, supervise::clear).await);
    assert_eq!(totals(&sample, id).await.n_skipped, 3);
    let over = campaign(&sample, id).await;
    assert_eq!((over.state, over.reason.as_str()), (CampaignState::Failed, "its message is gone"));
}

/// Runs the one queued purge of this kind to its end.
async fn purge_all(sample: &Sample, kind: JobKind) {
    let mut job = worker(sample, move |cx| workload::claim_jobs(cx, kind, 1, LONG)).await.pop().expect("a purge");
    loop {
        let at_hand = job.clone();
        match worker(sample, move |cx| purge::step(cx, &at_hand, LONG).map_err(sample::of_purge)).await {
            purge::Progress::More(payload) => job.payload = payload,
            purge::Progress::Done => return,
        }
    }
}

#[tokio::test]
async fn a_deleted_list_leaves_its_campaigns_whole_and_a_deleted_account_leaves_none() {
    let sample = Sample::open().await;
    let (account, list, other) = (sample.account, sample.list, sample.another_list().await);
    sample.subscribe(list, 700, &FieldValues::new()).await;
    join(&sample, other, "other@example.com").await;
    let id = planned(&sample, &[list, other]).await;
    let claimed = claim(&sample, 100).await;
    finish_all(&sample, &claimed, sent()).await;
    worker(&sample, move |cx| {
        cx.tx.mark_list_deleted(account, list, cx.now)?;
        Ok(purge::queue_list(cx, account, list)?)
    })
    .await;
    purge_all(&sample, JobKind::PurgeList).await;
    let rest = claim(&sample, 1_000).await;
    assert_eq!(rest.iter().map(|one| one.subscriber.list_id).collect::<Vec<_>>(), [other]);
    finish_all(&sample, &rest, sent()).await;
    assert_eq!(settle(&sample, id).await, CampaignState::Sent);
    let status = owner(&sample, move |cx| overview::status(cx, id).expect("status")).await;
    assert_eq!((status.totals.n_sent, status.totals.n_skipped, status.n_open), (101, 600, 0), "what was counted stays");

    worker(&sample, move |cx| Ok(purge::queue_account(cx, account)?)).await;
    purge_all(&sample, JobKind::PurgeAccount).await;
    worker(&sample, move |cx| {
        assert!(cx.tx.find_any_campaign(id)?.is_none());
        assert_eq!(cx.tx.count_recipients_in(id, RecipientState::Sent)?, 0);
        assert!(cx.tx.list_campaign_lists(id)?.is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn people_see_how_far_it_is_and_what_was_sent_to_whom() {
    let sample = Sample::open().await;
    let list = sample.list;
    sample.subscribe(list, 4, &FieldValues::new()).await;
    let id = planned(&sample, &[list]).await;
    let claimed = claim(&sample, 3).await;
    finish_all(&sample, &claimed[..1], sent()).await;
    let later =
        Ending::Later { due_at: UtcTime(i64::MAX), reply: "451 x".to_owned(), is_try: true, is_uncertain: false };
    finish_all(&sample, &claimed[1..2], later).await;
    let to = claimed[0].subscriber.email.clone();
    let mail_to: &'static str = Box::leak(to.clone().into_boxed_str());
    let account = sample.account;
    worker(&sample, move |cx| {
        let mail = crate::domain::outbox::NewMail { account, ..sample::mail(mail_to) };
        Ok(crate::domain::outbox::queue_mail(cx, mail)?)
    })
    .await;
    owner(&sample, move |cx| {
        let status = overview::status(cx, id).expect("status");
        assert_eq!((status.totals.n_sent, status.n_open, status.n_leased, status.n_deferred), (1, 3, 1, 1));
        let (rows, mails) = overview::of_address(cx, &to.to_uppercase()).expect("log");
        assert_eq!(rows.iter().map(|row| row.last_reply.as_str()).collect::<Vec<_>>(), ["250 taken"]);
        assert_eq!(mails.len(), 1);
        let start = (ListId::NONE, SubscriberNumber::NONE);
        let pending = Some(RecipientState::Pending);
        assert_eq!(overview::recipients(cx, id, pending, start, 10).expect("rows").len(), 2);
        let first = overview::recipients(cx, id, None, start, 2).expect("rows");
        let last = (first[1].0.list_id, first[1].0.number);
        assert_eq!(overview::recipients(cx, id, None, last, 10).expect("rows").len(), 2);
    })
    .await;
    let queues = worker(&sample, |cx| Ok(overview::queues(cx).expect("queues"))).await;
    let shown: Vec<_> = queues.iter().map(|one| (one.n_pending, one.n_leased, one.n_deferred)).collect();
    assert_eq!(shown, [(1, 0, None), (2, 1, Some(1))]);
}
