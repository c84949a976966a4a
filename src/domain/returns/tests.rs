//! What bounces, complaints and unsubscriptions by mail do to subscribers, counted once and only where they are proven.

use super::*;
use crate::domain::attempts::Fault;
use crate::domain::campaigns::plan;
use crate::domain::outbox::{self, NewMail};
use crate::domain::sample::{self, Sample};
use crate::domain::subscribers::browse::{Page, Segment, Sort, browse};
use crate::domain::workload::WorkError;
use crate::model::ids::MailId;
use crate::model::states::{BounceType, ConsentEvent, MailPurpose, Roster, SubscriptionStatus, SuppressionReason};
use crate::store::rows::subscribers::SubscriberRow;

const DAY: i64 = 24 * 3600 * 1_000_000;

/// A list with `1@example.com`, and a mail to it.
async fn mailed(sample: &Sample) -> Posted {
    let (account, list) = (sample.account, sample.list);
    sample.subscribe(list, 1, &Default::default()).await;
    mail(sample, account, list).await
}

async fn mail(sample: &Sample, account: AccountId, list: ListId) -> Posted {
    let new = NewMail {
        account,
        list,
        number: SubscriberNumber(1),
        purpose: MailPurpose::SingleSending,
        ..sample::mail("1@example.com")
    };
    Posted::Mail(sample.write(move |cx| Ok(outbox::queue_mail(cx, new)?)).await.expect("queue"))
}

fn failed(fault: Fault) -> Says {
    Says::Report(vec![recipient("1@example.com", Fate::Failed(fault))])
}

fn recipient(address: &str, fate: Fate) -> Recipient {
    Recipient {
        addresses: vec![address.to_owned()],
        fate,
        code: "5.1.1".to_owned(),
        diagnostic: "550 5.1.1 gone".to_owned(),
    }
}

fn receipt() -> Receipt {
    let mail = Mail { n_bytes: 5, beginning: "Hi\0".to_owned(), ..Mail::default() };
    Receipt { source: "mail", trust: Trust::Token, event_id: "e".to_owned(), mail: Some(mail) }
}

async fn take_at(sample: &Sample, posted: Option<Posted>, says: Says, receipt: Receipt, days: i64) -> Taken {
    sample
        .write(move |cx| {
            cx.now = UtcTime(cx.now.0 + days * DAY);
            take(cx, &Returned { posted, says }, &receipt).map_err(of_return)
        })
        .await
        .expect("taken")
}

fn of_return(error: ReturnError) -> WorkError {
    match error {
        ReturnError::Denied(error) => error.into(),
        ReturnError::Store(error) => error.into(),
        ReturnError::Unavailable(error) => error.into(),
        ReturnError::NoKept(id) => panic!("nothing is kept under {id}"),
    }
}

async fn take_one(sample: &Sample, posted: Posted, says: Says) -> Taken {
    take_at(sample, Some(posted), says, receipt(), 0).await
}

async fn subscriber(sample: &Sample, list: ListId) -> SubscriberRow {
    let find = move |cx: &mut Ctx<'_>| Ok(cx.tx.find_subscriber(list, SubscriberNumber(1))?.expect("subscriber"));
    sample.write(find).await.expect("look")
}

async fn reasons(sample: &Sample) -> Vec<SuppressionReason> {
    let account = sample.account;
    let look = move |cx: &mut Ctx<'_>| Ok(cx.tx.list_suppressions_of(account, "1@example.com")?);
    sample.write(look).await.expect("look").iter().map(|row| row.reason).collect()
}

async fn n_kept(sample: &Sample) -> usize {
    sample.write(|cx| list_kept(cx).map_err(of_return)).await.expect("look").len()
}

#[tokio::test]
async fn a_hard_bounce_stops_mail_on_every_list_of_the_account_and_counts_once() {
    let sample = Sample::open().await;
    let posted = mailed(&sample).await;
    let other = sample.another_list().await;
    sample.subscribe(other, 1, &Default::default()).await;
    assert_eq!(take_one(&sample, posted, failed(Fault::Address)).await, Taken::HardBounce);
    assert_eq!(take_one(&sample, posted, failed(Fault::Address)).await, Taken::Repeated);
    for list in [sample.list, other] {
        let row = subscriber(&sample, list).await;
        assert_eq!((row.bounce, row.is_suppressed, row.roster), (BounceType::Hard, true, Roster::Hard));
        let totals = sample.write(move |cx| Ok(cx.tx.find_list_totals(list)?)).await.expect("look").expect("totals");
        assert_eq!((totals.n_active, totals.n_suppressed, totals.n_hard), (0, 0, 1));
    }
    assert_eq!(reasons(&sample).await, [SuppressionReason::HardBounce]);
    let list = sample.list;
    let log = sample.write(move |cx| Ok(cx.tx.list_consent(list, SubscriberNumber(1))?)).await.expect("log");
    assert_eq!(
        log.iter().map(|entry| entry.event).collect::<Vec<_>>(),
        [ConsentEvent::HardBounce, ConsentEvent::Suppress]
    );
    let events =
        sample.write(move |cx| events(cx, list, SubscriberNumber(1)).map_err(of_return)).await.expect("events");
    assert_eq!((events.len(), events[0].kind, events[0].code.as_str()), (1, ReturnKind::HardBounce, "5.1.1"));
}

