//! The mail that asks a person to confirm a subscription: the list's own message, or a plain one in its place (OE-8).

use std::collections::BTreeMap;

use crate::domain::consent;
use crate::domain::cx::Ctx;
use crate::domain::links::{self, Purpose};
use crate::domain::outbox::{self, NewMail};
use crate::domain::subscribers::about;
use crate::domain::subscribers::find;
use crate::domain::tags::{Place, Tag, Template};
use crate::model::ids::MessageId;
use crate::model::states::{ConsentEvent, ContentType, MailPurpose};
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
    let render = |text: &str, place: Place| {
        Template::new(text, place).render(|tag| match tag {
            Tag::Merge { group, name } => tags.get(&(group.to_lowercase(), name.to_lowercase())).cloned(),
            _ => None,
        })
    };
    let text = text_of(cx, rules)?;
    let mail = NewMail {
        account: rules.account_id,
        list: rules.id,
        number: row.number,
        purpose: MailPurpose::OptInRequest,
        from_name: render(&text.from_name, Place::Header),
        from_email: text.from_email,
        reply_to: text.reply_to,
        to: row.email.clone(),
        subject: render(&text.subject, Place::Header),
        plain: render(&text.plain, Place::Plain),
        html: render(&text.html, Place::Html),
    };
    outbox::queue_mail(cx, mail)?;
    consent::note(cx, about(rules.account_id, row), ConsentEvent::RequestQueued, &row.subscribed_ip, "")
}

/// What is mailed, before its tags are replaced.
struct Text {
    from_name: String,
    from_email: String,
    reply_to: String,
    subject: String,
    plain: String,
    html: String,
}

/// The list's own message where it has one, the list's sender, and the standard text for whatever is missing.
fn text_of(cx: &mut Ctx<'_>, rules: &ListRules) -> Result<Text, StoreError> {
    let (list_name, list_email) = cx
        .tx
        .find_list(rules.account_id, rules.id)?
        .map(|list| (list.sender_name, list.sender_email))
        .unwrap_or_default();
    let own = match rules.confirmation_message_id {
        MessageId::NONE => None,
        id => cx.tx.find_message(rules.account_id, id)?,
    };
    let Some(own) = own else {
        return Ok(Text {
            from_name: list_name,
            from_email: list_email,
            reply_to: String::new(),
            subject: SUBJECT.to_owned(),
            plain: BODY.to_owned(),
            html: String::new(),
        });
    };
    let forces_reject = match cx.tx.find_account(rules.account_id)? {
        Some(owner) => cx.tx.find_user_group(owner.user_group_id)?.is_some_and(|group| group.force_reject_link),
        None => false,
    };
    let or = |text: String, other: &str| if text.trim().is_empty() { other.to_owned() } else { text };
    let (plain, html) = match own.content_type {
        ContentType::Plain => (own.plain_body, String::new()),
        ContentType::Html => (String::new(), own.html_body),
        ContentType::Both => (own.plain_body, own.html_body),
    };
    Ok(Text {
        from_name: or(own.from_name, &list_name),
        from_email: or(own.from_email, &list_email),
        reply_to: own.reply_to_email,
        subject: or(own.subject, SUBJECT),
        plain: rejectable(confirmable(plain, &html), &html, forces_reject),
        html,
    })
}

/// A request that nobody could confirm would be of no use: without the link in either body, the standard text stands in the plain one.
fn confirmable(plain: String, html: &str) -> String {
    let has_link = |text: &str| text.to_ascii_lowercase().contains("%link:confirm%");
    match (has_link(&plain) || has_link(html), plain.trim().is_empty()) {
        (true, _) => plain,
        (false, true) => BODY.to_owned(),
        (false, false) => format!("{plain}\n\n{BODY}"),
    }
}

/// Where the user group says that a request must hold it, the link that rejects stands in the plain body when neither has it (OE-10.3).
fn rejectable(plain: String, html: &str, is_forced: bool) -> String {
    let has_link = |text: &str| text.to_ascii_lowercase().contains("%link:reject%");
    if !is_forced || has_link(&plain) || has_link(html) {
        return plain;
    }
    if plain.trim().is_empty() {
        return BODY.to_owned();
    }
    format!("{plain}\n\nIf it was not you: %Link:Reject%\n")
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
