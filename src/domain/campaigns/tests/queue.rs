//! Leases and results.

use std::collections::BTreeSet;

use super::*;
use crate::domain::accounts;
use crate::domain::lists;
use crate::domain::nodes;
use crate::domain::user_groups;
use crate::model::states::BounceType;
use crate::store::rows::field_values::FieldValues;

#[tokio::test]
async fn claims_of_two_nodes_at_once_never_overlap() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 400, &FieldValues::new()).await;
    planned(&sample, &[sample.list]).await;
    let mut seen = BTreeSet::new();
    while seen.len() < 400 {
        let (one, other) = tokio::join!(claim_for(&sample, NODE, 30, LONG), claim_for(&sample, OTHER, 30, LONG));
        assert!(!one.is_empty() || !other.is_empty(), "{} of 400", seen.len());
        for recipient in one.into_iter().chain(other) {
            assert!(seen.insert(recipient.id), "{} was leased twice", recipient.id);
        }
    }
    assert!(claim(&sample, 10).await.is_empty());
}

#[tokio::test]
async fn a_lease_that_ends_gives_its_recipient_back_marked_as_perhaps_sent() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 2, &FieldValues::new()).await;
    let id = planned(&sample, &[sample.list]).await;
    let dead = claim_for(&sample, OTHER, 1, Duration::ZERO).await;
    assert!(!dead[0].is_uncertain);
    let again = claim(&sample, 10).await;
    let marks: Vec<_> = again.iter().map(|one| (one.id == dead[0].id, one.is_uncertain, one.n_tries)).collect();
    assert_eq!(marks.iter().filter(|mark| **mark == (true, true, 2)).count(), 1, "{marks:?}");
    assert_eq!(marks.iter().filter(|mark| **mark == (false, false, 1)).count(), 1, "{marks:?}");
    let same = again.iter().find(|one| one.id == dead[0].id).expect("returned");
    assert_eq!(same.first_try_at, dead[0].first_try_at, "every try makes the same mail");
    finish_all(&sample, &again, sent()).await;
    let totals = totals(&sample, id).await;
    assert_eq!((totals.n_sent, totals.n_uncertain), (2, 1));
}

#[tokio::test]
async fn what_a_node_had_that_is_gone_is_back_at_once() {
    let sample = Sample::open().await;
    worker(&sample, |cx| nodes::begin(cx, NODE).map(drop)).await;
    sample.subscribe(sample.list, 3, &FieldValues::new()).await;
    planned(&sample, &[sample.list]).await;
    assert_eq!(claim_for(&sample, OTHER, 2, LONG).await.len(), 2);
    assert_eq!(claim(&sample, 1).await.len(), 1);
    worker(&sample, |cx| nodes::return_leases(cx).map(drop)).await;
    let n_back = claim(&sample, 10).await.len();
    assert_eq!(n_back, 2, "the one that the living node has stays with it");
}

#[tokio::test]
async fn what_is_released_comes_back_as_if_never_leased() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 1, &FieldValues::new()).await;
    let id = planned(&sample, &[sample.list]).await;
    let one = claim(&sample, 1).await[0].id;
    worker(&sample, move |cx| recipients::release(cx, OTHER, &[one])).await;
    assert!(claim(&sample, 1).await.is_empty(), "another's lease is not touched");
    worker(&sample, move |cx| recipients::release(cx, NODE, &[one])).await;
    let again = claim(&sample, 1).await;
    assert_eq!((again[0].n_tries, again[0].is_uncertain), (1, false));
    assert_eq!(totals(&sample, id).await, Totals::default());
}

#[tokio::test]
async fn one_bad_result_costs_the_others_of_its_group_nothing() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 4, &FieldValues::new()).await;
    let id = planned(&sample, &[sample.list]).await;
    let (own, foreign) = (claim(&sample, 3).await, claim_for(&sample, OTHER, 1, LONG).await);
    let results = vec![
        (own[0].id, sent()),
        (RecipientId(99_999), sent()),
        (own[1].id, Ending::Sent { reply: "250 \0 a\r\nb".to_owned() }),
        (foreign[0].id, failed(Fault::Ours)),
        (own[2].id, failed(Fault::Ours)),
        (own[0].id, sent()),
    ];
    finish(&sample, NODE, results).await;
    let totals = totals(&sample, id).await;
    assert_eq!((totals.n_sent, totals.n_failed), (2, 1));
    let entry = own[1].id;
    let kept = worker(&sample, move |cx| Ok(cx.tx.find_recipient(entry)?.expect("row"))).await;
    assert_eq!(kept.last_reply, "250   a  b");
}