#[tokio::test]
async fn who_bounced_is_found_among_the_hard_bounced_and_never_mailed() {
    let sample = Sample::open().await;
    let posted = mailed(&sample).await;
    let (account, list) = (sample.account, sample.list);
    sample.subscribe(list, 1, &Default::default()).await;
    assert_eq!(take_one(&sample, posted, failed(Fault::Address)).await, Taken::HardBounce);
    let counts = sample.write(move |cx| {
        crate::domain::keys::act_for(cx, account).expect("account");
        let mut counts = Vec::new();
        for segment in [Segment::Active, Segment::SoftBounced, Segment::HardBounced, Segment::Suppressed] {
            let page =
                Page { list, segment, sort: Sort::Number, is_descending: false, offset: 0, limit: None, search: None };
            let found = browse(cx, &page).expect("page");
            assert_eq!(found.n_total, found.subscribers.what.len() as i64, "{segment:?}");
            counts.push(found.n_total);
        }
        Ok(counts)
    });
    assert_eq!(counts.await.expect("counts"), [1, 0, 1, 0]);
    let id = sample.start_campaign(&[list]).await;
    let planned = sample.write(move |cx| {
        while plan::step(cx, id)? {}
        Ok(())
    });
    planned.await.expect("planned");
    assert_eq!(sample.campaign(id).await.0.n_recipients, 1, "it goes to the other one only");
}

#[tokio::test]
async fn soft_bounces_stop_mail_after_several_in_a_row_over_days() {
    let sample = Sample::open().await;
    mailed(&sample).await;
    let (account, list) = (sample.account, sample.list);
    for (day, expected) in [
        (0, Taken::SoftBounce),
        (1, Taken::SoftBounce),
        (2, Taken::SoftBounce),
        (3, Taken::SoftBounce),
        (7, Taken::LastSoftBounce),
    ] {
        let posted = mail(&sample, account, list).await;
        let taken = take_at(&sample, Some(posted), failed(Fault::Mailbox), receipt(), day).await;
        assert_eq!(taken, expected, "day {day}");
        if expected == Taken::SoftBounce {
            assert_eq!(subscriber(&sample, list).await.roster, Roster::ActiveSoft);
        }
    }
    assert_eq!(subscriber(&sample, list).await.bounce, BounceType::Hard);
    assert_eq!(reasons(&sample).await, [SuppressionReason::HardBounce]);
}

#[tokio::test]
async fn a_delivery_or_a_long_time_starts_the_count_again() {
    let sample = Sample::open().await;
    mailed(&sample).await;
    let (account, list) = (sample.account, sample.list);
    let soft_at = async |day| {
        let posted = mail(&sample, account, list).await;
        take_at(&sample, Some(posted), failed(Fault::Mailbox), receipt(), day).await
    };
    for day in [0, 3, 6] {
        soft_at(day).await;
    }
    let reset = move |cx: &mut Ctx<'_>| Ok(bounces::reset(cx, list, &[SubscriberNumber(1), SubscriberNumber(2)])?);
    sample.write(reset).await.expect("delivered");
    assert_eq!(subscriber(&sample, list).await.roster, Roster::Active);
    for day in [9, 12, 15, 62, 63] {
        assert_eq!(soft_at(day).await, Taken::SoftBounce, "day {day}");
    }
    let swept = sample
        .write(|cx| {
            cx.now = UtcTime(cx.now.0 + 200 * DAY);
            Ok(sweep(cx, 10)?)
        })
        .await
        .expect("sweep");
    assert_eq!(swept, 1);
    assert_eq!(subscriber(&sample, list).await.roster, Roster::Active);
}

