//! The queue of campaigns, as the workers use it: recipients leased in turns, what became of them recorded in groups.
//!
//! A lease that ends gives its recipient back marked as perhaps sent: it may then get the mail twice, and is never missed (ML-4.4).

mod turns;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::config::Route;
use crate::domain::attempts::{Ending, Fault};
use crate::domain::bounces;
use crate::domain::campaigns::supervise;
use crate::domain::cx::Ctx;
use crate::domain::envelope_senders::Posted;
use crate::domain::workload::WorkError;
use crate::model::ids::{AccountId, CampaignId, ListId, NodeId, RecipientId, SubscriberNumber};
use crate::model::states::{RecipientState, Roster};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::campaigns::{CampaignTotals, ChangedRow, EndedRow, LeasedRow};
use crate::store::rows::subscribers::SubscriberRow;

pub use turns::Turns;

/// Campaigns that share one claim at most.
const MAX_CAMPAIGNS: i64 = 10_000;
/// Leases that one claim gives back at most, when they ended.
const MAX_RETURNED: i64 = 1_000;
/// Replies are kept up to this many characters.
const MAX_REPLY_CHARS: usize = 500;

/// What is to be added to the totals of campaigns.
pub(super) type Sums = BTreeMap<CampaignId, CampaignTotals>;

/// A leased recipient.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// The queue row.
    pub id: RecipientId,
    /// The campaign.
    pub campaign: CampaignId,
    /// Its owner.
    pub account: AccountId,
    /// Who gets it, as it stands now.
    pub subscriber: SubscriberRow,
    /// Counts this one.
    pub n_tries: i64,
    /// When the first try began: the same for every try, so that each makes the same mail.
    pub first_try_at: UtcTime,
    /// It may have got the mail already.
    pub is_uncertain: bool,
}

