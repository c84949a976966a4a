//! Sender domains that start slowly: so many messages on the first day to each group of destinations, twice as many on each further one while few of
//! them come back (ML-3.6).

use crate::domain::access::Denied;
use crate::domain::cx::Ctx;
use crate::domain::destinations;
use crate::domain::envelope_senders::Posted;
use crate::domain::messages::versions;
use crate::model::ids::{AccountId, ListId, MessageId};
use crate::model::states::ReturnKind;
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::sender_domains::{WarmUpCountRow, WarmUpRow};

const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;
/// A warm-up is over once its day lets this many through.
const OVER: i64 = 1_000_000;
/// As soon as one of so many messages of a day bounces, the next day lets no more through: 2 %.
const MESSAGES_A_BOUNCE: i64 = 50;
/// As for bounces, for complaints: 0.1 %.
const MESSAGES_A_COMPLAINT: i64 = 1_000;

/// Why a warm-up was not begun, looked at or counted.
#[derive(Debug, thiserror::Error)]
pub enum WarmUpError {
    /// Not one message a day or more.
    #[error("a warm-up begins with 1 to {OVER} messages a day")]
    BadCap,
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// The domain has no warm-up, or it is over.
    Unbounded,
    /// So many now; whoever sends more asks again.
    Some(u64),
    /// None until then.
    NoneUntil(UtcTime),
}

/// Begins a warm-up today, or begins it anew.
///
/// # Errors
/// [`WarmUpError`].
pub fn begin(cx: &mut Ctx<'_>, domain: &str, first_cap: i64) -> Result<(), WarmUpError> {
    cx.administrator()?;
    if !(1..=OVER).contains(&first_cap) {
        return Err(WarmUpError::BadCap);
    }
    let row = WarmUpRow { domain: domain.to_ascii_lowercase(), first_day: day_of(cx.now), first_cap };
    Ok(cx.tx.put_warm_up(&row)?)
}

/// Ends a warm-up.
///
/// # Errors
/// [`WarmUpError`].
pub fn end(cx: &mut Ctx<'_>, domain: &str) -> Result<(), WarmUpError> {
    cx.administrator()?;
    Ok(cx.tx.delete_warm_up(&domain.to_ascii_lowercase())?)
}

/// How many messages a domain in its warm-up may send to a group of destinations today; `None` when it has no warm-up, or it is over there.
///
/// # Errors
/// [`WarmUpError`].
pub fn find_cap(cx: &mut Ctx<'_>, domain: &str, destination: &str) -> Result<Option<i64>, WarmUpError> {
    cx.administrator()?;
    let domain = domain.to_ascii_lowercase();
    let Some(row) = cx.tx.find_warm_up(&domain)? else { return Ok(None) };
    let count = cx.tx.find_warm_up_count(&domain, destination)?;
    let day = day_of(cx.now);
    let n_held = count.map_or(0, |count| count.n_held + n_more_held(&count, day));
    Ok(Some(cap_on(&row, day, n_held)).filter(|cap| *cap < OVER))
}

/// Takes a share of the day's messages to a group of destinations for one node: a twentieth of them, so that a node that dies wastes little and several
/// share the day.
///
/// # Errors
/// [`WarmUpError`].
pub fn take(cx: &mut Ctx<'_>, domain: &str, destination: &str) -> Result<Allowance, WarmUpError> {
    let Some(cap) = find_cap(cx, domain, destination)? else { return Ok(Allowance::Unbounded) };
    let (domain, day) = (domain.to_ascii_lowercase(), day_of(cx.now));
    match cx.tx.find_warm_up_count(&domain, destination)? {
        None => cx.tx.begin_warm_up_count(&blank(&domain, destination, day))?,
        Some(count) if count.day < day => cx.tx.turn_warm_up(&count, day, n_more_held(&count, day))?,
        Some(_) => {}
    }
    for share in [(cap / 20).max(1), 1] {
        if cx.tx.take_of_warm_up(&domain, destination, share, cap)? {
            return Ok(Allowance::Some(u64::try_from(share).unwrap_or(1)));
        }
    }
    Ok(Allowance::NoneUntil(UtcTime((day + 1).saturating_mul(DAY_MICROS))))
}

/// Counts a mail to an address that came back, if its sender domain is in its warm-up.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn note_return(
    cx: &mut Ctx<'_>,
    posted: Posted,
    address: &str,
    kind: ReturnKind,
) -> Result<(), StoreError> {
    let (n_bounced, n_complained) = match kind {
        ReturnKind::HardBounce | ReturnKind::SoftBounce | ReturnKind::Refused => (1, 0),
        ReturnKind::Complaint => (0, 1),
        ReturnKind::Unsubscribed => return Ok(()),
    };
    if !cx.tx.is_any_warm_up()? {
        return Ok(());
    }
    let Some(sender) = sender_of(cx, posted)? else { return Ok(()) };
    let domain = sender.rsplit_once('@').map_or("", |(_, domain)| domain).to_ascii_lowercase();
    cx.tx.add_to_warm_up(&domain, destinations::group_of(address), n_bounced, n_complained)
}