#[tokio::test]
async fn our_own_faults_change_nobody() {
    let sample = Sample::open().await;
    let posted = mailed(&sample).await;
    assert_eq!(take_one(&sample, posted, failed(Fault::Ours)).await, Taken::Refused);
    assert_eq!(subscriber(&sample, sample.list).await.roster, Roster::Active);
    assert!(reasons(&sample).await.is_empty());
}

#[tokio::test]
async fn a_complaint_unsubscribes_from_every_list_suppresses_and_mails_nobody() {
    let sample = Sample::open().await;
    let posted = mailed(&sample).await;
    let other = sample.another_list().await;
    sample.subscribe(other, 1, &Default::default()).await;
    for list in [sample.list, other] {
        sample
            .change_list(list, move |row| {
                row.notify_activity = true;
                row.opt_out_subscribe_to = if list == other { ListId(1) } else { ListId::NONE };
            })
            .await;
    }
    let complained = || Says::Complained { kind: "abuse".to_owned(), addresses: Vec::new() };
    assert_eq!(take_one(&sample, posted, complained()).await, Taken::Complaint);
    assert_eq!(take_one(&sample, posted, complained()).await, Taken::Repeated);
    for list in [sample.list, other] {
        let row = subscriber(&sample, list).await;
        assert_eq!((row.status, row.is_suppressed), (SubscriptionStatus::Unsubscribed, true));
    }
    assert_eq!(reasons(&sample).await, [SuppressionReason::Complaint]);
    let mails = sample.write(|cx| Ok(cx.tx.find_posted_mail(MailId(2))?)).await.expect("look");
    assert_eq!(mails, None, "only the mail that was complained about");
    let log = sample.write(move |cx| Ok(cx.tx.list_consent(other, SubscriberNumber(1))?)).await.expect("log");
    assert_eq!(
        log.iter().map(|entry| entry.event).collect::<Vec<_>>(),
        [ConsentEvent::Complaint, ConsentEvent::Unsubscribe, ConsentEvent::Suppress]
    );
}

#[tokio::test]
async fn a_mail_to_the_unsubscribe_address_unsubscribes_once() {
    let sample = Sample::open().await;
    let posted = mailed(&sample).await;
    assert_eq!(take_one(&sample, posted, Says::Leaves).await, Taken::Unsubscribed);
    assert_eq!(take_one(&sample, posted, Says::Leaves).await, Taken::Repeated);
    assert_eq!(subscriber(&sample, sample.list).await.status, SubscriptionStatus::Unsubscribed);
}

#[tokio::test]
async fn what_nobody_vouches_for_changes_nothing_and_is_kept() {
    let sample = Sample::open().await;
    mailed(&sample).await;
    for says in [failed(Fault::Address), Says::Leaves, Says::Unreadable("no headers")] {
        let taken = take_at(&sample, None, says, receipt(), 0).await;
        assert!(matches!(taken, Taken::Kept(_)), "{taken:?}");
    }
    let taken = take_one(&sample, Posted::Mail(MailId(99)), failed(Fault::Address)).await;
    assert!(matches!(taken, Taken::Kept(_)), "{taken:?}");
    assert_eq!(subscriber(&sample, sample.list).await.roster, Roster::Active);
    assert_eq!(n_kept(&sample).await, 4);
}

#[tokio::test]
async fn a_provider_vouches_for_the_addresses_it_names() {
    let sample = Sample::open().await;
    mailed(&sample).await;
    let call = || Receipt { source: "ses", trust: Trust::Provider, event_id: "e1".to_owned(), mail: None };
    assert_eq!(take_at(&sample, None, failed(Fault::Address), call(), 0).await, Taken::HardBounce);
    assert_eq!(take_at(&sample, None, failed(Fault::Address), call(), 0).await, Taken::Repeated);
    let complained = Says::Complained { kind: "abuse".to_owned(), addresses: vec!["1@EXAMPLE.com".to_owned()] };
    assert_eq!(take_at(&sample, None, complained, call(), 0).await, Taken::Complaint);
    let taken =
        take_at(&sample, None, Says::Report(vec![recipient("x@example.net", Fate::Delivered)]), call(), 0).await;
    assert!(matches!(taken, Taken::Kept(_)), "{taken:?}");
}

