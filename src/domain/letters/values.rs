//! What tags stand for: the same for all, which is put in once, or each person's own.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::domain::contacts::columns::Column;
use crate::domain::contacts::{Contact, dates};
use crate::domain::field_values::CHOICE_SEPARATOR;
use crate::domain::links as signed;
use crate::domain::projects::{Project, ProjectField};
use crate::domain::tags::{Bound, Tag, Template};
use crate::domain::tracking::tokens::{Purpose, Signer, Trail};
use crate::model::ids::{CampaignId, FieldId, LinkTargetId, MessageId, OperationalLinkId, OptInId, SubscriberNumber};
use crate::model::states::{DataType, SubscriptionStatus};
use crate::store::rows::accounts::{AccountProfile, AccountRow};

/// What a tag stands for that differs from person to person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Address,
    Number,
    SubscribedAt,
    SubscribedIp,
    OptedInAt,
    Status,
    CreatedAt,
    IsActive,
    Tracking,
    TrackingDate,
    OptIn(OptInId),
    OptInDate(OptInId),
    /// A field's value; dates dotted where the tag is of the wire that writes them so.
    Field {
        id: FieldId,
        is_dotted: bool,
        is_multiple: bool,
    },
    Link(Link),
    /// Where a counted link leads, by way of the counter.
    Click(LinkTargetId),
}

/// A link that each person has an own one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Confirm,
    Reject,
    Activate,
    Operational(i64),
    Letter(Purpose),
    Picture,
}

/// What all letters of one message have in common.
pub(super) struct Facts<'a> {
    pub project: &'a Project,
    pub owner: Option<&'a (AccountRow, AccountProfile)>,
    pub campaign: Option<(CampaignId, &'a str)>,
    /// By name in lower case.
    pub parameters: BTreeMap<String, &'a str>,
}

impl Facts<'_> {
    /// What a tag is.
    pub fn meaning(&self, tag: &Tag) -> Bound<Source> {
        let link = |link| Bound::Value(Source::Link(link));
        match tag {
            Tag::Merge { group, name } => self.merge(&group.to_ascii_lowercase(), &name.to_ascii_lowercase()),
            Tag::Contact(name) => self.column(name),
            Tag::Parameter(name) => {
                self.parameters.get(&name.to_lowercase()).map_or(Bound::Nothing, |value| same(value))
            }
            Tag::ActivationLink => link(Link::Activate),
            Tag::UnsubscribeLink => link(Link::Letter(Purpose::Unsubscribe)),
            Tag::OperationalLink(id) => link(Link::Operational(*id)),
            Tag::Click(id) => Bound::Value(Source::Click(*id)),
            Tag::Unknown(text) => {
                tracing::debug!(tag = text, project.id = %self.project.id(), "a tag of a message is unknown and left empty");
                Bound::Nothing
            }
        }
    }

    fn merge(&self, group: &str, name: &str) -> Bound<Source> {
        let list = &self.project.list;
        match (group, name) {
            ("subscriber", name) => self.subscriber(name),
            ("link", name) => link_of(name).map_or(Bound::Nothing, |link| Bound::Value(Source::Link(link))),
            ("list", "listid") => same(&list.id.to_string()),
            ("list", "name") => same(&list.name),
            ("list", "sendername") => same(&list.sender_name),
            ("list", "senderemailaddress" | "senderemail") => same(&list.sender_email),
            ("list", "sendercompany") => same(&list.sender_company),
            ("list", "senderaddress") => same(&list.sender_address),
            ("campaign", "campaignid") => self.campaign.map_or(Bound::Nothing, |(id, _)| same(&id.to_string())),
            ("campaign", "campaignname") => self.campaign.map_or(Bound::Nothing, |(_, name)| same(name)),
            ("user", name) => self.user(name),
            _ => Bound::Nothing,
        }
    }

    fn subscriber(&self, name: &str) -> Bound<Source> {
        let source = match name {
            "emailaddress" => Source::Address,
            "subscriberid" => Source::Number,
            "subscriptiondate" => Source::SubscribedAt,
            "subscriptionip" => Source::SubscribedIp,
            "subscriptionstatus" => Source::Status,
            "optindate" => Source::OptedInAt,
            code => return self.field(code, false),
        };
        Bound::Value(source)
    }

    fn user(&self, name: &str) -> Bound<Source> {
        let Some((account, profile)) = self.owner else { return Bound::Nothing };
        same(match name {
            "userid" => return same(&account.id.to_string()),
            "emailaddress" => &account.email,
            "firstname" => &account.first_name,
            "lastname" => &account.last_name,
            "companyname" => &account.company,
            "website" => &profile.website,
            "street" => &profile.street,
            "street2" => &profile.street2,
            "city" => &profile.city,
            "state" => &profile.state,
            "zip" => &profile.zip,
            "country" => &profile.country,
            "phone" => &profile.phone,
            "fax" => &profile.fax,
            _ => return Bound::Nothing,
        })
    }

    fn column(&self, name: &str) -> Bound<Source> {
        let opt_in = |code: &str| self.project.opt_in(code).map(|opt_in| opt_in.id);
        let source = match Column::parse(name) {
            Column::Number => Some(Source::Number),
            Column::Address => Some(Source::Address),
            Column::Field(code) => return self.field(&code, true),
            Column::OptIn(code) => opt_in(&code).map(Source::OptIn),
            Column::OptInDate(code) => opt_in(&code).map(Source::OptInDate),
            Column::IsActive => Some(Source::IsActive),
            Column::Tracking => Some(Source::Tracking),
            Column::TrackingDate => Some(Source::TrackingDate),
            Column::CreatedAt => Some(Source::CreatedAt),
        };
        source.map_or(Bound::Nothing, Bound::Value)
    }

    fn field(&self, code: &str, is_dotted: bool) -> Bound<Source> {
        let Some(ProjectField { field, data_type, .. }) = self.project.field(code) else { return Bound::Nothing };
        let is_date = matches!(data_type, DataType::Date | DataType::DateTime);
        Bound::Value(Source::Field {
            id: field.id,
            is_dotted: is_dotted && is_date,
            is_multiple: *data_type == DataType::MultiChoice,
        })
    }
}