/// Whether any recipient can be claimed. Cheap, and needs no transaction.
///
/// # Errors
/// [`WorkError`].
pub fn is_due(cx: &mut Ctx<'_>) -> Result<bool, WorkError> {
    cx.administrator()?;
    if cx.tx.is_lease_ended(cx.now)? {
        return Ok(true);
    }
    for campaign in sending(cx)? {
        if cx.tx.find_first_due(campaign.1)?.is_some_and(|at| at <= cx.now) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The campaigns that may be sent from, with their owners, by owner.
fn sending(cx: &mut Ctx<'_>) -> Result<Vec<(AccountId, CampaignId)>, StoreError> {
    let rows = cx.tx.list_sending_campaigns(MAX_CAMPAIGNS)?;
    let settings = &cx.settings.campaigns;
    let is_good = |n_recent, n_errors| !supervise::is_failing(settings, n_recent, n_errors);
    Ok(rows
        .into_iter()
        .filter(|row| is_good(row.n_recent, row.n_recent_errors))
        .map(|row| (row.account_id, row.id))
        .collect())
}

/// Leases up to `n` due recipients for the length of the lease: in turns over accounts, then over the campaigns of each. Who may not be mailed any more
/// (unsubscribed, suppressed, bounced, gone since it was planned) is skipped here, with the reason. Those `held` by the caller already do not come back,
/// even when the clock was set forward meanwhile: their leases begin anew. Order is not promised.
///
/// # Errors
/// [`WorkError`].
pub fn claim(
    cx: &mut Ctx<'_>,
    node: NodeId,
    n: i64,
    lease: Duration,
    held: &[RecipientId],
    turns: &mut Turns,
) -> Result<Vec<Recipient>, WorkError> {
    cx.administrator()?;
    let mut totals = Sums::new();
    let (now, until) = (cx.now, cx.now.plus(lease));
    if cx.tx.is_lease_ended(now)? {
        cx.tx.renew_recipients(held, node, until)?;
    }
    let ended = cx.tx.return_ended_leases(MAX_RETURNED, now, None)?;
    supervise::count_uncertain(&ended, &mut totals);
    let sending = sending(cx)?;
    let mut leased: BTreeMap<(AccountId, CampaignId), Vec<LeasedRow>> = BTreeMap::new();
    turns.share(n, &sending, &mut |account, campaign, share| {
        let rows = cx.tx.lease_recipients(campaign, node, share, now, until)?;
        let n_rows = i64::try_from(rows.len()).unwrap_or(share);
        leased.entry((account, campaign)).or_default().extend(rows);
        Ok::<_, StoreError>(n_rows)
    })?;
    let mut claimed = Vec::new();
    for ((account, campaign), rows) in leased {
        let mut skipped = Vec::new();
        let mut by_list: BTreeMap<ListId, Vec<LeasedRow>> = BTreeMap::new();
        for row in rows {
            by_list.entry(row.list_id).or_default().push(row);
        }
        for (list, rows) in by_list {
            let (good, bad) = look_up(cx, account, list, rows)?;
            let now = cx.now;
            claimed
                .extend(good.into_iter().map(|(row, subscriber)| recipient(account, campaign, &row, subscriber, now)));
            skipped.extend(bad);
        }
        totals.entry(campaign).or_default().n_skipped += skip(cx, node, &skipped)?;
    }
    add(cx, totals)?;
    Ok(claimed)
}

/// A leased row and its subscriber.
type Found = (LeasedRow, SubscriberRow);
/// A leased row that is not to be sent, and why.
type Skipped = (RecipientId, &'static str);

/// The subscribers behind leased rows of one list; those who may not be mailed any more apart.
fn look_up(
    cx: &mut Ctx<'_>,
    account: AccountId,
    list: ListId,
    rows: Vec<LeasedRow>,
) -> Result<(Vec<Found>, Vec<Skipped>), StoreError> {
    if cx.tx.find_list(account, list)?.is_none() {
        return Ok((Vec::new(), rows.into_iter().map(|row| (row.id, "the list is gone")).collect()));
    }
    let numbers: Vec<SubscriberNumber> = rows.iter().map(|row| row.number).collect();
    let mut known: BTreeMap<SubscriberNumber, SubscriberRow> =
        cx.tx.list_subscribers_numbered(list, &numbers)?.into_iter().map(|row| (row.number, row)).collect();
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for row in rows {
        match known.remove(&row.number) {
            None => bad.push((row.id, "the subscriber is gone")),
            Some(subscriber) => match unmailable(subscriber.roster) {
                Some(reason) => bad.push((row.id, reason)),
                None => good.push((row, subscriber)),
            },
        }
    }
    // Suppressions of the whole server do not stand in the subscriber's row.
    let keys: Vec<&str> = good.iter().map(|(_, subscriber)| subscriber.email_key.as_str()).collect();
    let suppressed: BTreeSet<i64> = cx.tx.find_suppressed(account, list, &keys)?.into_iter().collect();
    let mut place = 0;
    good.retain(|(row, _)| {
        let is_suppressed = suppressed.contains(&place);
        place += 1;
        if is_suppressed {
            bad.push((row.id, "suppressed"));
        }
        !is_suppressed
    });
    Ok((good, bad))
}

fn unmailable(roster: Roster) -> Option<&'static str> {
    match roster {
        Roster::Active | Roster::ActiveSoft => None,
        Roster::Hard => Some("the address bounced"),
        Roster::Suppressed => Some("suppressed"),
        Roster::Pending => Some("not confirmed"),
        Roster::Unsubscribed => Some("unsubscribed"),
        Roster::Leaving => Some("about to unsubscribe"),
    }
}

fn recipient(
    account: AccountId,
    campaign: CampaignId,
    row: &LeasedRow,
    subscriber: SubscriberRow,
    now: UtcTime,
) -> Recipient {
    Recipient {
        id: row.id,
        campaign,
        account,
        subscriber,
        n_tries: row.n_tries,
        first_try_at: row.first_try_at.unwrap_or(now),
        is_uncertain: row.is_uncertain,
    }
}

/// Answers how many were skipped.
fn skip(cx: &mut Ctx<'_>, node: NodeId, skipped: &[Skipped]) -> Result<i64, StoreError> {
    if skipped.is_empty() {
        return Ok(0);
    }
    let rows: Vec<EndedRow> = skipped
        .iter()
        .map(|(id, reason)| EndedRow {
            id: *id,
            state: RecipientState::Skipped,
            due_at: cx.now,
            reply: Some((*reason).to_owned()),
            n_back: 1,
        })
        .collect();
    let n_skipped = cx.tx.end_recipients(&rows, node)?.len();
    Ok(i64::try_from(n_skipped).unwrap_or(0))
}

/// Puts recipients back that were not tried, as if they had never been leased: at a graceful stop.
///
/// # Errors
/// [`WorkError`].
pub fn release(cx: &mut Ctx<'_>, node: NodeId, ids: &[RecipientId]) -> Result<(), WorkError> {
    cx.administrator()?;
    if ids.is_empty() {
        return Ok(());
    }
    Ok(cx.tx.release_recipients(ids, node, cx.now)?)
}

/// Records what became of recipients that `node` leased, in one transaction with the campaign's totals and the bounces it tells of. Results of
/// rows that are not leased by it any more are passed over, but for those that were sent.
///
/// # Errors
/// [`WorkError`].
pub fn finish(cx: &mut Ctx<'_>, node: NodeId, results: &[(RecipientId, &Ending)]) -> Result<(), WorkError> {
    cx.administrator()?;
    let by_id: BTreeMap<RecipientId, &Ending> = results.iter().copied().collect();
    let rows: Vec<EndedRow> = by_id.iter().map(|(id, ending)| ended(*id, ending, cx.now)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let changed = cx.tx.end_recipients(&rows, node)?;
    let mut totals = Sums::new();
    let (mut uncertain, mut bounced) = (Vec::new(), Vec::new());
    let mut taken: BTreeMap<ListId, Vec<SubscriberNumber>> = BTreeMap::new();
    for row in changed {
        let Some(ending) = by_id.get(&row.id) else { continue };
        count(totals.entry(row.campaign_id).or_default(), ending);
        match ending {
            Ending::Sent { .. } => taken.entry(row.list_id).or_default().push(row.number),
            Ending::Later { is_uncertain: true, .. } => uncertain.push(row.id),
            Ending::Failed { fault, reply } => bounced.push((row, *fault, reply)),
            _ => {}
        }
    }
    if !uncertain.is_empty() {
        for row in cx.tx.mark_uncertain(&uncertain)? {
            totals.entry(row.campaign_id).or_default().n_uncertain += 1;
        }
    }
    tell_lists(cx, taken, bounced)?;
    Ok(add(cx, totals)?)
}

/// Tells the lists of what mailboxes took and what bounced.
fn tell_lists(
    cx: &mut Ctx<'_>,
    taken: BTreeMap<ListId, Vec<SubscriberNumber>>,
    mut bounced: Vec<(ChangedRow, Fault, &String)>,
) -> Result<(), WorkError> {
    let mut recovered = BTreeMap::new();
    // A relay that took a mail says nothing of the mailbox (ML-8.10).
    if cx.settings.mail.route() == Route::Mx {
        for (list, numbers) in taken {
            recovered.insert(list, cx.tx.list_soft_bounced(list, &numbers)?);
        }
        recovered.retain(|_, numbers| !numbers.is_empty());
    }
    let changing = bounced.iter().filter(|(_, fault, _)| matches!(fault, Fault::Address | Fault::Mailbox));
    let of_bounced: BTreeSet<ListId> = changing.map(|(row, ..)| row.list_id).collect();
    let lists: BTreeSet<ListId> = recovered.keys().chain(&of_bounced).copied().collect();
    if !lists.is_empty() {
        // All at once, so that two recorders never wait for each other's lists in a circle.
        cx.tx.hold_lists(&Vec::from_iter(lists), "", !of_bounced.is_empty())?;
    }
    for (list, numbers) in recovered {
        bounces::delivered(cx, list, &numbers)?;
    }
    bounced.sort_by_key(|(row, ..)| (row.list_id, row.number));
    for (row, fault, reply) in bounced {
        if let Some(campaign) = cx.tx.find_any_campaign(row.campaign_id)? {
            let posted = Posted::Recipient(row.id);
            bounces::note_at_sending(cx, posted, campaign.account_id, row.list_id, row.number, fault, reply)?;
        }
    }
    Ok(())
}

/// Counts a bounce that came back later to the campaign whose mail it was.
pub(in crate::domain) fn count_bounce(cx: &mut Ctx<'_>, id: RecipientId, is_hard: bool) -> Result<(), StoreError> {
    let Some(row) = cx.tx.find_recipient(id)? else { return Ok(()) };
    cx.tx.add_campaign_bounces(row.campaign_id, i64::from(is_hard), i64::from(!is_hard))
}

/// Adds to the totals of campaigns. Last in its transaction and in the order of the campaigns, so that recorders neither wait long for each other nor in a
/// circle.
pub(super) fn add(cx: &mut Ctx<'_>, totals: Sums) -> Result<(), StoreError> {
    let window = i64::from(cx.settings.campaigns.pause_window);
    for (campaign, more) in totals.into_iter().filter(|(_, more)| *more != CampaignTotals::default()) {
        cx.tx.add_campaign_totals(campaign, &more, window)?;
    }
    Ok(())
}

fn ended(id: RecipientId, ending: &Ending, now: UtcTime) -> EndedRow {
    let (state, due_at, reply, n_back) = match ending {
        Ending::Sent { reply } => (RecipientState::Sent, now, reply, 0),
        Ending::Later { due_at, reply, is_try, .. } => (RecipientState::Pending, *due_at, reply, i64::from(!*is_try)),
        Ending::Failed { reply, .. } => (RecipientState::Failed, now, reply, 0),
        Ending::Skipped { reason } => (RecipientState::Skipped, now, reason, 1),
    };
    // Some replies hold bytes that PostgreSQL refuses in a text.
    let reply = reply.chars().take(MAX_REPLY_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    EndedRow { id, state, due_at, reply: Some(reply), n_back }
}

fn count(totals: &mut CampaignTotals, ending: &Ending) {
    match ending {
        Ending::Sent { .. } => {
            totals.n_sent += 1;
            totals.n_recent += 1;
        }
        Ending::Failed { fault, .. } => {
            totals.n_failed += 1;
            // A relay that is gone rests by itself: that is no reason to pause the campaign (ML-4.8).
            totals.n_recent += i64::from(*fault != Fault::Unasked);
            match fault {
                Fault::Address => totals.n_hard += 1,
                Fault::Mailbox => totals.n_soft += 1,
                Fault::Ours => totals.n_recent_errors += 1,
                Fault::Unasked => {}
            }
        }
        Ending::Skipped { .. } => totals.n_skipped += 1,
        Ending::Later { .. } => {}
    }
}
