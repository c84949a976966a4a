//! A campaign's message made ready for one recipient after the other: its tags are read once, its values put in for each.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::campaigns::Campaign;
use crate::domain::cx::Ctx;
use crate::domain::envelope_senders::Posted;
use crate::domain::field_values::CHOICE_SEPARATOR;
use crate::domain::fields;
use crate::domain::letters::{Bulk, Letter, LetterKind};
use crate::domain::links::{self, Purpose};
use crate::domain::merge_tags::Place;
use crate::domain::tags::{Compiled, Tag};
use crate::model::ids::{AccountId, CampaignId, FieldId, ListId};
use crate::model::states::ContentType;
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::field_values::FieldValues;
use crate::store::rows::lists::ListRow;
use crate::store::rows::subscribers::SubscriberRow;

/// A message for any number of recipients of one list.
#[derive(Debug, Clone)]
pub struct Prepared {
    account: AccountId,
    campaign: (CampaignId, String),
    list: (ListId, String),
    secret: Arc<str>,
    public_url: String,
    fields: BTreeMap<String, FieldId>,
    from_email: String,
    reply_to: (String, String),
    subject: Compiled,
    from_name: Compiled,
    plain: Compiled,
    html: Compiled,
}

/// Who a letter is for.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// The subscriber.
    pub subscriber: &'a SubscriberRow,
    /// Its values, list-wide and global.
    pub values: &'a FieldValues,
}

/// Makes a campaign's message ready for one of its lists. `None` when the message or the list is gone. For internal use: no permission is asked.
///
/// # Errors
/// [`StoreError`] only.
pub fn prepare(cx: &mut Ctx<'_>, campaign: &Campaign, list: ListId) -> Result<Option<Prepared>, StoreError> {
    let account = campaign.account_id;
    let Some(message) = cx.tx.find_message(account, campaign.message_id)? else { return Ok(None) };
    let Some(list) = cx.tx.find_list(account, list)? else { return Ok(None) };
    let fields = tag_names(cx, &list)?;
    let or = |text: &str, other: &str, last: &str| {
        let chosen = [text, other].into_iter().find(|text| !text.trim().is_empty());
        chosen.unwrap_or(last).to_owned()
    };
    let (plain, html) = match message.content_type {
        ContentType::Plain => (message.plain_body.as_str(), ""),
        ContentType::Html => ("", message.html_body.as_str()),
        ContentType::Both => (message.plain_body.as_str(), message.html_body.as_str()),
    };
    let mail = &cx.settings.mail;
    Ok(Some(Prepared {
        account,
        campaign: (campaign.id, campaign.name.clone()),
        secret: cx.settings.security.link_secret.as_str().into(),
        public_url: cx.settings.public_url().to_owned(),
        fields,
        from_email: or(&message.from_email, &list.sender_email, &mail.from_email),
        reply_to: (message.reply_to_name.clone(), message.reply_to_email.clone()),
        subject: Compiled::new(&message.subject),
        from_name: Compiled::new(&or(&message.from_name, &list.sender_name, &mail.from_name)),
        plain: Compiled::new(plain),
        html: Compiled::new(html),
        list: (list.id, list.name),
    }))
}

/// The fields of a list by the names that tags know them by, in lower case: `customfield12`, the alias, the code.
fn tag_names(cx: &mut Ctx<'_>, list: &ListRow) -> Result<BTreeMap<String, FieldId>, StoreError> {
    let mut names = BTreeMap::new();
    for field in fields::definitions(cx, list.account_id, list.id)? {
        for name in [field.code.to_lowercase(), field.alias.to_lowercase(), format!("customfield{}", field.id)] {
            if !name.is_empty() {
                names.insert(name, field.id);
            }
        }
    }
    Ok(names)
}

impl Prepared {
    /// The letter to one recipient. `created_at` is the same for every try.
    #[must_use]
    pub fn render(&self, person: &Person<'_>, posted: Posted, created_at: UtcTime) -> Letter {
        let put = |text: &Compiled, place: Place| {
            text.render(place, &|tag| self.value(tag, person), &|group, name| self.merge_value(group, name, person))
        };
        Letter {
            posted,
            account: self.account,
            kind: LetterKind::Campaign,
            from_name: put(&self.from_name, Place::Header),
            from_email: self.from_email.clone(),
            reply_to_name: self.reply_to.0.clone(),
            reply_to: self.reply_to.1.clone(),
            to: person.subscriber.email.clone(),
            subject: put(&self.subject, Place::Header),
            plain: put(&self.plain, Place::Plain),
            html: put(&self.html, Place::Html),
            headers: Vec::new(),
            created_at,
            bulk: Some(Bulk {
                list: self.list.0,
                list_name: self.list.1.clone(),
                campaign: self.campaign.0.0,
                sort: "campaign",
                unsubscribe_url: self.unsubscribe_link(person),
            }),
            enclosures: Arc::default(),
        }
    }

    fn value(&self, tag: &Tag, person: &Person<'_>) -> Option<String> {
        match tag {
            Tag::UnsubscribeLink => Some(self.unsubscribe_link(person)),
            Tag::Contact(name) => {
                let code = name.strip_prefix("f_").unwrap_or(name);
                self.of_subscriber(code, person)
            }
            Tag::Parameter(_) | Tag::ActivationLink | Tag::OperationalLink(_) | Tag::Unknown(_) => None,
        }
    }

    fn merge_value(&self, group: &str, name: &str, person: &Person<'_>) -> Option<String> {
        match (group.to_ascii_lowercase().as_str(), name.to_ascii_lowercase().as_str()) {
            ("subscriber", name) => self.of_subscriber(name, person),
            ("link", "unsubscribe") => Some(self.unsubscribe_link(person)),
            ("list", "name") => Some(self.list.1.clone()),
            ("list", "listid") => Some(self.list.0.to_string()),
            ("campaign", "campaignname") => Some(self.campaign.1.clone()),
            ("campaign", "campaignid") => Some(self.campaign.0.to_string()),
            _ => None,
        }
    }

    fn of_subscriber(&self, name: &str, person: &Person<'_>) -> Option<String> {
        match name.to_lowercase().as_str() {
            "emailaddress" | "email" => Some(person.subscriber.email.clone()),
            "subscriberid" => Some(person.subscriber.number.to_string()),
            name => {
                let field = self.fields.get(name)?;
                let kept = person.values.get(field).map(String::as_str).unwrap_or_default();
                Some(kept.replace(CHOICE_SEPARATOR, ", "))
            }
        }
    }

    fn unsubscribe_link(&self, person: &Person<'_>) -> String {
        let path = links::path(&self.secret, Purpose::Unsubscribe, self.list.0, person.subscriber.number);
        format!("{}{path}", self.public_url)
    }
}