fn same(value: &str) -> Bound<Source> {
    Bound::Same(value.to_owned())
}

/// `%Link:…%` by its name in lower case.
fn link_of(name: &str) -> Option<Link> {
    Some(match name {
        "confirm" => Link::Confirm,
        "reject" => Link::Reject,
        "unsubscribe" => Link::Letter(Purpose::Unsubscribe),
        "webbrowser" => Link::Letter(Purpose::View),
        "forward" => Link::Letter(Purpose::Forward),
        "subscriberarea" => Link::Letter(Purpose::Preferences),
        "trackopen" => Link::Picture,
        _ => return None,
    })
}

/// Who reads a letter, with the links made for them so far.
pub(super) struct Reader<'a> {
    pub person: &'a Contact,
    pub trail: Trail,
    /// Whether clicks are counted; else counted links lead straight on.
    pub is_tracked: bool,
    pub links: &'a LinkMaker,
    pub targets: &'a BTreeMap<LinkTargetId, Template<Source>>,
    /// The zone of the wire's dates.
    pub zone: chrono_tz::Tz,
    tokens: [OnceCell<String>; 5],
}

/// What links are made of.
#[derive(Debug, Clone)]
pub(super) struct LinkMaker {
    pub public_url: String,
    pub secret: String,
    pub signer: Signer,
}

impl<'a> Reader<'a> {
    pub fn new(
        person: &'a Contact,
        letter: (CampaignId, MessageId),
        is_tracked: bool,
        links: &'a LinkMaker,
        targets: &'a BTreeMap<LinkTargetId, Template<Source>>,
        zone: chrono_tz::Tz,
    ) -> Self {
        let (campaign, message) = letter;
        let Contact { subscriber, .. } = person;
        let trail = Trail { campaign, message, list: subscriber.list_id, number: subscriber.number };
        Self { person, trail, is_tracked, links, targets, zone, tokens: Default::default() }
    }

    /// Nobody that is known: a friend the message was sent on to. What would act for a subscriber is left out.
    pub fn is_stranger(&self) -> bool {
        self.trail.number == SubscriberNumber::NONE
    }

