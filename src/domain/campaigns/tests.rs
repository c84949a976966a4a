//! What campaigns promise, on SQLite or on the server that `UNDERSTUDY_TEST_DATABASE` names.

mod course;
mod life;
mod queue;

use std::time::Duration;

use super::recipients::{self, Recipient, Turns};
use super::{Audience, NewCampaign, Totals, course as on, plan, supervise};
use crate::domain::attempts::{Ending, Fault};
use crate::domain::cx::Ctx;
use crate::domain::keys;
use crate::domain::messages;
use crate::domain::sample::{self, Sample};
use crate::domain::workload::WorkError;
use crate::model::ids::{AccountId, CampaignId, ListId, MessageId, NodeId, RecipientId, SubscriberNumber};
use crate::model::states::{CampaignState, RecipientState, Roster};
use crate::store::rows::campaigns::CampaignRow;

const NODE: NodeId = NodeId(7);
const OTHER: NodeId = NodeId(8);
const LONG: Duration = Duration::from_secs(600);

/// Lets an account act, as its owner.
fn act(cx: &mut Ctx<'_>, account: AccountId) {
    cx.actor = crate::domain::cx::Actor::System;
    keys::act_for(cx, account).expect("an account that may act");
}

async fn message(sample: &Sample, account: AccountId) -> MessageId {
    let draft = sample::message();
    sample.write(move |cx| Ok(messages::insert(cx, account, draft)?)).await.expect("message")
}

/// A draft of the sample's account to whole lists.
async fn draft(sample: &Sample, lists: &[ListId]) -> CampaignId {
    draft_to(sample, lists.iter().copied().map(Audience::whole).collect()).await
}

async fn draft_to(sample: &Sample, audiences: Vec<Audience>) -> CampaignId {
    let account = sample.account;
    let message = message(sample, account).await;
    sample
        .write(move |cx| {
            act(cx, account);
            Ok(super::create(cx, &NewCampaign { name: "Spring".to_owned(), message, audiences }).expect("draft"))
        })
        .await
        .expect("draft")
}

/// A campaign that is started and planned.
async fn planned(sample: &Sample, lists: &[ListId]) -> CampaignId {
    let id = draft(sample, lists).await;
    started(sample, id).await;
    plan_all(sample, id).await;
    id
}

async fn started(sample: &Sample, id: CampaignId) {
    let state = owner(sample, move |cx| on::start(cx, id).expect("started")).await;
    assert_eq!(state, CampaignState::Sending);
}

/// Runs `f` as the sample's account.
async fn owner<T: Send + 'static>(sample: &Sample, f: impl FnOnce(&mut Ctx<'_>) -> T + Send + 'static) -> T {
    let account = sample.account;
    let result = sample.write(move |cx| {
        act(cx, account);
        Ok(f(cx))
    });
    result.await.expect("done")
}

/// Runs `f` as a worker.
async fn worker<T: Send + 'static>(
    sample: &Sample,
    f: impl FnOnce(&mut Ctx<'_>) -> Result<T, WorkError> + Send + 'static,
) -> T {
    sample.write(f).await.expect("done")
}

async fn plan_all(sample: &Sample, id: CampaignId) -> usize {
    let mut n_pieces = 1;
    while worker(sample, move |cx| plan::step(cx, id)).await {
        n_pieces += 1;
    }
    n_pieces
}

async fn claim_for(sample: &Sample, node: NodeId, n: i64, lease: Duration) -> Vec<Recipient> {
    worker(sample, move |cx| recipients::claim(cx, node, n, lease, &[], &mut Turns::default())).await
}

async fn claim(sample: &Sample, n: i64) -> Vec<Recipient> {
    claim_for(sample, NODE, n, LONG).await
}

async fn finish(sample: &Sample, node: NodeId, results: Vec<(RecipientId, Ending)>) {
    worker(sample, move |cx| {
        let results: Vec<_> = results.iter().map(|(id, ending)| (*id, ending)).collect();
        recipients::finish(cx, node, &results)
    })
    .await;
}

/// Ends all of them alike.
async fn finish_all(sample: &Sample, claimed: &[Recipient], ending: Ending) {
    finish(sample, NODE, claimed.iter().map(|one| (one.id, ending.clone())).collect()).await;
}

fn sent() -> Ending {
    Ending::Sent { reply: "250 taken".to_owned() }
}

fn failed(fault: Fault) -> Ending {
    Ending::Failed { reply: "550 no".to_owned(), fault }
}

async fn campaign(sample: &Sample, id: CampaignId) -> CampaignRow {
    worker(sample, move |cx| Ok(cx.tx.find_any_campaign(id)?.expect("campaign"))).await
}

async fn settle(sample: &Sample, id: CampaignId) -> CampaignState {
    worker(sample, move |cx| supervise::settle(cx, id)).await;
    campaign(sample, id).await.state
}

/// The totals of a campaign, after they were compared with what counting its rows gives.
async fn totals(sample: &Sample, id: CampaignId) -> Totals {
    worker(sample, move |cx| {
        let totals = cx.tx.find_campaign_totals(id)?.expect("totals");
        let kept = [totals.n_sent, totals.n_failed, totals.n_skipped];
        let mut counted = Vec::new();
        for state in [RecipientState::Sent, RecipientState::Failed, RecipientState::Skipped] {
            counted.push(cx.tx.count_recipients_in(id, state)?);
        }
        assert_eq!(kept.as_slice(), counted, "the totals are what counting gives");
        Ok(totals)
    })
    .await
}

fn numbers(claimed: &[Recipient]) -> Vec<i64> {
    let mut numbers: Vec<i64> = claimed.iter().map(|one| one.subscriber.number.0).collect();
    numbers.sort_unstable();
    numbers
}

/// Lets a subscriber stand in another roster by changing its row.
fn change(
    cx: &mut Ctx<'_>,
    list: ListId,
    number: i64,
    f: impl FnOnce(&mut crate::store::rows::subscribers::SubscriberRow),
) {
    let mut row = cx.tx.find_subscriber(list, SubscriberNumber(number)).expect("store").expect("subscriber");
    let was = row.roster;
    f(&mut row);
    row.roster = Roster::of(row.status, row.bounce, row.is_suppressed);
    cx.tx.update_subscriber(&row, was, cx.now).expect("store");
}

/// One more subscriber with this address.
async fn join(sample: &Sample, list: ListId, email: &'static str) {
    worker(sample, move |cx| {
        let number = cx.tx.take_number(list, Roster::Active, cx.now)?;
        let mut row = sample::subscriber(list, number);
        (row.email, row.email_key) = (email.to_owned(), email.to_owned());
        Ok(cx.tx.insert_subscriber(&row)?)
    })
    .await;
}