/// The sender address of a mail that was sent; `None` when it is known no more.
fn sender_of(cx: &mut Ctx<'_>, posted: Posted) -> Result<Option<String>, StoreError> {
    let own = match posted {
        Posted::Mail(id) => cx.tx.find_mail_sender(id)?,
        Posted::Recipient(id) => {
            let Some(row) = cx.tx.find_recipient(id)? else { return Ok(None) };
            let Some(campaign) = cx.tx.find_any_campaign(row.campaign_id)? else { return Ok(None) };
            sender_of_message(cx, campaign.account_id, row.list_id, campaign.message_id)?
        }
    };
    Ok(own.map(|own| if own.trim().is_empty() { cx.settings.mail.from_email.clone() } else { own }))
}

fn sender_of_message(
    cx: &mut Ctx<'_>,
    account: AccountId,
    list: ListId,
    message: MessageId,
) -> Result<Option<String>, StoreError> {
    let Some(message) = versions::find(cx, account, list, message)? else { return Ok(None) };
    let own =
        message.versions.iter().map(|version| version.text.sender_email.clone()).find(|own| !own.trim().is_empty());
    match own {
        Some(own) => Ok(Some(own)),
        None => Ok(cx.tx.find_list(account, list)?.map(|list| list.sender_email)),
    }
}

fn blank(domain: &str, destination: &str, day: i64) -> WarmUpCountRow {
    let (domain, destination) = (domain.to_owned(), destination.to_owned());
    WarmUpCountRow { domain, destination, day, n_taken: 0, n_bounced: 0, n_complained: 0, n_held: 0 }
}

/// How many more days are held once a page is turned from its own day to this one: all between, when too much came back.
fn n_more_held(count: &WarmUpCountRow, day: i64) -> i64 {
    let is_many = |n: i64, messages: i64| n > 0 && n.saturating_mul(messages) >= count.n_taken;
    let is_bad = is_many(count.n_bounced, MESSAGES_A_BOUNCE) || is_many(count.n_complained, MESSAGES_A_COMPLAINT);
    if is_bad { (day - count.day).max(0) } else { 0 }
}

fn day_of(now: UtcTime) -> i64 {
    now.0.div_euclid(DAY_MICROS)
}

fn cap_on(row: &WarmUpRow, day: i64, n_held: i64) -> i64 {
    let n_doublings = u32::try_from((day - row.first_day - n_held).clamp(0, 30)).unwrap_or(0);
    row.first_cap.saturating_mul(1 << n_doublings)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::outbox;
    use crate::domain::sample::{self, Sample};
    use crate::domain::workload::WorkError;

    /// How many messages may go on one day.
    fn n_on(cx: &mut Ctx<'_>, now: UtcTime) -> Result<u64, WorkError> {
        cx.now = now;
        let mut n = 0;
        loop {
            match take(cx, "Example.org", "").map_err(|error| error.to_string()).expect("taken") {
                Allowance::Some(share) => n += share,
                Allowance::Unbounded => return Ok(u64::MAX),
                Allowance::NoneUntil(then) => {
                    assert!(then.0 > now.0 && then.0 - now.0 <= DAY_MICROS);
                    return Ok(n);
                }
            }
        }
    }

    #[tokio::test]
    async fn each_day_lets_twice_as_many_through_until_it_is_over() {
        let sample = Sample::open().await;
        let counted = sample.write(|cx| {
            let start = cx.now;
            assert_eq!(n_on(cx, start)?, u64::MAX, "without a warm-up there is no bound");
            begin(cx, "example.org", 50).map_err(|error| error.to_string()).expect("begun");
            assert!(begin(cx, "example.org", 0).is_err());
            let mut counted = Vec::new();
            for day in [0, 0, 1, 2, 3, 20] {
                counted.push(n_on(cx, start.plus(Duration::from_secs(day * 86_400)))?);
            }
            end(cx, "EXAMPLE.org").map_err(|error| error.to_string()).expect("ended");
            counted.push(n_on(cx, start)?);
            Ok(counted)
        });
        assert_eq!(counted.await.expect("store"), [50, 0, 100, 200, 400, u64::MAX, u64::MAX]);
    }

    #[tokio::test]
    async fn a_day_on_which_too_much_came_back_is_not_followed_by_a_larger_one() {
        let sample = Sample::open().await;
        let caps = sample.write(|cx| {
            let start = cx.now;
            let mail = outbox::queue_mail(cx, sample::mail("1@example.com"))?;
            begin(cx, "example.org", 200).map_err(|error| error.to_string()).expect("begun");
            let mut caps = Vec::new();
            // What comes back to how many of the day's messages, and what the next day lets through.
            for (day, returns) in [
                vec![ReturnKind::HardBounce; 3],
                vec![ReturnKind::SoftBounce; 8],
                vec![ReturnKind::Unsubscribed; 50],
                vec![ReturnKind::Complaint],
            ]
            .into_iter()
            .enumerate()
            {
                cx.now = start.plus(Duration::from_secs(day as u64 * 86_400));
                let n = n_on(cx, cx.now)?;
                for kind in returns {
                    note_return(cx, Posted::Mail(mail), "1@example.com", kind)?;
                }
                cx.now = cx.now.plus(Duration::from_secs(86_400));
                let next = find_cap(cx, "example.org", "").map_err(|error| error.to_string()).expect("found");
                caps.push((n, next.expect("a cap")));
            }
            let elsewhere = find_cap(cx, "example.org", "google").map_err(|error| error.to_string()).expect("found");
            Ok((caps, elsewhere))
        });
        let (caps, elsewhere) = caps.await.expect("store");
        assert_eq!(caps, [(200, 400), (400, 400), (400, 800), (800, 800)]);
        assert_eq!(elsewhere, Some(3_200), "each group by itself");
    }
}
