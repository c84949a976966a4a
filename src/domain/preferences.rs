//! What a person may see and end of their subscriptions by a signed link: every list of one account that has their address. Check the token before.

use crate::domain::consent;
use crate::domain::cx::Ctx;
use crate::domain::links;
use crate::domain::lists;
use crate::domain::outbox::{self, NewMail};
use crate::domain::subscribers::leave::{self, Leave, LeaveError};
use crate::domain::subscribers::{Selector, about};
use crate::domain::tracking;
use crate::domain::tracking::tokens::{Purpose, Signer, Trail};
use crate::model::email_address::EmailAddress;
use crate::model::ids::{AccountId, CampaignId, LinkTargetId, ListId, MessageId, SubscriberNumber};
use crate::model::states::{ConsentEvent, MailPurpose, SubscriptionStatus, TrackingEvent};
use crate::store::StoreError;

/// Subscriptions of one address that are looked at.
const MAX_SUBSCRIPTIONS: i64 = 50;
/// Times a day that one subscription's pages are noted as seen; scanners look more often.
const MAX_SEEN: usize = 50;

/// One subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The list.
    pub list: ListId,
    /// Its name.
    pub name: String,
    /// Where the subscription stands.
    pub status: SubscriptionStatus,
}

/// What the holder of a link sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    /// The address, most of it hidden.
    pub masked: String,
    /// Its subscriptions that did not end, by list.
    pub subscriptions: Vec<Subscription>,
}

/// The subscriptions of whom a link is about; `None` when they are gone or the account is disabled.
///
/// # Errors
/// [`StoreError`] only.
pub fn show(cx: &mut Ctx<'_>, trail: &Trail) -> Result<Option<Preferences>, StoreError> {
    let Some((account, email, key)) = reach(cx, trail)? else { return Ok(None) };
    let mut subscriptions = Vec::new();
    for row in cx.tx.list_subscribers_of_address(account, &key)? {
        if row.status == SubscriptionStatus::Unsubscribed {
            continue;
        }
        let Some(list) = cx.tx.find_list(account, row.list_id)? else { continue };
        // The list the mail came from can be left whatever it hides.
        if !list.hide_in_subscriber_area || list.id == trail.list {
            subscriptions.push(Subscription { list: list.id, name: list.name, status: row.status });
        }
    }
    Ok(Some(Preferences { masked: masked(&email), subscriptions }))
}

/// Ends the subscriptions of whom a link is about on these lists of the account; others, and ended ones, are passed over. Answers how many ended, `None`
/// when the person is gone.
///
/// # Errors
/// [`StoreError`] only.
pub fn leave(cx: &mut Ctx<'_>, trail: &Trail, lists: &[ListId]) -> Result<Option<usize>, StoreError> {
    let Some((account, _, key)) = reach(cx, trail)? else { return Ok(None) };
    let mut n_left = 0;
    for row in cx.tx.list_subscribers_of_address(account, &key)? {
        if lists.contains(&row.list_id) && row.status != SubscriptionStatus::Unsubscribed {
            let own = Trail { list: row.list_id, number: row.number, ..*trail };
            n_left += usize::from(end(cx, &own, "preference page")?.is_some_and(|left| !left.was_already));
        }
    }
    Ok(Some(n_left))
}

/// A subscription that ended by its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The page the list's owner wants the person to see next; empty for none.
    pub page_url: String,
    /// It had ended before.
    pub was_already: bool,
}

/// Ends the subscription a link is about, however often it is asked; `None` when list or subscriber are gone. `how` stands in the consent log, the
/// campaign beside it.
///
/// # Errors
/// [`StoreError`] only.
pub fn end(cx: &mut Ctx<'_>, trail: &Trail, how: &str) -> Result<Option<Ended>, StoreError> {
    let detail =
        if trail.campaign == CampaignId::NONE { how.to_owned() } else { format!("{how}, campaign {}", trail.campaign) };
    let leave = Leave {
        list: trail.list,
        who: Selector::Number(trail.number),
        ip: cx.origin.ip.clone(),
        detail,
        suppresses_in_account: false,
        bypasses_suppression: false,
        is_preview: false,
    };
    match leave::unsubscribe(cx, &leave) {
        Ok(left) => {
            tracking::note(cx, trail, TrackingEvent::Unsubscribed, LinkTargetId::NONE)?;
            Ok(Some(Ended { page_url: left.page_url, was_already: false }))
        }
        Err(LeaveError::Already(left)) => Ok(Some(Ended { page_url: left.page_url, was_already: true })),
        Err(LeaveError::Store(error)) => Err(error),
        Err(
            LeaveError::NoList(_) | LeaveError::OwnerDisabled(_) | LeaveError::BadAddress | LeaveError::NoSubscriber,
        ) => Ok(None),
    }
}

