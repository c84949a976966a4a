//! Leaving a list: the unsubscription itself, its scope, and what it suppresses (OE-8).

use crate::domain::consent;
use crate::domain::cx::Ctx;
use crate::domain::lists;
use crate::domain::outbox;
use crate::domain::subscribers::subscribe::cut;
use crate::domain::subscribers::{Selector, about, followups};
use crate::domain::suppression::{self, Scope};
use crate::model::email_address::EmailAddress;
use crate::model::ids::ListId;
use crate::model::states::{ConsentEvent, HookEvent, OptOutScope, Roster, SubscriptionStatus, SuppressionReason};
use crate::store::StoreError;
use crate::store::rows::lists::ListRules;
use crate::store::rows::subscribers::SubscriberRow;

/// Who leaves what.
#[derive(Debug, Clone)]
pub struct Leave {
    /// The list.
    pub list: ListId,
    /// The subscriber.
    pub who: Selector,
    /// The address the person came from, as the caller says; free text, cut to 250 characters.
    pub ip: String,
    /// How it came about, for the log: a channel, a campaign; empty for nothing.
    pub detail: String,
    /// Whether the address is suppressed in the whole account, whatever the list says.
    pub suppresses_in_account: bool,
    /// Whether the list's own suppression settings are passed over.
    pub bypasses_suppression: bool,
    /// Whether everything is checked and nothing changed.
    pub is_preview: bool,
}

/// A subscription that ended.
#[derive(Debug, Clone)]
pub struct Left {
    /// The page the list's owner wants the person to see next; empty for none.
    pub page_url: String,
}

/// Why nobody left.
#[derive(Debug, thiserror::Error)]
pub enum LeaveError {
    /// No such list.
    #[error("no list {0}")]
    NoList(ListId),
    /// The list's owner is disabled.
    #[error("the owner of list {0} is disabled")]
    OwnerDisabled(ListId),
    /// No address that can be mailed.
    #[error("no e-mail address that can be mailed")]
    BadAddress,
    /// The list has no such subscriber.
    #[error("no such subscriber")]
    NoSubscriber,
    /// Unsubscribed before.
    #[error("unsubscribed already")]
    Already(Left),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes a subscriber off its list; with the scope "all lists", off every list of the account. Anybody may: unsubscribing must work without a login.
///
/// # Errors
/// [`LeaveError`].
pub fn unsubscribe(cx: &mut Ctx<'_>, leave: &Leave) -> Result<Left, LeaveError> {
    let rules = lists::rules(cx, leave.list)?.ok_or(LeaveError::NoList(leave.list))?;
    if !rules.owner_is_enabled {
        return Err(LeaveError::OwnerDisabled(leave.list));
    }
    let is_wide = rules.opt_out_scope == OptOutScope::AllLists
        || leave.suppresses_in_account
        || (rules.opt_out_suppress_account && !leave.bypasses_suppression);
    if !cx.tx.hold_lists(&[leave.list], "", is_wide)? {
        return Err(LeaveError::NoList(leave.list));
    }
    let row = match &leave.who {
        Selector::Number(number) => cx.tx.find_subscriber(leave.list, *number)?,
        Selector::Address(text) => {
            let address = EmailAddress::parse(text).ok_or(LeaveError::BadAddress)?;
            cx.tx.find_subscriber_by_email(leave.list, address.key())?
        }
    };
    let row = row.ok_or(LeaveError::NoSubscriber)?;
    let left = Left { page_url: rules.unsubscribed_page_url.clone() };
    if row.status == SubscriptionStatus::Unsubscribed {
        return Err(LeaveError::Already(left));
    }
    if leave.is_preview {
        return Ok(left);
    }
    take_off(cx, &rules, &row, leave)?;
    Ok(left)
}

fn take_off(cx: &mut Ctx<'_>, rules: &ListRules, row: &SubscriberRow, leave: &Leave) -> Result<(), StoreError> {
    end(cx, rules, row.clone(), &leave.ip, &leave.detail, None)?;
    if rules.opt_out_scope == OptOutScope::AllLists {
        for other in cx.tx.list_subscribers_of_address(rules.account_id, &row.email_key)? {
            if other.list_id != rules.id
                && other.status != SubscriptionStatus::Unsubscribed
                && let Some(other_rules) = lists::rules(cx, other.list_id)?
            {
                end(cx, &other_rules, other, &leave.ip, &format!("left all lists by list {}", rules.id), None)?;
            }
        }
    }
    let own = !leave.bypasses_suppression;
    if let Some(address) = EmailAddress::parse(&row.email) {
        let reason = SuppressionReason::Unsubscribed;
        if leave.suppresses_in_account || (own && rules.opt_out_suppress_account) {
            suppression::suppress(cx, Scope::Account(rules.account_id), &address, reason)?;
        }
        if own && rules.opt_out_suppress_list {
            suppression::suppress(cx, Scope::List(rules.account_id, rules.id), &address, reason)?;
        }
    }
    Ok(())
}

/// Ends one subscription. `actor` is named for list-to-list actions, which have no followups of their own.
fn end(
    cx: &mut Ctx<'_>,
    rules: &ListRules,
    mut row: SubscriberRow,
    ip: &str,
    detail: &str,
    actor: Option<String>,
) -> Result<(), StoreError> {
    let was = row.roster;
    row.status = SubscriptionStatus::Unsubscribed;
    row.roster = Roster::of(row.status, row.bounce, row.is_suppressed);
    row.unsubscribed_at = Some(cx.now);
    row.unsubscribed_ip = cut(ip, 250);
    cx.tx.update_subscriber(&row, was, cx.now)?;
    let whom = about(rules.account_id, &row);
    match actor {
        Some(actor) => consent::note_as(cx, whom, ConsentEvent::Unsubscribe, ip, detail, actor),
        None => {
            consent::note(cx, whom, ConsentEvent::Unsubscribe, ip, detail)?;
            followups::left(cx, rules, &row)
        }
    }
}

/// Ends a subscription by a list-to-list action, without hooks or further actions.
pub(super) fn leave_by_action(
    cx: &mut Ctx<'_>,
    target: &ListRules,
    from: &SubscriberRow,
    actor: String,
) -> Result<(), StoreError> {
    match cx.tx.find_subscriber_by_email(target.id, &from.email_key)? {
        Some(row) if row.status != SubscriptionStatus::Unsubscribed => {
            let ip = if from.unsubscribed_ip.is_empty() { &from.subscribed_ip } else { &from.unsubscribed_ip };
            end(cx, target, row, ip, "", Some(actor))
        }
        _ => Ok(()),
    }
}

/// Ends a subscription because its subscriber complained: the list's hooks are told, and nothing else happens by itself. Quiet when it had ended.
pub(in crate::domain) fn leave_by_complaint(
    cx: &mut Ctx<'_>,
    row: SubscriberRow,
    detail: &str,
) -> Result<(), StoreError> {
    if row.status == SubscriptionStatus::Unsubscribed {
        return Ok(());
    }
    let Some(rules) = lists::rules(cx, row.list_id)? else { return Ok(()) };
    if rules.has_hooks {
        outbox::queue_hooks(cx, rules.id, row.number, HookEvent::Unsubscription)?;
    }
    let actor = cx.actor_name();
    end(cx, &rules, row, "", detail, Some(actor))
}
