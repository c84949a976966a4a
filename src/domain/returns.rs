//! What follows from what came back: whom it is about, whether it was counted before, and which part of the domain acts on it.
//!
//! A report counts only with a signed token, because anybody can write to the addresses that bounces come to. Without one it is kept for review,
//! unless the settings or the provider that sent it vouch for the address ([`Trust`]). The same thing reported twice is counted once.

use crate::domain::access::Denied;
use crate::domain::bounces;
use crate::domain::campaigns::recipients;
use crate::domain::complaints;
use crate::domain::cx::Ctx;
use crate::domain::envelope_senders::Posted;
use crate::domain::returned::{Fate, Nothing, Recipient, Returned, Says};
use crate::domain::secrets::digest;
use crate::domain::subscribers::Selector;
use crate::domain::subscribers::leave::{self, Leave, LeaveError};
use crate::domain::warm_ups;
use crate::model::email_address::EmailAddress;
use crate::model::ids::{AccountId, KeptReturnId, ListId, RecipientId, SubscriberNumber};
use crate::model::states::ReturnKind;
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::returns as rows;

/// Something that came back, as it is kept.
pub type Event = rows::ReturnEventRow;
/// A returned mail that is kept for review.
pub type Kept = rows::KeptReturnRow;

/// What is kept of a mail for review, in bytes.
pub const KEPT_BYTES: usize = 64 * 1024;
/// Kept mails that are listed at once.
pub const MAX_LISTED: i64 = 200;
/// What is kept of a server's words, in characters.
const MAX_DIAGNOSTIC_CHARS: usize = 500;
/// What a report says of recipients that are nobody's counts for so many of them.
const MAX_STRANGERS: usize = 10;

/// Why what came back was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum ReturnError {
    /// No such mail is kept.
    #[error("no returned mail {0} is kept")]
    NoKept(KeptReturnId),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
    /// See [`crate::domain::core::Unavailable`].
    #[error(transparent)]
    Unavailable(#[from] crate::domain::core::Unavailable),
}

/// Who vouches for what came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Nobody: only a token does.
    Token,
    /// A provider whose signature was checked.
    Provider,
}

/// How it came.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The way in: `mail`, or a provider's name.
    pub source: &'static str,
    /// Who vouches for it.
    pub trust: Trust,
    /// What tells it from others that came the same way: a provider's event id, a digest of the mail.
    pub event_id: String,
    /// The mail, in case that it has to be kept; `None` for calls.
    pub mail: Option<Mail>,
}

/// A returned mail as it is kept for review.
#[derive(Debug, Clone, Default)]
pub struct Mail {
    /// Its envelope sender, empty when that is not known.
    pub sender: String,
    /// Its envelope recipients.
    pub recipient: String,
    /// Its whole size.
    pub n_bytes: u64,
    /// Its beginning, [`KEPT_BYTES`] at most.
    pub beginning: String,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// An address that does not exist is not mailed any more.
    HardBounce,
    /// A failure was counted.
    SoftBounce,
    /// A failure was counted that was one too many: the address is not mailed any more.
    LastSoftBounce,
    /// A failure was noted that says nothing about the address.
    Refused,
    /// Whoever complained is unsubscribed and not mailed any more.
    Complaint,
    /// A subscriber left the list.
    Unsubscribed,
    /// A delivery ended the count of failures.
    Delivered,
    /// It was known already.
    Repeated,
    /// Nothing has to be done.
    Nothing(&'static str),
    /// Nothing was done, and the mail is kept for review.
    Kept(&'static str),
}

impl Taken {
    /// In one word, for logs and scripts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::HardBounce => "hard_bounce",
            Self::SoftBounce => "soft_bounce",
            Self::LastSoftBounce => "last_soft_bounce",
            Self::Refused => "refused",
            Self::Complaint => "complaint",
            Self::Unsubscribed => "unsubscribed",
            Self::Delivered => "delivered",
            Self::Repeated => "repeated",
            Self::Nothing(_) => "nothing",
            Self::Kept(_) => "kept",
        }
    }
}

/// Whom a mail was for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whom {
    /// Whose mail it was; [`AccountId::NONE`] for the server's own.
    pub account: AccountId,
    /// The list; [`ListId::NONE`] for none.
    pub list: ListId,
    /// The subscriber; [`SubscriberNumber::NONE`] for none.
    pub number: SubscriberNumber,
    /// The address that was written to.
    pub email: String,
}