#[tokio::test]
async fn a_report_counts_for_the_mails_own_recipient() {
    let sample = Sample::open().await;
    let posted = mailed(&sample).await;
    let mixed = Says::Report(vec![
        recipient("other@example.net", Fate::Failed(Fault::Address)),
        recipient("1@EXAMPLE.com", Fate::Open),
    ]);
    assert!(matches!(take_one(&sample, posted, mixed).await, Taken::Nothing(_)));
    let forwarded = Says::Report(vec![
        recipient("home@example.net", Fate::Delivered),
        recipient("old@example.net", Fate::Failed(Fault::Address)),
    ]);
    assert!(matches!(take_one(&sample, posted, forwarded).await, Taken::Nothing(_)));
    assert_eq!(subscriber(&sample, sample.list).await.roster, Roster::Active);
    let gone = Says::Report(vec![recipient("old@example.net", Fate::Failed(Fault::Address))]);
    assert_eq!(take_one(&sample, posted, gone).await, Taken::HardBounce);
}

#[tokio::test]
async fn an_address_that_was_changed_since_is_not_blamed() {
    let sample = Sample::open().await;
    let posted = mailed(&sample).await;
    let list = sample.list;
    let change = move |cx: &mut Ctx<'_>| {
        let mut row = cx.tx.find_subscriber(list, SubscriberNumber(1))?.expect("subscriber");
        row.email = "new@example.com".to_owned();
        row.email_key = row.email.clone();
        Ok(cx.tx.update_subscriber(&row, row.roster, cx.now)?)
    };
    sample.write(change).await.expect("change");
    assert_eq!(take_one(&sample, posted, failed(Fault::Address)).await, Taken::HardBounce);
    assert_eq!(subscriber(&sample, list).await.roster, Roster::Active);
    assert_eq!(reasons(&sample).await, [SuppressionReason::HardBounce], "the old address");
}

#[tokio::test]
async fn what_comes_back_counts_for_the_warm_up_of_its_sender() {
    let sample = Sample::open().await;
    let posted = mailed(&sample).await;
    let (account, list) = (sample.account, sample.list);
    let noted = sample.write(move |cx| {
        warm_ups::begin(cx, "example.org", 100).expect("begun");
        warm_ups::take(cx, "example.org", "").expect("taken");
        let reply = "452 4.2.2 full";
        bounces::note_at_sending(cx, posted, account, list, SubscriberNumber(1), Fault::Mailbox, reply).expect("noted");
        Ok(())
    });
    noted.await.expect("noted");
    let complaint = || Says::Complained { kind: "abuse".to_owned(), addresses: Vec::new() };
    for _ in 0..2 {
        take_one(&sample, posted, complaint()).await;
    }
    let find = |cx: &mut Ctx<'_>| Ok(cx.tx.find_warm_up_count("example.org", "")?.expect("counted"));
    let count = sample.write(find).await.expect("look");
    assert_eq!((count.n_taken, count.n_bounced, count.n_complained), (5, 1, 1), "each counts once");
}

#[tokio::test]
async fn failures_while_sending_are_bounces_too() {
    let sample = Sample::open().await;
    let posted = mailed(&sample).await;
    let (account, list) = (sample.account, sample.list);
    let taken = sample
        .write(move |cx| {
            let number = SubscriberNumber(1);
            let said =
                bounces::note_at_sending(cx, posted, account, list, number, Fault::Address, "550 5.1.1 no such user");
            Ok(said.expect("noted"))
        })
        .await
        .expect("noted");
    assert_eq!(taken, Taken::HardBounce);
    let events = sample.write(move |cx| Ok(cx.tx.list_return_events(list, SubscriberNumber(1))?)).await.expect("look");
    assert_eq!((events[0].source.as_str(), events[0].code.as_str()), ("sending", "5.1.1"));
}

#[tokio::test]
async fn unclear_bounces_count_and_only_so_many_mails_are_kept() {
    let sample = Sample::open().await;
    let posted = mailed(&sample).await;
    let unclear = Says::Unclear { diagnostic: "Leider\0nicht".to_owned() };
    assert_eq!(take_one(&sample, posted, unclear).await, Taken::SoftBounce);
    let kept = sample.write(|cx| list_kept(cx).map_err(of_return)).await.expect("look");
    assert_eq!((kept.len(), kept[0].message.as_str()), (1, "Hi\u{FFFD}"));
    sample.write(|cx| Ok(cx.tx.trim_kept_returns(0)?)).await.expect("trim");
    assert_eq!(n_kept(&sample).await, 0);
}

#[tokio::test]
async fn a_deleted_list_takes_its_events_along() {
    let sample = Sample::open().await;
    let posted = mailed(&sample).await;
    take_one(&sample, posted, failed(Fault::Mailbox)).await;
    let list = sample.list;
    let purged = sample.write(move |cx| Ok((cx.tx.purge_returns(list, 10)?, cx.tx.purge_returns(list, 10)?))).await;
    assert_eq!(purged.expect("purge"), (1, 0));
}
