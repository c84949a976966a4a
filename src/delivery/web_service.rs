//! The XML that a list's web service is told a change with: the `WebServiceData` field of a POST (OE-9.21, OE-13.8).
//!
//! Unproven: the old platform published that this field holds XML, not what the XML looks like. This is a plain form of it, with the
//! names that rows of `api.php` carry:
//!
//! ```xml
//! <?xml version="1.0" encoding="utf-8"?>
//! <WebServiceData>
//!   <Event>Subscription</Event>                          or Unsubscription
//!   <List><ListID>3</ListID><Name>News</Name></List>
//!   <Subscriber>
//!     <SubscriberID>17</SubscriberID><EmailAddress>a@example.com</EmailAddress>
//!     <SubscriptionStatus>Subscribed</SubscriptionStatus>  Opt-In Pending, Subscribed, Opt-Out Pending, Unsubscribed
//!     <BounceType>Not Bounced</BounceType>                 Not Bounced, Soft, Hard
//!     <SubscriptionDate>2026-01-31 23:59:59</SubscriptionDate><SubscriptionIP>192.0.2.1</SubscriptionIP>
//!     <OptInDate/><UnsubscriptionDate/><UnsubscriptionIP/> an element without text has no value
//!     <CustomField5>value</CustomField5>                   one for each field with a value
//!   </Subscriber>
//! </WebServiceData>
//! ```
//!
//! There are no line breaks or blanks between elements. Dates are in the zone that `oempro.time_zone` names.

use chrono::DateTime;
use chrono_tz::Tz;
use quick_xml::escape::escape;

use crate::domain::workload::HookCall;
use crate::model::states::{BounceType, HookEvent, SubscriptionStatus};
use crate::model::time::UtcTime;

/// The text of the `WebServiceData` field.
pub(super) fn document(call: &HookCall, zone: Tz) -> String {
    let (list, who) = (&call.list, &call.subscriber);
    let date = |at: Option<UtcTime>| at.map(|at| local(at, zone)).unwrap_or_default();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<WebServiceData>");
    let event = match call.hook.event {
        HookEvent::Subscription => "Subscription",
        HookEvent::Unsubscription => "Unsubscription",
    };
    element(&mut xml, "Event", event);
    xml.push_str("<List>");
    element(&mut xml, "ListID", &list.id.to_string());
    element(&mut xml, "Name", &list.name);
    xml.push_str("</List><Subscriber>");
    element(&mut xml, "SubscriberID", &who.number.to_string());
    element(&mut xml, "EmailAddress", &who.email);
    element(&mut xml, "SubscriptionStatus", status_word(who.status));
    element(&mut xml, "BounceType", bounce_word(who.bounce));
    element(&mut xml, "SubscriptionDate", &date(Some(who.subscribed_at)));
    element(&mut xml, "SubscriptionIP", &who.subscribed_ip);
    element(&mut xml, "OptInDate", &date(who.opted_in_at));
    element(&mut xml, "UnsubscriptionDate", &date(who.unsubscribed_at));
    element(&mut xml, "UnsubscriptionIP", &who.unsubscribed_ip);
    for (field, value) in &call.values {
        element(&mut xml, &format!("CustomField{field}"), value);
    }
    xml.push_str("</Subscriber></WebServiceData>");
    xml
}

/// One element. Characters that XML 1.0 cannot hold are dropped.
fn element(xml: &mut String, name: &str, text: &str) {
    let is_legal = |c: &char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{7F}'..='\u{9F}');
    let legal: String = text.chars().filter(|c| is_legal(c) && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect();
    xml.push_str(&format!("<{name}>{}</{name}>", escape(legal.as_str())));
}

fn local(at: UtcTime, zone: Tz) -> String {
    let moment = DateTime::from_timestamp_micros(at.0);
    moment.map(|moment| moment.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

const fn status_word(status: SubscriptionStatus) -> &'static str {
    match status {
        SubscriptionStatus::OptInPending => "Opt-In Pending",
        SubscriptionStatus::Subscribed => "Subscribed",
        SubscriptionStatus::OptOutPending => "Opt-Out Pending",
        SubscriptionStatus::Unsubscribed => "Unsubscribed",
    }
}

const fn bounce_word(bounce: BounceType) -> &'static str {
    match bounce {
        BounceType::NotBounced => "Not Bounced",
        BounceType::Soft => "Soft",
        BounceType::Hard => "Hard",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_illegal_characters_go() {
        let mut xml = String::new();
        element(&mut xml, "Name", "a<b>&\"'\u{0}\u{1B}\u{FFFF}é");
        assert_eq!(xml, "<Name>a&lt;b&gt;&amp;&quot;&apos;é</Name>");
    }

    #[test]
    fn dates_are_in_the_platforms_zone() {
        let at = UtcTime(1_700_000_000_000_000);
        assert_eq!(local(at, Tz::UTC), "2023-11-14 22:13:20");
        assert_eq!(local(at, Tz::Europe__Istanbul), "2023-11-15 01:13:20");
    }
}