/// Whom a queue row was sent to; `None` when the row is gone.
///
/// # Errors
/// [`StoreError`] only.
pub fn find_posted(cx: &mut Ctx<'_>, posted: Posted) -> Result<Option<Whom>, StoreError> {
    match posted {
        Posted::Mail(id) => {
            let found = cx.tx.find_posted_mail(id)?;
            Ok(found.map(|to| Whom { account: to.account_id, list: to.list_id, number: to.number, email: to.email }))
        }
        Posted::Recipient(id) => find_recipient(cx, id),
    }
}

/// The address is today's: a queue row of a campaign names the subscriber only.
fn find_recipient(cx: &mut Ctx<'_>, id: RecipientId) -> Result<Option<Whom>, StoreError> {
    let Some(row) = cx.tx.find_recipient(id)? else { return Ok(None) };
    let Some(campaign) = cx.tx.find_any_campaign(row.campaign_id)? else { return Ok(None) };
    let subscriber = cx.tx.find_subscriber(row.list_id, row.number)?;
    let (account, list, number) = (campaign.account_id, row.list_id, row.number);
    Ok(subscriber.map(|subscriber| Whom { account, list, number, email: subscriber.email }))
}

/// Acts on what came back. Call it in the transaction after which the sender is told that it was taken in.
///
/// # Errors
/// [`ReturnError`].
pub fn take(cx: &mut Ctx<'_>, returned: &Returned, receipt: &Receipt) -> Result<Taken, ReturnError> {
    cx.administrator()?;
    let whom = match returned.posted {
        Some(posted) => find_posted(cx, posted)?,
        None => None,
    };
    let taken = match &returned.says {
        Says::Nothing(nothing) => nothing_of(*nothing),
        Says::Unreadable(reason) => Taken::Kept(reason),
        says => match (returned.posted, whom) {
            (Some(posted), Some(whom)) => act(cx, says, &Known { posted: Some(posted), whom }, receipt)?,
            (Some(_), None) => Taken::Kept("about a mail that is long gone"),
            (None, _) => strangers(cx, says, receipt)?,
        },
    };
    let reason = match (taken, &returned.says) {
        (Taken::Kept(reason), _) => Some(reason),
        // It counts, and somebody should look at the words.
        (Taken::SoftBounce | Taken::LastSoftBounce, Says::Unclear { .. }) => Some("a bounce in unknown words"),
        _ => None,
    };
    if let Some(reason) = reason {
        keep(cx, receipt, reason)?;
    }
    Ok(taken)
}

const fn nothing_of(nothing: Nothing) -> Taken {
    match nothing {
        Nothing::Loop => Taken::Kept("a mail of our own that came back"),
        other => Taken::Nothing(other.words()),
    }
}

/// Whom something is about.
pub(in crate::domain) struct Known {
    /// The queue row, when it is known.
    pub posted: Option<Posted>,
    /// The recipient.
    pub whom: Whom,
}

fn act(cx: &mut Ctx<'_>, says: &Says, known: &Known, receipt: &Receipt) -> Result<Taken, StoreError> {
    let taken = act_on(cx, says, known, receipt)?;
    if let (Some(Posted::Recipient(id)), Taken::HardBounce | Taken::SoftBounce | Taken::LastSoftBounce) =
        (known.posted, taken)
    {
        recipients::count_bounce(cx, id, taken == Taken::HardBounce)?;
    }
    Ok(taken)
}

fn act_on(cx: &mut Ctx<'_>, says: &Says, known: &Known, receipt: &Receipt) -> Result<Taken, StoreError> {
    match says {
        Says::Report(recipients) => match fate_of(recipients, &known.whom.email) {
            Some(recipient) => of_recipient(cx, recipient, known, receipt),
            None => Ok(Taken::Nothing("a report about others")),
        },
        Says::Unclear { diagnostic } => bounces::soft(cx, known, &said("", diagnostic), receipt),
        Says::Complained { kind, .. } => complaints::note(cx, known, kind, receipt),
        Says::Leaves => leaves(cx, known, receipt),
        Says::Nothing(nothing) => Ok(nothing_of(*nothing)),
        Says::Unreadable(reason) => Ok(Taken::Kept(reason)),
    }
}

fn of_recipient(
    cx: &mut Ctx<'_>,
    recipient: &Recipient,
    known: &Known,
    receipt: &Receipt,
) -> Result<Taken, StoreError> {
    use crate::domain::attempts::Fault;
    let said = said(&recipient.code, &recipient.diagnostic);
    match recipient.fate {
        Fate::Failed(Fault::Address) => bounces::hard(cx, known, &said, receipt),
        Fate::Failed(Fault::Mailbox) => bounces::soft(cx, known, &said, receipt),
        Fate::Failed(Fault::Ours | Fault::Unasked) => bounces::refused(cx, known, &said, receipt),
        Fate::Delivered => {
            bounces::reset(cx, known.whom.list, &[known.whom.number])?;
            Ok(Taken::Delivered)
        }
        Fate::Open => Ok(Taken::Nothing("not decided yet")),
    }
}

