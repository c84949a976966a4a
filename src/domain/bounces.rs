//! Bounces: mail that was not delivered, told by the receiving server while sending or by a report later.
//!
//! A hard bounce stops all mail of the account to the address at once. Soft ones are counted for each subscriber: after several in a row over several
//! days, with no delivery between, they stop it too (ML-8.10). What is our own fault is noted and changes nothing.

use std::time::Duration;

use crate::domain::access::Denied;
use crate::domain::attempts::Fault;
use crate::domain::consent;
use crate::domain::cx::Ctx;
use crate::domain::envelope_senders::Posted;
use crate::domain::returns::{self, Known, Receipt, Said, Taken, Trust, Whom};
use crate::domain::subscribers::about;
use crate::domain::suppression::{self, Scope};
use crate::domain::warm_ups;
use crate::domain::workload::WorkError;
use crate::model::email_address::EmailAddress;
use crate::model::ids::{AccountId, ListId, SubscriberNumber};
use crate::model::states::{BounceType, ConsentEvent, ReturnKind, Roster, SuppressionReason};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::returns::SoftBounceRow;
use crate::store::rows::subscribers::SubscriberRow;

/// Why a bounce was not noted.
#[derive(Debug, thiserror::Error)]
pub enum BounceError {
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<BounceError> for WorkError {
    fn from(error: BounceError) -> Self {
        match error {
            BounceError::Denied(denied) => Self::Denied(denied),
            BounceError::Store(error) => Self::Store(error),
        }
    }
}

/// Notes that a mail to a subscriber was given up while sending. `reply` is what the server said, codes first. Mail that is about no subscriber
/// changes nothing. Call it in the transaction that ends the queue row `posted`, so that it is counted once.
///
/// # Errors
/// [`BounceError`].
pub fn note_at_sending(
    cx: &mut Ctx<'_>,
    posted: Posted,
    account: AccountId,
    list: ListId,
    number: SubscriberNumber,
    fault: Fault,
    reply: &str,
) -> Result<Taken, BounceError> {
    cx.administrator()?;
    if fault == Fault::Unasked {
        return Ok(Taken::Nothing("nobody was asked"));
    }
    let Some(row) = cx.tx.find_subscriber(list, number)? else { return Ok(Taken::Nothing("no such subscriber")) };
    let whom = Whom { account, list, number, email: row.email };
    let known = Known { posted: None, whom };
    let event_id = format!("{list} {number} {}", cx.now);
    let receipt = Receipt { source: "sending", trust: Trust::Token, event_id, mail: None };
    let said = returns::said(code_of(reply), reply);
    let (kind, taken) = match fault {
        Fault::Address => (ReturnKind::HardBounce, hard(cx, &known, &said, &receipt)?),
        Fault::Mailbox => (ReturnKind::SoftBounce, soft(cx, &known, &said, &receipt)?),
        Fault::Ours | Fault::Unasked => (ReturnKind::Refused, refused(cx, &known, &said, &receipt)?),
    };
    if taken != Taken::Repeated {
        warm_ups::note_return(cx, posted, &known.whom.email, kind)?;
    }
    Ok(taken)
}

/// Ends the count of failures of subscribers whose mailbox took a mail. Call it when the mailbox's own server or a provider says so; that a relay
/// took a mail says nothing yet.
///
/// # Errors
/// [`BounceError`].
pub fn delivered(cx: &mut Ctx<'_>, list: ListId, numbers: &[SubscriberNumber]) -> Result<(), BounceError> {
    cx.administrator()?;
    Ok(reset(cx, list, numbers)?)
}

/// [`delivered`], for internal use.
pub(in crate::domain) fn reset(cx: &mut Ctx<'_>, list: ListId, numbers: &[SubscriberNumber]) -> Result<(), StoreError> {
    for number in cx.tx.list_soft_bounced(list, numbers)? {
        cx.tx.hold_lists(&[list], "", false)?;
        forget(cx, list, number)?;
    }
    Ok(())
}

/// Up to `n` counts of failures of which the last was before this moment end. Answers how many did.
pub(in crate::domain) fn forget_old(cx: &mut Ctx<'_>, before: UtcTime, n: i64) -> Result<usize, StoreError> {
    let old = cx.tx.list_old_soft_bounces(before, n)?;
    let mut lists: Vec<ListId> = old.iter().map(|row| row.list_id).collect();
    lists.sort_unstable();
    lists.dedup();
    cx.tx.hold_lists(&lists, "", false)?;
    for row in &old {
        forget(cx, row.list_id, row.number)?;
    }
    Ok(old.len())
}

fn forget(cx: &mut Ctx<'_>, list: ListId, number: SubscriberNumber) -> Result<(), StoreError> {
    cx.tx.delete_soft_bounces(list, number)?;
    match cx.tx.find_subscriber(list, number)? {
        Some(row) if row.bounce == BounceType::Soft => mark(cx, row, BounceType::NotBounced),
        _ => Ok(()),
    }
}

/// An address that does not exist: marked on every list of the account, and suppressed there.
pub(in crate::domain) fn hard(
    cx: &mut Ctx<'_>,
    known: &Known,
    said: &Said,
    receipt: &Receipt,
) -> Result<Taken, StoreError> {
    if !returns::note(cx, ReturnKind::HardBounce, known, said, receipt)? {
        return Ok(Taken::Repeated);
    }
    stop(cx, &known.whom, said)?;
    Ok(Taken::HardBounce)
}

/// A mailbox that takes nothing now: counted, and given up when that went on for too long.
pub(in crate::domain) fn soft(
    cx: &mut Ctx<'_>,
    known: &Known,
    said: &Said,
    receipt: &Receipt,
) -> Result<Taken, StoreError> {
    if !returns::note(cx, ReturnKind::SoftBounce, known, said, receipt)? {
        return Ok(Taken::Repeated);
    }
    let whom = &known.whom;
    cx.tx.hold_lists(&[whom.list], "", true)?;
    let Some(row) = cx.tx.find_subscriber(whom.list, whom.number)? else { return Ok(Taken::SoftBounce) };
    // The address was changed since: what the old one did is not the new one's.
    if row.email_key != whom.email.to_lowercase() || row.bounce == BounceType::Hard {
        return Ok(Taken::SoftBounce);
    }
    let counted = count(cx, whom)?;
    let settings = &cx.settings.returns;
    let span = Duration::from_secs(u64::from(settings.soft_days) * 24 * 3600);
    if counted.n_failures >= i64::from(settings.soft_limit) && counted.first_at.plus(span) <= cx.now {
        stop(cx, whom, said)?;
        return Ok(Taken::LastSoftBounce);
    }
    if row.bounce == BounceType::NotBounced {
        mark(cx, row, BounceType::Soft)?;
    }
    Ok(Taken::SoftBounce)
}

/// A failure that says nothing about the address: noted, no more.
pub(in crate::domain) fn refused(
    cx: &mut Ctx<'_>,
    known: &Known,
    said: &Said,
    receipt: &Receipt,
) -> Result<Taken, StoreError> {
    let is_new = returns::note(cx, ReturnKind::Refused, known, said, receipt)?;
    Ok(if is_new { Taken::Refused } else { Taken::Repeated })
}

fn count(cx: &mut Ctx<'_>, whom: &Whom) -> Result<SoftBounceRow, StoreError> {
    let since = returns::memory_starts(cx);
    let before = cx.tx.find_soft_bounces(whom.list, whom.number)?.filter(|row| row.last_at >= since);
    let counted = SoftBounceRow {
        list_id: whom.list,
        number: whom.number,
        n_failures: before.map_or(0, |row| row.n_failures) + 1,
        first_at: before.map_or(cx.now, |row| row.first_at),
        last_at: cx.now,
    };
    cx.tx.set_soft_bounces(&counted)?;
    Ok(counted)
}

/// Stops all mail of the account to an address.
fn stop(cx: &mut Ctx<'_>, whom: &Whom, said: &Said) -> Result<(), StoreError> {
    let Some(address) = EmailAddress::parse(&whom.email) else { return Ok(()) };
    // The server's own mail, and mail to an account's owner, is about nobody on a list.
    if whom.account == AccountId::NONE || whom.number == SubscriberNumber::NONE {
        return Ok(());
    }
    cx.tx.hold_lists(&[whom.list], "", true)?;
    for row in cx.tx.list_subscribers_of_address(whom.account, address.key())? {
        cx.tx.delete_soft_bounces(row.list_id, row.number)?;
        if row.bounce != BounceType::Hard {
            mark(cx, row.clone(), BounceType::Hard)?;
            let detail = format!("{} {}", said.code, said.diagnostic).trim().to_owned();
            consent::note(cx, about(whom.account, &row), ConsentEvent::HardBounce, "", &detail)?;
        }
    }
    suppression::suppress(cx, Scope::Account(whom.account), &address, SuppressionReason::HardBounce)
}

fn mark(cx: &mut Ctx<'_>, mut row: SubscriberRow, bounce: BounceType) -> Result<(), StoreError> {
    let was = row.roster;
    row.bounce = bounce;
    row.roster = Roster::of(row.status, bounce, row.is_suppressed);
    cx.tx.update_subscriber(&row, was, cx.now)
}

/// The enhanced code of a reply such as `550 5.1.1 no such user`, else its basic one; empty for neither.
fn code_of(reply: &str) -> &str {
    let mut words = reply.split_whitespace();
    let is_code = |word: &&str, dots: usize| {
        word.matches('.').count() == dots
            && word.starts_with(['2', '4', '5'])
            && word.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    };
    let basic = words.next().filter(|word| is_code(word, 0));
    words.next().filter(|word| is_code(word, 2)).or(basic).unwrap_or_default()
}