#[tokio::test]
async fn what_is_in_hand_does_not_come_back_however_far_the_clock_goes_forward() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 2, &FieldValues::new()).await;
    let id = planned(&sample, &[sample.list]).await;
    let (held, lost) = (claim(&sample, 1).await[0].id, claim(&sample, 1).await[0].id);
    let (by_planner, again) = worker(&sample, move |cx| {
        cx.now = cx.now.plus(Duration::from_secs(3 * 3600));
        let by_planner = supervise::return_leases(cx, NODE)?;
        let once = recipients::claim(cx, NODE, 10, LONG, &[held], &mut Turns::default())?;
        let twice = recipients::claim(cx, NODE, 10, LONG, &[held, lost], &mut Turns::default())?;
        Ok((by_planner, [once, twice].concat()))
    })
    .await;
    assert!(!by_planner, "the planner does not know what is in hand");
    let marks: Vec<_> = again.iter().map(|one| (one.id, one.is_uncertain)).collect();
    assert_eq!(marks, [(lost, true)], "what nobody has any more comes back");
    assert_eq!(totals(&sample, id).await.n_uncertain, 1);
}

#[tokio::test]
async fn a_mail_that_was_sent_counts_as_sent_though_its_lease_had_ended() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 1, &FieldValues::new()).await;
    let id = planned(&sample, &[sample.list]).await;
    let slow = claim_for(&sample, NODE, 1, Duration::ZERO).await;
    worker(&sample, |cx| supervise::return_leases(cx, OTHER)).await;
    finish_all(&sample, &slow, sent()).await;
    assert!(claim(&sample, 1).await.is_empty(), "it is not sent again");
    let totals = totals(&sample, id).await;
    assert_eq!((totals.n_sent, totals.n_uncertain), (1, 1));
}

#[tokio::test]
async fn what_is_put_off_comes_up_when_it_is_due_with_its_tries_counted() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 3, &FieldValues::new()).await;
    let id = planned(&sample, &[sample.list]).await;
    let claimed = claim(&sample, 3).await;
    let later = move |due_at, is_try, is_uncertain| Ending::Later {
        due_at,
        reply: "451 later".to_owned(),
        is_try,
        is_uncertain,
    };
    let now = crate::model::time::UtcTime::now();
    let results = vec![
        (claimed[0].id, later(now.minus(LONG), true, false)),
        (claimed[1].id, later(now.minus(LONG), false, true)),
        (claimed[2].id, later(now.plus(LONG), true, false)),
    ];
    finish(&sample, NODE, results).await;
    let again = claim(&sample, 10).await;
    let mut seen: Vec<_> = again.iter().map(|one| (one.id, one.n_tries, one.is_uncertain)).collect();
    seen.sort_unstable();
    assert_eq!(seen, [(claimed[0].id, 2, false), (claimed[1].id, 1, true)]);
    assert_eq!(totals(&sample, id).await, Totals { n_uncertain: 1, ..Totals::default() });
    assert_eq!(settle(&sample, id).await, CampaignState::Sending);
}

#[tokio::test]
async fn an_address_that_does_not_exist_becomes_a_hard_bounce_of_its_subscriber() {
    let sample = Sample::open().await;
    let list = sample.list;
    sample.subscribe(list, 3, &FieldValues::new()).await;
    let id = planned(&sample, &[list]).await;
    let claimed = claim(&sample, 3).await;
    let faults = [Fault::Address, Fault::Mailbox, Fault::Ours];
    finish(&sample, NODE, claimed.iter().zip(faults).map(|(one, fault)| (one.id, failed(fault))).collect()).await;
    let totals = totals(&sample, id).await;
    assert_eq!((totals.n_failed, totals.n_hard, totals.n_soft, totals.n_recent_errors), (3, 1, 1, 1));
    let bounces = worker(&sample, move |cx| {
        let of =
            |cx: &mut Ctx<'_>, number| Ok::<_, WorkError>(cx.tx.find_subscriber(list, number)?.expect("row").bounce);
        claimed.iter().map(|one| of(cx, one.subscriber.number)).collect::<Result<Vec<_>, _>>()
    })
    .await;
    assert_eq!(bounces, [BounceType::Hard, BounceType::Soft, BounceType::NotBounced]);
    let counted = worker(&sample, move |cx| Ok(cx.tx.find_list_totals(list)?.expect("totals"))).await;
    // The address is suppressed for the whole account, and stands among the hard-bounced all the same.
    assert_eq!((counted.n_active, counted.n_soft, counted.n_hard), (1, 1, 1));
}