/// What a report says of the one recipient that a mail had. Other addresses are those it was forwarded to: they count when the report names the
/// recipient nowhere, and the mail reached none of them.
fn fate_of<'a>(recipients: &'a [Recipient], email: &str) -> Option<&'a Recipient> {
    let key = email.to_lowercase();
    let is_named = |one: &&Recipient| one.addresses.iter().any(|address| address.to_lowercase() == key);
    let mut named = recipients.iter().filter(is_named).peekable();
    if named.peek().is_some() {
        return worst(named);
    }
    let got_through = recipients.iter().any(|one| matches!(one.fate, Fate::Delivered));
    if got_through { None } else { worst(recipients.iter()) }
}

fn worst<'a>(mut recipients: impl Iterator<Item = &'a Recipient>) -> Option<&'a Recipient> {
    let first = recipients.next()?;
    let failed = |one: &Recipient| matches!(one.fate, Fate::Failed(_));
    if failed(first) { Some(first) } else { Some(recipients.find(|one| failed(one)).unwrap_or(first)) }
}

/// What came without a token: it counts for the addresses that it names, if somebody vouches for it.
fn strangers(cx: &mut Ctx<'_>, says: &Says, receipt: &Receipt) -> Result<Taken, StoreError> {
    let is_vouched = receipt.trust == Trust::Provider || cx.settings.returns.accept_unsigned;
    if !is_vouched || matches!(says, Says::Leaves) {
        return Ok(Taken::Kept("without a signed token"));
    }
    let mut taken = Taken::Kept("about nobody who is known");
    let addresses: Vec<(&String, Option<&Recipient>)> = match says {
        Says::Report(all) => all.iter().filter_map(|one| Some((one.addresses.first()?, Some(one)))).collect(),
        Says::Complained { addresses, .. } => addresses.iter().map(|address| (address, None)).collect(),
        _ => Vec::new(),
    };
    for (address, recipient) in addresses.into_iter().take(MAX_STRANGERS) {
        let Some(address) = EmailAddress::parse(address) else { continue };
        let accounts = cx.tx.list_accounts_of_address(address.key())?;
        // A complaint is about one sender; who that is cannot be told among several.
        if recipient.is_none() && accounts.len() > 1 {
            taken = Taken::Kept("a complaint about one of several accounts");
            continue;
        }
        for account in accounts {
            for row in cx.tx.list_subscribers_of_address(account, address.key())?.into_iter().take(1) {
                let whom = Whom { account, list: row.list_id, number: row.number, email: row.email };
                let known = Known { posted: None, whom };
                taken = match (recipient, says) {
                    (Some(recipient), _) => of_recipient(cx, recipient, &known, receipt)?,
                    (None, Says::Complained { kind, .. }) => complaints::note(cx, &known, kind, receipt)?,
                    _ => taken,
                };
            }
        }
    }
    Ok(taken)
}

/// `unsubscribe+TOKEN@domain`: the subscriber that the token names leaves its list.
fn leaves(cx: &mut Ctx<'_>, known: &Known, receipt: &Receipt) -> Result<Taken, StoreError> {
    let leave = Leave {
        list: known.whom.list,
        who: Selector::Number(known.whom.number),
        ip: String::new(),
        detail: "mailto".to_owned(),
        suppresses_in_account: false,
        bypasses_suppression: false,
        is_preview: false,
    };
    match leave::unsubscribe(cx, &leave) {
        Ok(_) => {
            note(cx, ReturnKind::Unsubscribed, known, &said("", ""), receipt)?;
            Ok(Taken::Unsubscribed)
        }
        Err(LeaveError::Already(_)) => Ok(Taken::Repeated),
        Err(LeaveError::NoList(_) | LeaveError::NoSubscriber | LeaveError::BadAddress) => {
            Ok(Taken::Nothing("on no list any more"))
        }
        Err(LeaveError::OwnerDisabled(_)) => Ok(Taken::Kept("of a list whose owner is disabled")),
        Err(LeaveError::Store(error)) => Err(error),
    }
}

/// A code and what was said with it.
pub(in crate::domain) struct Said {
    pub code: String,
    pub diagnostic: String,
}

