//! The mail that asks a person to confirm a subscription: the list's own message, or a plain one in its place (OE-8).

use std::collections::BTreeMap;

use crate::domain::consent;
use crate::domain::cx::Ctx;
use crate::domain::links::{self, Purpose};
use crate::domain::merge_tags::{Place, render};
use crate::domain::outbox::{self, NewMail};
use crate::domain::subscribers::about;
use crate::domain::subscribers::find;
use crate::model::states::{ConsentEvent, MailPurpose};
use crate::store::StoreError;
use crate::store::rows::lists::ListRules;
use crate::store::rows::subscribers::SubscriberRow;

const SUBJECT: &str = "Please confirm your subscription to %List:Name%";
const BODY: &str = "Hello,\n\nsomebody, hopefully you, asked to put %Subscriber:EmailAddress% on the list \"%List:Name%\".\n\n\
    To confirm, please open this page and press the button:\n%Link:Confirm%\n\n\
    If it was not you, do nothing, or reject the request here:\n%Link:Reject%\n";

/// Queues the request for a pending subscriber, unless the address is suppressed for a reason other than its own opt-out.
pub(super) fn queue(cx: &mut Ctx<'_>, rules: &ListRules, row: &SubscriberRow) -> Result<(), StoreError> {
    if crate::domain::suppression::is_barred(cx, rules.account_id, rules.id, &row.email_key)? {
        return Ok(());
    }
    let tags = tags(cx, rules, row)?;
    let value_of = |group: &str, name: &str| tags.get(&(group.to_lowercase(), name.to_lowercase())).cloned();
    let (from_name, from_email) = sender(cx, rules)?;
    let mail = NewMail {
        account: rules.account_id,
        list: rules.id,
        number: row.number,
        purpose: MailPurpose::OptInRequest,
        from_name,
        from_email,
        reply_to: String::new(),
        to: row.email.clone(),
        subject: render(SUBJECT, Place::Header, &value_of),
        plain: render(BODY, Place::Plain, &value_of),
        html: String::new(),
    };
    outbox::queue_mail(cx, mail)?;
    consent::note(cx, about(rules.account_id, row), ConsentEvent::RequestQueued, &row.subscribed_ip, "")
}

fn sender(cx: &mut Ctx<'_>, rules: &ListRules) -> Result<(String, String), StoreError> {
    let list = cx.tx.find_list(rules.account_id, rules.id)?;
    Ok(list.map(|list| (list.sender_name, list.sender_email)).unwrap_or_default())
}

/// Every tag that a request may use, by lower-case group and name.
fn tags(
    cx: &mut Ctx<'_>,
    rules: &ListRules,
    row: &SubscriberRow,
) -> Result<BTreeMap<(String, String), String>, StoreError> {
    let public_url = cx.settings.public_url();
    let secret = &cx.settings.security.link_secret;
    let link = |purpose| format!("{public_url}{}", links::path(secret, purpose, rules.id, row.number));
    let mut tags = BTreeMap::new();
    let mut put = |group: &str, name: &str, value: String| {
        tags.insert((group.to_lowercase(), name.to_lowercase()), value);
    };
    put("Link", "Confirm", link(Purpose::Confirm));
    put("Link", "Reject", link(Purpose::Reject));
    put("Link", "Unsubscribe", link(Purpose::Unsubscribe));
    put("List", "ListID", rules.id.to_string());
    put("List", "Name", rules.name.clone());
    put("Subscriber", "SubscriberID", row.number.to_string());
    put("Subscriber", "EmailAddress", row.email.clone());
    put("Subscriber", "SubscriptionIP", row.subscribed_ip.clone());
    let values = find::values_of(cx, rules.account_id, row)?;
    for field in cx.tx.list_fields(rules.account_id, rules.id)? {
        let value = values.get(&field.id).cloned().unwrap_or_default();
        if !field.alias.is_empty() {
            put("Subscriber", &field.alias, value.clone());
        }
        put("Subscriber", &format!("CustomField{}", field.id), value);
    }
    if let Some(owner) = cx.tx.find_account(rules.account_id)? {
        put("User", "EmailAddress", owner.email);
        put("User", "FirstName", owner.first_name);
        put("User", "LastName", owner.last_name);
        put("User", "CompanyName", owner.company);
    }
    Ok(tags)
}
