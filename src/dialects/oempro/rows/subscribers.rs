//! Subscribers as this wire shows them (OE-8).

use crate::dialects::kit::value::Object;
use crate::dialects::oempro::wire::Wire;
use crate::domain::subscribers::{Placed, WithValues};
use crate::model::ids::FieldId;
use crate::model::states::{BounceType, SubscriptionStatus};

/// A subscriber with one member a field, empty where it has no value.
#[must_use]
pub fn row(one: &WithValues, fields: &[FieldId], wire: &Wire) -> Object {
    let subscriber = &one.subscriber;
    let mut row = Object::new()
        .put("SubscriberID", wire.id(subscriber.number.0))
        .put("EmailAddress", &subscriber.email)
        .put("BounceType", bounce_type(subscriber.bounce))
        .put("SubscriptionStatus", status(subscriber.status, wire))
        .put("SubscriptionDate", wire.subscriber_date(Some(subscriber.subscribed_at)))
        .put("SubscriptionIP", &subscriber.subscribed_ip)
        .put("UnsubscriptionDate", wire.subscriber_date(subscriber.unsubscribed_at))
        .put("UnsubscriptionIP", &subscriber.unsubscribed_ip)
        .put("OptInDate", wire.subscriber_date(subscriber.opted_in_at));
    for field in fields {
        let value = one.values.get(field).map_or("", String::as_str);
        row.insert(format!("CustomField{field}"), value);
    }
    row
}

/// The short form that Subscriber.Subscribe answers.
#[must_use]
pub fn placed(placed: &Placed, wire: &Wire) -> Object {
    Object::new()
        .put("SubscriberID", wire.id(placed.number.0))
        .put("EmailAddress", &placed.email)
        .put("SubscriptionStatus", status(placed.status, wire))
}

/// The words of `SubscriptionStatus`. A double opt-in that waits has another word for clients of a sister product, see OE-12.
#[must_use]
pub fn status(status: SubscriptionStatus, wire: &Wire) -> &'static str {
    match status {
        SubscriptionStatus::OptInPending if wire.is("pending_word", "confirmation_pending") => "Confirmation Pending",
        SubscriptionStatus::OptInPending => "Opt-In Pending",
        SubscriptionStatus::Subscribed => "Subscribed",
        SubscriptionStatus::OptOutPending => "Opt-Out Pending",
        SubscriptionStatus::Unsubscribed => "Unsubscribed",
    }
}

/// The status of a word, in any case.
#[must_use]
pub fn status_of_word(word: &str) -> Option<SubscriptionStatus> {
    let words = [
        ("Opt-In Pending", SubscriptionStatus::OptInPending),
        ("Confirmation Pending", SubscriptionStatus::OptInPending),
        ("Subscribed", SubscriptionStatus::Subscribed),
        ("Opt-Out Pending", SubscriptionStatus::OptOutPending),
        ("Unsubscribed", SubscriptionStatus::Unsubscribed),
    ];
    words.iter().find(|(known, _)| known.eq_ignore_ascii_case(word.trim())).map(|(_, status)| *status)
}

/// The words of `BounceType`.
#[must_use]
pub fn bounce_type(bounce: BounceType) -> &'static str {
    match bounce {
        BounceType::NotBounced => "Not Bounced",
        BounceType::Soft => "Soft",
        BounceType::Hard => "Hard",
    }
}

/// The bounce state of a word, in any case.
#[must_use]
pub fn bounce_of_word(word: &str) -> Option<BounceType> {
    [BounceType::NotBounced, BounceType::Soft, BounceType::Hard]
        .into_iter()
        .find(|bounce| bounce_type(*bounce).eq_ignore_ascii_case(word.trim()))
}