pub(in crate::domain) fn said(code: &str, diagnostic: &str) -> Said {
    // PostgreSQL keeps no NUL in a text.
    let plain = |text: &str, n: usize| text.chars().filter(|c| *c != '\0').take(n).collect();
    Said { code: plain(code, 20), diagnostic: plain(diagnostic, MAX_DIAGNOSTIC_CHARS) }
}

/// Appends to what came back; false when it was noted before.
pub(in crate::domain) fn note(
    cx: &mut Ctx<'_>,
    kind: ReturnKind,
    known: &Known,
    said: &Said,
    receipt: &Receipt,
) -> Result<bool, StoreError> {
    let (posted_kind, posted_id) = match known.posted {
        None => (0, 0),
        Some(Posted::Mail(id)) => (1, id.0),
        Some(Posted::Recipient(id)) => (2, id.0),
    };
    // One mail can fail, be complained about or be unsubscribed by only once, whoever tells of it and however often.
    let event_key = match known.posted {
        Some(_) => format!("{posted_kind}:{posted_id}:{}", kind.number()),
        None => {
            let of = format!("{} {} {}", receipt.event_id, known.whom.account, known.whom.email.to_lowercase());
            format!("{}:{}", receipt.source, digest(&format!("{} {of}", kind.number())))
        }
    };
    let is_new = cx.tx.insert_return_event(&Event {
        kind,
        posted_kind,
        posted_id,
        account_id: known.whom.account,
        list_id: known.whom.list,
        number: known.whom.number,
        email_key: known.whom.email.to_lowercase(),
        code: said.code.clone(),
        diagnostic: said.diagnostic.clone(),
        source: receipt.source.to_owned(),
        event_key,
        at: cx.now,
    })?;
    if let (true, Some(posted)) = (is_new, known.posted) {
        warm_ups::note_return(cx, posted, &known.whom.email, kind)?;
    }
    Ok(is_new)
}

fn keep(cx: &mut Ctx<'_>, receipt: &Receipt, reason: &str) -> Result<(), StoreError> {
    let Some(mail) = &receipt.mail else { return Ok(()) };
    let plain = |text: &str| text.replace('\0', "\u{FFFD}");
    cx.tx.insert_kept_return(&rows::NewKeptReturnRow {
        source: receipt.source.to_owned(),
        sender: plain(&mail.sender),
        recipient: plain(&mail.recipient),
        reason: reason.to_owned(),
        n_bytes: i64::try_from(mail.n_bytes).unwrap_or(i64::MAX),
        message: plain(&mail.beginning),
        at: cx.now,
    })?;
    cx.tx.trim_kept_returns(cx.settings.returns.keep_mails)
}

/// The newest mails that are kept for review, newest first.
///
/// # Errors
/// [`ReturnError`].
pub fn list_kept(cx: &mut Ctx<'_>) -> Result<Vec<Kept>, ReturnError> {
    cx.administrator()?;
    Ok(cx.tx.list_kept_returns(MAX_LISTED)?)
}

/// One mail that is kept for review.
///
/// # Errors
/// [`ReturnError`].
pub fn get_kept(cx: &mut Ctx<'_>, id: KeptReturnId) -> Result<Kept, ReturnError> {
    cx.administrator()?;
    cx.tx.find_kept_return(id)?.ok_or(ReturnError::NoKept(id))
}

/// What came back about one subscriber, oldest first.
///
/// # Errors
/// [`ReturnError`].
pub fn events(cx: &mut Ctx<'_>, list: ListId, number: SubscriberNumber) -> Result<Vec<Event>, ReturnError> {
    cx.administrator()?;
    Ok(cx.tx.list_return_events(list, number)?)
}

/// Removes a piece of what is over: kept mails and counts of failures that are old. Answers how many rows went.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn sweep(cx: &mut Ctx<'_>, n: i64) -> Result<usize, StoreError> {
    let days = |n: u32| std::time::Duration::from_secs(u64::from(n) * 24 * 3600);
    let (keep_days, memory_days) = (cx.settings.returns.keep_days, cx.settings.returns.soft_memory_days);
    let kept = cx.tx.sweep_kept_returns(cx.now.minus(days(keep_days)), n)?;
    Ok(kept + bounces::forget_old(cx, cx.now.minus(days(memory_days)), n)?)
}

/// Since when failures count at all.
pub(in crate::domain) fn memory_starts(cx: &Ctx<'_>) -> UtcTime {
    cx.now.minus(std::time::Duration::from_secs(u64::from(cx.settings.returns.soft_memory_days) * 24 * 3600))
}

#[cfg(test)]
mod tests;