/// Notes in the consent log that the page behind a link was seen, so that a press on its button can be told from a scanner. `page`: which.
///
/// # Errors
/// [`StoreError`] only.
pub fn note_seen(cx: &mut Ctx<'_>, list: ListId, number: SubscriberNumber, page: &str) -> Result<(), StoreError> {
    let Some(rules) = lists::rules(cx, list)? else { return Ok(()) };
    let Some(row) = cx.tx.find_subscriber(list, number)? else { return Ok(()) };
    let day_ago = cx.now.minus(std::time::Duration::from_secs(24 * 3_600));
    let is_recent = |event: ConsentEvent, at| event == ConsentEvent::ConfirmPageSeen && at > day_ago;
    let n_seen = cx.tx.list_consent(list, number)?.iter().filter(|entry| is_recent(entry.event, entry.at)).count();
    if n_seen >= MAX_SEEN {
        return Ok(());
    }
    consent::note(cx, about(rules.account_id, &row), ConsentEvent::ConfirmPageSeen, "", page)
}

/// Mails the links to their preference pages to an address that somebody typed, once an hour, if any list has it. The caller answers alike either way.
///
/// # Errors
/// [`StoreError`] only.
pub fn request_links(cx: &mut Ctx<'_>, typed: &str) -> Result<(), StoreError> {
    let Some(address) = EmailAddress::parse(typed) else { return Ok(()) };
    let found = cx.tx.list_subscriptions_anywhere(address.key(), MAX_SUBSCRIPTIONS)?;
    let (public_url, signer) = (cx.settings.public_url(), Signer::new(&cx.settings.security.link_secret));
    let mut accounts: Vec<AccountId> = Vec::new();
    let mut lines = Vec::new();
    for (account, list, number) in &found {
        let trail = trail(*list, *number);
        if tracking::recent(cx, &trail, TrackingEvent::LinksRequested)? > 0 {
            return Ok(());
        }
        let Some(rules) = lists::rules(cx, *list)?.filter(|rules| rules.owner_is_enabled) else { continue };
        if accounts.contains(account) {
            continue;
        }
        accounts.push(*account);
        let token = signer.token(Purpose::Preferences, &trail);
        lines.push(format!("{}: {public_url}{}{token}", rules.name, Purpose::Preferences.path()));
    }
    let Some((_, list, number)) = found.first().filter(|_| !lines.is_empty()) else { return Ok(()) };
    tracking::note(cx, &trail(*list, *number), TrackingEvent::LinksRequested, LinkTargetId::NONE)?;
    let mail = NewMail {
        account: AccountId::NONE,
        list: ListId::NONE,
        number: SubscriberNumber::NONE,
        purpose: MailPurpose::Notice,
        from_name: String::new(),
        from_email: String::new(),
        reply_to: String::new(),
        to: address.entered().to_owned(),
        subject: "Your subscriptions".to_owned(),
        plain: format!(
            "Hello,\n\nsomebody, hopefully you, asked for the pages where {} can be taken off mailing lists:\n\n{}\n\n\
             If it was not you, do nothing.\n",
            address.entered(),
            lines.join("\n")
        ),
        html: String::new(),
    };
    outbox::queue_mail(cx, mail).map(drop)
}

const fn trail(list: ListId, number: SubscriberNumber) -> Trail {
    Trail { campaign: CampaignId::NONE, message: MessageId::NONE, list, number }
}

/// The trail behind the last part of an unsubscribe link, of either form.
#[must_use]
pub fn read_unsubscribe(secret: &str, token: &str) -> Option<Trail> {
    let own = Signer::new(secret).read(Purpose::Unsubscribe, token);
    own.or_else(|| links::read(secret, links::Purpose::Unsubscribe, token).map(|(list, number)| trail(list, number)))
}

/// `j•••@example.com`: enough for its owner, too little for others.
#[must_use]
pub fn masked(email: &str) -> String {
    match email.rsplit_once('@') {
        Some((local, host)) => format!("{}•••@{host}", local.chars().next().unwrap_or('•')),
        None => "•••".to_owned(),
    }
}

/// The account and address of whom a link is about.
fn reach(cx: &mut Ctx<'_>, trail: &Trail) -> Result<Option<(AccountId, String, String)>, StoreError> {
    let Some(rules) = lists::rules(cx, trail.list)?.filter(|rules| rules.owner_is_enabled) else { return Ok(None) };
    let row = cx.tx.find_subscriber(trail.list, trail.number)?;
    Ok(row.map(|row| (rules.account_id, row.email, row.email_key)))
}
