//! A message made ready for one contact after the other: its tags are read once, its values put in for each.

use std::collections::BTreeMap;

use crate::domain::contacts::columns::Column;
use crate::domain::contacts::{Contact, dates};
use crate::domain::cx::Ctx;
use crate::domain::field_values::CHOICE_SEPARATOR;
use crate::domain::links::{self, Purpose};
use crate::domain::merge_tags::Place;
use crate::domain::messages::versions::{HTML, PLAIN, Version, Versioned};
use crate::domain::outbox::{self, NewMail};
use crate::domain::projects::{Project, ProjectField};
use crate::domain::sendings::{Unreachable, version_for};
use crate::domain::tags::{Compiled, Tag};
use crate::model::ids::{MailId, OperationalLinkId, VersionId};
use crate::model::states::{DataType, MailPurpose};
use crate::store::StoreError;

/// A message with its parameters, for any number of contacts of one project.
pub(super) struct Prepared<'a> {
    project: &'a Project,
    message: &'a Versioned,
    named: Option<VersionId>,
    /// By name in lower case.
    parameters: BTreeMap<String, &'a str>,
    texts: BTreeMap<VersionId, Texts>,
}

/// The texts of one version.
struct Texts {
    subject: Compiled,
    sender_name: Compiled,
    plain: Compiled,
    html: Compiled,
}

impl Texts {
    fn new(version: &Version) -> Self {
        let text = &version.text;
        Self {
            subject: Compiled::new(&text.subject),
            sender_name: Compiled::new(&text.sender_name),
            plain: Compiled::new(text.body(PLAIN)),
            html: Compiled::new(text.body(HTML)),
        }
    }
}

impl<'a> Prepared<'a> {
    /// `named`: the one version to be sent; `None`: the one that fits each contact.
    pub fn new(
        project: &'a Project,
        message: &'a Versioned,
        named: Option<VersionId>,
        parameters: &'a [(String, String)],
    ) -> Self {
        let parameters = parameters.iter().map(|(name, value)| (name.to_lowercase(), value.as_str())).collect();
        Self { project, message, named, parameters, texts: BTreeMap::new() }
    }

    /// Queues the mail to a contact. The inner error: it gets none.
    ///
    /// # Errors
    /// [`StoreError`] only.
    pub fn queue(
        &mut self,
        cx: &mut Ctx<'_>,
        contact: &Contact,
        purpose: MailPurpose,
    ) -> Result<Result<MailId, Unreachable>, StoreError> {
        let Some(version) = version_for(self.message, self.named, self.project, contact) else {
            return Ok(Err(Unreachable::NoVersion(contact.number())));
        };
        let texts = self.texts.entry(version.id).or_insert_with(|| Texts::new(version));
        let values = Values { cx, project: self.project, contact, parameters: &self.parameters };
        let (subject, sender_name) =
            (values.put(&texts.subject, Place::Header), values.put(&texts.sender_name, Place::Header));
        let (plain, html) = (values.put(&texts.plain, Place::Plain), values.put(&texts.html, Place::Html));
        let list = &self.project.list;
        let or = |text: String, other: &str| if text.trim().is_empty() { other.to_owned() } else { text };
        let mail = NewMail {
            account: self.project.account(),
            list: self.project.id(),
            number: contact.number(),
            purpose,
            from_name: or(sender_name, &list.sender_name),
            from_email: or(version.text.sender_email.clone(), &list.sender_email),
            reply_to: version.text.reply_to_email.clone(),
            to: contact.subscriber.email.clone(),
            subject,
            plain,
            html,
        };
        Ok(Ok(outbox::queue_mail(cx, mail)?))
    }
}

/// What tags stand for with one contact.
struct Values<'c, 'a, 'p> {
    cx: &'c Ctx<'a>,
    project: &'p Project,
    contact: &'p Contact,
    parameters: &'p BTreeMap<String, &'p str>,
}

impl Values<'_, '_, '_> {
    fn put(&self, text: &Compiled, place: Place) -> String {
        let value_of = |tag: &Tag| {
            let value = self.value(tag);
            if value.is_none() {
                tracing::debug!(?tag, project.id = %self.project.id(), "a tag of a message is unknown and left empty");
            }
            value
        };
        text.render(place, &value_of, &|group, name| self.merge_value(group, name))
    }

    fn value(&self, tag: &Tag) -> Option<String> {
        let (secret, number) = (&self.cx.settings.security.link_secret, self.contact.number());
        let link = |path: String| format!("{}{path}", self.cx.settings.public_url());
        match tag {
            Tag::Contact(name) => self.column(name),
            Tag::Parameter(name) => self.parameters.get(&name.to_lowercase()).map(|value| (*value).to_owned()),
            Tag::ActivationLink => Some(link(links::activation_path(secret, self.project.id(), number))),
            Tag::UnsubscribeLink => Some(link(links::path(secret, Purpose::Unsubscribe, self.project.id(), number))),
            Tag::OperationalLink(id) => {
                Some(link(links::operational_path(secret, OperationalLinkId(*id), self.project.id(), number)))
            }
            Tag::Unknown(_) => None,
        }
    }

    fn column(&self, name: &str) -> Option<String> {
        let state = |said: Option<bool>| said.map_or(String::new(), |yes| u8::from(yes).to_string());
        let zone = self.project.time_zone;
        Some(match Column::parse(name) {
            Column::Number => self.contact.number().to_string(),
            Column::Address => self.contact.subscriber.email.clone(),
            Column::Field(code) => shown(self.project.field(&code)?, self.contact),
            Column::OptIn(code) => {
                let id = self.project.opt_in(&code)?.id;
                state(self.contact.opt_ins.get(&id).map(|said| said.is_given))
            }
            Column::OptInDate(code) => {
                let id = self.project.opt_in(&code)?.id;
                self.contact.opt_ins.get(&id).map(|said| dates::dotted(said.at, zone)).unwrap_or_default()
            }
            Column::IsActive => state(Some(self.contact.is_active())),
            Column::Tracking => state(self.contact.tracking.map(|said| said.is_given)),
            Column::TrackingDate => self.contact.tracking.map(|said| dates::dotted(said.at, zone)).unwrap_or_default(),
            Column::CreatedAt => dates::dotted(self.contact.subscriber.subscribed_at, zone),
        })
    }

    /// The tags of the other wire that a contact's mail may use.
    fn merge_value(&self, group: &str, name: &str) -> Option<String> {
        let secret = &self.cx.settings.security.link_secret;
        match (group.to_ascii_lowercase().as_str(), name.to_ascii_lowercase().as_str()) {
            ("subscriber", "emailaddress") => Some(self.contact.subscriber.email.clone()),
            ("subscriber", "subscriberid") => Some(self.contact.number().to_string()),
            ("subscriber", code) => self.project.field(code).map(|field| shown(field, self.contact)),
            ("link", "unsubscribe") => {
                let path = links::path(secret, Purpose::Unsubscribe, self.project.id(), self.contact.number());
                Some(format!("{}{path}", self.cx.settings.public_url()))
            }
            ("list", "name") => Some(self.project.list.name.clone()),
            ("list", "listid") => Some(self.project.id().to_string()),
            _ => None,
        }
    }
}

/// A value as people read it: dates dotted, choices joined by commas.
fn shown(field: &ProjectField, contact: &Contact) -> String {
    let kept = contact.value(field.field.id);
    match field.data_type {
        DataType::Date | DataType::DateTime => dates::dotted_value(kept),
        DataType::MultiChoice => kept.replace(CHOICE_SEPARATOR, ", "),
        _ => kept.to_owned(),
    }
}
