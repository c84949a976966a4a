//! What a list does when somebody joined or left: hooks, list-to-list actions, a notice to its owner. Actions never cause further actions, so
//! lists that name each other cannot run in circles.

use crate::domain::cx::Ctx;
use crate::domain::lists;
use crate::domain::outbox::{self, NewMail};
use crate::domain::subscribers::{leave, subscribe};
use crate::model::ids::{ListId, SubscriberNumber};
use crate::model::states::{HookEvent, MailPurpose};
use crate::store::StoreError;
use crate::store::rows::lists::ListRules;
use crate::store::rows::subscribers::SubscriberRow;

/// After a subscription counts: at once on a single opt-in list, on confirmation otherwise.
pub(super) fn joined(cx: &mut Ctx<'_>, rules: &ListRules, row: &SubscriberRow) -> Result<(), StoreError> {
    if rules.has_hooks {
        outbox::queue_hooks(cx, rules.id, row.number, HookEvent::Subscription)?;
    }
    act(cx, rules, row, rules.opt_in_subscribe_to, rules.opt_in_unsubscribe_from)?;
    notify(cx, rules, row, "subscribed to")
}

/// After an unsubscription.
pub(super) fn left(cx: &mut Ctx<'_>, rules: &ListRules, row: &SubscriberRow) -> Result<(), StoreError> {
    if rules.has_hooks {
        outbox::queue_hooks(cx, rules.id, row.number, HookEvent::Unsubscription)?;
    }
    act(cx, rules, row, rules.opt_out_subscribe_to, rules.opt_out_unsubscribe_from)?;
    notify(cx, rules, row, "unsubscribed from")
}

fn act(
    cx: &mut Ctx<'_>,
    rules: &ListRules,
    row: &SubscriberRow,
    subscribe_to: ListId,
    unsubscribe_from: ListId,
) -> Result<(), StoreError> {
    let actor = || format!("list {}", rules.id);
    if let Some(target) = own_list(cx, rules, subscribe_to)? {
        subscribe::join_by_action(cx, &target, row, actor())?;
    }
    if let Some(target) = own_list(cx, rules, unsubscribe_from)? {
        leave::leave_by_action(cx, &target, row, actor())?;
    }
    Ok(())
}

/// The list that an action names, if it is another list of the same account.
fn own_list(cx: &mut Ctx<'_>, rules: &ListRules, target: ListId) -> Result<Option<ListRules>, StoreError> {
    if target == ListId::NONE || target == rules.id {
        return Ok(None);
    }
    Ok(lists::rules(cx, target)?.filter(|found| found.account_id == rules.account_id))
}

/// Mails the owner of a list that wants to know (`SendActivityNotification`).
fn notify(cx: &mut Ctx<'_>, rules: &ListRules, row: &SubscriberRow, verb: &str) -> Result<(), StoreError> {
    if !rules.notify_activity {
        return Ok(());
    }
    let Some(owner) = cx.tx.find_account(rules.account_id)? else { return Ok(()) };
    let mail = NewMail {
        account: rules.account_id,
        list: rules.id,
        number: SubscriberNumber::NONE,
        purpose: MailPurpose::Notice,
        from_name: String::new(),
        from_email: String::new(),
        reply_to: String::new(),
        to: owner.email,
        subject: format!("{} {verb} {}", row.email, one_line(&rules.name)),
        plain: format!("{} {verb} your list \"{}\".\n", row.email, rules.name),
        html: String::new(),
    };
    outbox::queue_mail(cx, mail)?;
    Ok(())
}

/// A text that may stand in a header: control characters become blanks.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