#[tokio::test]
async fn bounces_of_a_campaign_count_for_the_warm_up_of_its_messages_sender() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 2, &FieldValues::new()).await;
    planned(&sample, &[sample.list]).await;
    worker(&sample, |cx| {
        crate::domain::warm_ups::begin(cx, "example.org", 100).expect("begun");
        crate::domain::warm_ups::take(cx, "example.org", "").expect("taken");
        Ok(())
    })
    .await;
    let claimed = claim(&sample, 2).await;
    finish_all(&sample, &claimed, failed(Fault::Ours)).await;
    let count = worker(&sample, |cx| Ok(cx.tx.find_warm_up_count("example.org", "")?.expect("counted"))).await;
    assert_eq!((count.n_bounced, count.n_complained), (2, 0));
}

#[tokio::test]
async fn what_the_recipients_own_server_took_ends_the_count_of_failures() {
    for (route, bounce) in [("mx", BounceType::NotBounced), ("relay", BounceType::Soft)] {
        let mut sample = Sample::open().await;
        sample.settings(|settings| settings.mail.route = route.to_owned());
        let list = sample.list;
        sample.subscribe(list, 2, &FieldValues::new()).await;
        planned(&sample, &[list]).await;
        let full = claim(&sample, 2).await;
        finish_all(&sample, &full, failed(Fault::Mailbox)).await;
        planned(&sample, &[list]).await;
        let taken = claim(&sample, 2).await;
        let results = vec![(taken[0].id, sent()), (taken[1].id, failed(Fault::Mailbox))];
        finish(&sample, NODE, results).await;
        let (first, other) = (taken[0].subscriber.number.0, taken[1].subscriber.number.0);
        assert_eq!(sample.subscriber(list, first).await.bounce, bounce, "{route}");
        assert_eq!(sample.subscriber(list, other).await.bounce, BounceType::Soft, "{route}");
    }
}

#[tokio::test]
async fn what_nobody_was_asked_to_take_is_kept_with_its_age_and_pauses_no_campaign() {
    let mut sample = Sample::open().await;
    sample.settings(|settings| (settings.campaigns.pause_errors, settings.campaigns.pause_percent) = (1, 1));
    sample.subscribe(sample.list, 3, &FieldValues::new()).await;
    let id = planned(&sample, &[sample.list]).await;
    let claimed = claim(&sample, 3).await;
    let now = crate::model::time::UtcTime::now();
    let gone = |due_at| Ending::Later { due_at, reply: "gone".to_owned(), is_try: false, is_uncertain: false };
    let two_days = Duration::from_secs(2 * 86_400);
    let results = vec![
        (claimed[0].id, gone(now.minus(LONG))),
        (claimed[1].id, gone(now.minus(two_days))),
        (claimed[2].id, failed(Fault::Unasked)),
    ];
    finish(&sample, NODE, results).await;
    let again = claim(&sample, 3).await;
    let of = |id: RecipientId| again.iter().find(|one| one.id == id).expect("claimed").first_try_at;
    assert_eq!(of(claimed[0].id), claimed[0].first_try_at, "the time it waits goes on");
    assert!(of(claimed[1].id) > claimed[1].first_try_at, "while its campaign rested, nobody was to ask for it");
    let totals = totals(&sample, id).await;
    assert_eq!((totals.n_failed, totals.n_recent, totals.n_hard, totals.n_soft), (1, 0, 0, 0));
    assert_eq!(settle(&sample, id).await, CampaignState::Sending);
}

#[tokio::test]
async fn two_accounts_share_alike_whatever_one_of_them_has_waiting() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 300, &FieldValues::new()).await;
    planned(&sample, &[sample.list]).await;
    planned(&sample, &[sample.list]).await;
    let mut small = sample;
    (small.account, small.list) = worker(&small, |cx| {
        let (group, billing, delivery) = user_groups::blank(cx, "Small");
        let group = cx.tx.insert_user_group(&group, &billing, &delivery)?;
        let row = accounts::blank(cx, group, "small", "small@example.org", String::new());
        let account = cx.tx.insert_account(&row, &Default::default())?;
        Ok((account, cx.tx.insert_list(&lists::blank(cx, account, "Small"))?))
    })
    .await;
    small.subscribe(small.list, 100, &FieldValues::new()).await;
    planned(&small, &[small.list]).await;
    let claimed = claim(&small, 80).await;
    let of = |account| claimed.iter().filter(|one| (one.account == account) == (account == small.account)).count();
    assert_eq!((claimed.len(), of(small.account)), (80, 40));
    let mut by_campaign: Vec<usize> =
        claimed.chunk_by(|a, b| a.campaign == b.campaign).map(<[Recipient]>::len).collect();
    by_campaign.sort_unstable();
    assert_eq!(by_campaign, [20, 20, 40]);
}
