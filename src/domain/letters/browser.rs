//! A message as its reader's browser shows it, where its counted links lead, and the message sent on to a friend. The holder of a signed link acts here:
//! check its token before.

use crate::domain::contacts::Contact;
use crate::domain::cx::Ctx;
use crate::domain::letters::prepare::{self, Prepared, Reading, Wanted};
use crate::domain::letters::{LetterKind, text_part};
use crate::domain::messages::versions::{self, Versioned};
use crate::domain::outbox::{self, NewMail};
use crate::domain::projects;
use crate::domain::suppression;
use crate::domain::tracking::tokens::Trail;
use crate::domain::tracking::{self};
use crate::model::email_address::EmailAddress;
use crate::model::ids::{ImportId, LinkTargetId, ListId, MailId, SubscriberNumber, VersionId};
use crate::model::states::{BounceType, MailPurpose, Roster, Source, SubscriptionStatus, TrackingEvent};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::accounts::AccountProfile;
use crate::store::rows::subscribers::SubscriberRow;

/// Times that one person may send messages on in an hour.
const FORWARDS_AN_HOUR: i64 = 5;
/// Longest name of a person who sends a message on, in characters.
const MAX_NAME: usize = 60;

/// A message as a browser shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its subject.
    pub subject: String,
    /// Its HTML; empty when it is plain text only.
    pub html: String,
    /// Its text.
    pub plain: String,
}

/// The message behind a trail as its reader would see it, pictures included; `None` when the message, its list or the reader is gone. A trail without a
/// number shows it as nobody in particular sees it.
///
/// # Errors
/// [`StoreError`] only.
pub fn view(cx: &mut Ctx<'_>, trail: &Trail) -> Result<Option<Shown>, StoreError> {
    let Some((ready, person)) = reach(cx, trail)? else { return Ok(None) };
    let Some(mut filled) = ready.fill(&person) else { return Ok(None) };
    for picture in ready.enclosures().iter().filter(|enclosure| !enclosure.content_id.is_empty()) {
        let cid = format!("cid:{}", picture.content_id);
        if filled.html.contains(&cid) {
            filled.html = filled.html.replace(&cid, &picture.as_data());
        }
    }
    Ok(Some(Shown { subject: filled.subject, html: filled.html, plain: filled.plain }))
}

/// Where a counted link leads for the holder of its token; `None` when there is no such link.
///
/// # Errors
/// [`StoreError`] only.
pub fn target(cx: &mut Ctx<'_>, trail: &Trail, link: LinkTargetId) -> Result<Option<String>, StoreError> {
    let Some(row) = cx.tx.find_link_target(trail.message, link)? else { return Ok(None) };
    if !row.url.contains('%') && !row.url.contains("[[=") {
        return Ok(Some(row.url));
    }
    let Some(list) = cx.tx.find_list(row.account_id, trail.list)? else { return Ok(Some(row.url)) };
    let project = projects::of_list(cx, list)?;
    let person = person(cx, &project, trail.number)?.unwrap_or_else(|| stranger(trail.list, ""));
    Ok(Some(prepare::fill_address(cx, &project, &row.url, &person, trail)?))
}