    fn token(&self, purpose: Purpose) -> &str {
        let place = match purpose {
            Purpose::Track => 0,
            Purpose::View => 1,
            Purpose::Forward => 2,
            Purpose::Preferences => 3,
            Purpose::Unsubscribe => 4,
        };
        self.tokens[place].get_or_init(|| self.links.signer.token(purpose, &self.trail))
    }

    /// The whole address of a link.
    pub fn link(&self, link: Link) -> String {
        let (LinkMaker { public_url, secret, .. }, list, number) = (self.links, self.trail.list, self.trail.number);
        if self.is_stranger() && link != Link::Letter(Purpose::View) {
            return String::new();
        }
        let path = match link {
            Link::Confirm => signed::path(secret, signed::Purpose::Confirm, list, number),
            Link::Reject => signed::path(secret, signed::Purpose::Reject, list, number),
            Link::Activate => signed::activation_path(secret, list, number),
            Link::Operational(id) => signed::operational_path(secret, OperationalLinkId(id), list, number),
            Link::Picture => format!("/t/o/{}.gif", self.token(Purpose::Track)),
            Link::Letter(purpose) => format!("{}{}", purpose.path(), self.token(purpose)),
        };
        format!("{public_url}{path}")
    }

    fn click(&self, id: LinkTargetId) -> String {
        if self.is_tracked && !self.is_stranger() {
            return format!("{}{}", self.links.public_url, Signer::click_path(self.token(Purpose::Track), id));
        }
        self.targets.get(&id).map_or_else(String::new, |target| target.fill(|source| self.value(source)))
    }

    /// The value of a tag for this reader.
    pub fn value(&self, source: &Source) -> Cow<'a, str> {
        let person = self.person;
        let state = |said: Option<bool>| Cow::from(said.map_or("", |yes| if yes { "1" } else { "0" }));
        let dotted = |at| Cow::Owned(dates::dotted(at, self.zone));
        let iso = |at| Cow::Owned(dates::local(at, self.zone).format("%Y-%m-%d").to_string());
        match source {
            Source::Address => Cow::Borrowed(&person.subscriber.email),
            Source::Number if self.is_stranger() => Cow::Borrowed(""),
            Source::Number => Cow::Owned(person.number().to_string()),
            Source::SubscribedAt => iso(person.subscriber.subscribed_at),
            Source::OptedInAt => person.subscriber.opted_in_at.map_or(Cow::Borrowed(""), iso),
            Source::SubscribedIp => Cow::Borrowed(&person.subscriber.subscribed_ip),
            Source::Status => Cow::Borrowed(status(person.subscriber.status)),
            Source::CreatedAt => dotted(person.subscriber.subscribed_at),
            Source::IsActive => state(Some(person.is_active())),
            Source::Tracking => state(person.tracking.map(|said| said.is_given)),
            Source::TrackingDate => person.tracking.map_or(Cow::Borrowed(""), |said| dotted(said.at)),
            Source::OptIn(id) => state(person.opt_ins.get(id).map(|said| said.is_given)),
            Source::OptInDate(id) => person.opt_ins.get(id).map_or(Cow::Borrowed(""), |said| dotted(said.at)),
            Source::Field { id, is_dotted, is_multiple } => field(person.value(*id), *is_dotted, *is_multiple),
            Source::Link(link) => Cow::Owned(self.link(*link)),
            Source::Click(id) => Cow::Owned(self.click(*id)),
        }
    }
}

/// A value as people read it: dates dotted where the wire writes them so, choices joined by commas.
fn field(kept: &str, is_dotted: bool, is_multiple: bool) -> Cow<'_, str> {
    if is_dotted {
        Cow::Owned(dates::dotted_value(kept))
    } else if is_multiple {
        Cow::Owned(kept.replace(CHOICE_SEPARATOR, ", "))
    } else {
        Cow::Borrowed(kept)
    }
}

/// The words of the wire that has the tag.
const fn status(status: SubscriptionStatus) -> &'static str {
    match status {
        SubscriptionStatus::OptInPending => "Opt-In Pending",
        SubscriptionStatus::Subscribed => "Subscribed",
        SubscriptionStatus::OptOutPending => "Opt-Out Pending",
        SubscriptionStatus::Unsubscribed => "Unsubscribed",
    }
}
