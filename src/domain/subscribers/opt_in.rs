//! The second half of a double opt-in: the person confirms, or rejects what somebody else asked for (OE-8).

use crate::domain::consent;
use crate::domain::cx::Ctx;
use crate::domain::lists;
use crate::domain::subscribers::subscribe::counts_whole_account;
use crate::domain::subscribers::{Placed, about, followups};
use crate::domain::suppression;
use crate::model::ids::{ListId, SubscriberNumber};
use crate::model::states::{ConsentEvent, Roster, SubscriptionStatus};
use crate::store::StoreError;
use crate::store::rows::lists::ListRules;
use crate::store::rows::subscribers::SubscriberRow;

/// Why nothing was confirmed or rejected.
#[derive(Debug, thiserror::Error)]
pub enum OptInError {
    /// No such list.
    #[error("no list {0}")]
    NoList(ListId),
    /// The list's owner is disabled.
    #[error("the owner of list {0} is disabled")]
    OwnerDisabled(ListId),
    /// No such subscriber.
    #[error("no subscriber {0}")]
    NoSubscriber(SubscriberNumber),
    /// Nothing is pending: confirmed already, or left since.
    #[error("the subscription is not pending")]
    NotPending(Box<Placed>),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a pending subscription count.
///
/// # Errors
/// [`OptInError`].
pub fn confirm(cx: &mut Ctx<'_>, list: ListId, number: SubscriberNumber) -> Result<Placed, OptInError> {
    let (rules, mut row) = pending(cx, list, number)?;
    let was = row.roster;
    suppression::lift_own_opt_out(cx, rules.account_id, list, &row.email_key)?;
    row.status = SubscriptionStatus::Subscribed;
    row.is_suppressed = suppression::is_barred(cx, rules.account_id, list, &row.email_key)?;
    row.roster = Roster::of(row.status, row.bounce, row.is_suppressed);
    row.opted_in_at = Some(cx.now);
    cx.tx.update_subscriber(&row, was, cx.now)?;
    consent::note(cx, about(rules.account_id, &row), ConsentEvent::Confirm, "", "")?;
    followups::joined(cx, &rules, &row)?;
    Ok(Placed::of(&rules, &row))
}

/// Ends a pending subscription. The row stays as unsubscribed, so that the same request is not made again unseen and the log has whom it is about.
///
/// # Errors
/// [`OptInError`].
pub fn reject(cx: &mut Ctx<'_>, list: ListId, number: SubscriberNumber) -> Result<Placed, OptInError> {
    let (rules, mut row) = pending(cx, list, number)?;
    let was = row.roster;
    row.status = SubscriptionStatus::Unsubscribed;
    row.roster = Roster::of(row.status, row.bounce, row.is_suppressed);
    row.unsubscribed_at = Some(cx.now);
    row.unsubscribed_ip = cx.origin.ip.clone();
    cx.tx.update_subscriber(&row, was, cx.now)?;
    consent::note(cx, about(rules.account_id, &row), ConsentEvent::Reject, "", "")?;
    let mut placed = Placed::of(&rules, &row);
    placed.page_url.clone_from(&rules.unsubscribed_page_url);
    Ok(placed)
}

fn pending(cx: &mut Ctx<'_>, list: ListId, number: SubscriberNumber) -> Result<(ListRules, SubscriberRow), OptInError> {
    let rules = lists::rules(cx, list)?.ok_or(OptInError::NoList(list))?;
    if !rules.owner_is_enabled {
        return Err(OptInError::OwnerDisabled(list));
    }
    let known = cx.tx.find_subscriber(list, number)?.ok_or(OptInError::NoSubscriber(number))?;
    cx.tx.hold_lists(&[list], &known.email_key, counts_whole_account(&rules))?;
    let row = cx.tx.find_subscriber(list, number)?.ok_or(OptInError::NoSubscriber(number))?;
    if row.status != SubscriptionStatus::OptInPending {
        return Err(OptInError::NotPending(Box::new(Placed::of(&rules, &row))));
    }
    Ok((rules, row))
}