/// Why a message was not sent on.
#[derive(Debug, thiserror::Error)]
pub enum ForwardError {
    /// The message, its list or the reader is gone.
    #[error("no such message any more")]
    NoMessage,
    /// The friend's address is none that can be mailed.
    #[error("no e-mail address that can be mailed")]
    BadAddress,
    /// The holder of the link sent it on often enough for now.
    #[error("sent on too often in the last hour")]
    TooOften,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sends a message on to a friend, once for each time the holder of the link asks and a few times an hour. A friend whose address is suppressed gets
/// none, and the sender does not learn that. Nothing in it acts for the subscriber.
///
/// # Errors
/// [`ForwardError`].
pub fn forward(cx: &mut Ctx<'_>, trail: &Trail, friend: &str, name: &str) -> Result<Option<MailId>, ForwardError> {
    let address = EmailAddress::parse(friend).ok_or(ForwardError::BadAddress)?;
    let (ready, person) = reach(cx, trail)?.ok_or(ForwardError::NoMessage)?;
    if person.number() == SubscriberNumber::NONE {
        return Err(ForwardError::NoMessage);
    }
    if tracking::recent(cx, trail, TrackingEvent::Forwarded)? >= FORWARDS_AN_HOUR {
        return Err(ForwardError::TooOften);
    }
    tracking::note(cx, trail, TrackingEvent::Forwarded, LinkTargetId::NONE)?;
    let account = ready.project().account();
    if !suppression::reasons(cx, account, trail.list, address.key())?.is_empty() {
        return Ok(None);
    }
    let filled = ready.fill(&stranger(trail.list, address.entered())).ok_or(ForwardError::NoMessage)?;
    let profile = cx.tx.find_account_profile(account)?.unwrap_or_default();
    let from = sender_name(name).unwrap_or_else(|| person.subscriber.email.clone());
    let text = if filled.plain.is_empty() { text_part::of_html(&filled.html) } else { filled.plain };
    let mail = NewMail {
        account,
        list: trail.list,
        number: SubscriberNumber::NONE,
        purpose: MailPurpose::Notice,
        from_name: filled.from_name,
        from_email: filled.from_email,
        reply_to: String::new(),
        to: address.entered().to_owned(),
        subject: subject(&filled.subject, &ready),
        plain: around(&profile, &format!("{from} sends you this:"), &text),
        html: String::new(),
    };
    Ok(Some(outbox::queue_mail(cx, mail)?))
}

fn around(profile: &AccountProfile, first: &str, text: &str) -> String {
    let parts = [profile.forward_header.trim(), first, text.trim(), profile.forward_footer.trim()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n\n") + "\n"
}

fn subject(own: &str, ready: &Prepared) -> String {
    let versions = &ready.message().versions;
    let other = versions.iter().map(|version| version.text.subject_tell_a_friend.trim()).find(|text| !text.is_empty());
    other.map_or_else(|| format!("Fwd: {own}"), str::to_owned)
}

/// A name that cannot carry a message of its own: letters and few of them.
fn sender_name(name: &str) -> Option<String> {
    let kept: String =
        name.trim().chars().filter(|c| c.is_alphabetic() || " -.'".contains(*c)).take(MAX_NAME).collect();
    let has_host = kept.split(' ').any(|word| word.trim_end_matches('.').contains('.'));
    (!kept.trim().is_empty() && !has_host).then_some(kept)
}

/// The message and reader of a trail.
fn reach(cx: &mut Ctx<'_>, trail: &Trail) -> Result<Option<(Prepared, Contact)>, StoreError> {
    let Some(rules) = cx.tx.find_list_rules(trail.list)?.filter(|rules| rules.owner_is_enabled) else {
        return Ok(None);
    };
    let Some(list) = cx.tx.find_list(rules.account_id, trail.list)? else { return Ok(None) };
    let Some(message) = versions::find(cx, rules.account_id, trail.list, trail.message)? else { return Ok(None) };
    let project = projects::of_list(cx, list)?;
    let Some(person) = (match trail.number {
        SubscriberNumber::NONE => Some(stranger(trail.list, "")),
        number => person(cx, &project, number)?,
    }) else {
        return Ok(None);
    };
    let ready = ready(cx, trail, project, message)?;
    Ok(Some((ready, person)))
}

fn ready(
    cx: &mut Ctx<'_>,
    trail: &Trail,
    project: projects::Project,
    message: Versioned,
) -> Result<Prepared, StoreError> {
    let campaign = prepare::campaign_of(cx, project.account(), trail)?;
    let wanted = Wanted {
        account: project.account(),
        list: trail.list,
        message: trail.message,
        kind: LetterKind::Campaign,
        campaign: campaign.as_ref().map(|(id, name)| (*id, name.as_str())),
        is_tracked: None,
        version: VersionId::NONE,
        parameters: &[],
        reading: Reading::Browser,
    };
    prepare::of_message(cx, &wanted, project, message)
}

fn person(
    cx: &mut Ctx<'_>,
    project: &projects::Project,
    number: SubscriberNumber,
) -> Result<Option<Contact>, StoreError> {
    let rows = cx.tx.find_subscriber(project.id(), number)?.into_iter().collect();
    Ok(crate::domain::contacts::with_details(cx, project, rows)?.pop())
}

/// A reader of whom nothing is known but an address.
fn stranger(list: ListId, email: &str) -> Contact {
    let subscriber = SubscriberRow {
        list_id: list,
        number: SubscriberNumber::NONE,
        email: email.to_owned(),
        email_key: email.to_lowercase(),
        status: SubscriptionStatus::Subscribed,
        bounce: BounceType::NotBounced,
        is_suppressed: false,
        roster: Roster::Active,
        fields: "{}".to_owned(),
        subscribed_at: UtcTime(0),
        subscribed_ip: String::new(),
        opted_in_at: None,
        unsubscribed_at: None,
        unsubscribed_ip: String::new(),
        request_sent_at: None,
        source: Source::Unknown,
        source_ref: String::new(),
        import_id: ImportId::NONE,
    };
    Contact { subscriber, values: Default::default(), opt_ins: Default::default(), tracking: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_carries_no_message_of_its_own() {
        assert_eq!(sender_name(" Ada M. O'Neil "), Some("Ada M. O'Neil".to_owned()));
        assert_eq!(sender_name("Visit https://evil.example/now"), None);
        assert_eq!(sender_name("a\r\nBcc: b"), Some("aBcc b".to_owned()));
        assert_eq!(sender_name("123"), None);
    }
}
