//! A message made ready for many: read, put together and bound to its list once, then rendered for one person after the other, outside of any transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Settings;
use crate::domain::access::Denied;
use crate::domain::contacts::{self, Contact};
use crate::domain::cx::Ctx;
use crate::domain::envelope_senders::Posted;
use crate::domain::letters::bodies::{self, Extras};
use crate::domain::letters::values::{Facts, Link, LinkMaker, Reader, Source};
use crate::domain::letters::{Bulk, Enclosure, Letter, LetterKind, enclosures};
use crate::domain::messages::versions::{self, HTML, PLAIN, Version, Versioned};
use crate::domain::projects::{self, Project};
use crate::domain::subscribers::Subscriber;
use crate::domain::tags::{Place, Tag, Template};
use crate::domain::tracking;
use crate::domain::tracking::targets::{self, Found};
use crate::domain::tracking::tokens::{Purpose, Signer, Trail};
use crate::model::ids::{AccountId, CampaignId, LinkTargetId, ListId, MessageId, VersionId};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::accounts::{AccountProfile, AccountRow};

/// Which message is made ready, and for what.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// Whose message it is.
    pub account: AccountId,
    /// The list it goes to.
    pub list: ListId,
    /// The message.
    pub message: MessageId,
    /// What its letters are.
    pub kind: LetterKind,
    /// The campaign's id and name; `None` for a message that goes to one person.
    pub campaign: Option<(CampaignId, &'a str)>,
    /// Whether opens and clicks are counted; `None`: as the message says.
    pub is_tracked: Option<bool>,
    /// The one version to be sent; [`VersionId::NONE`]: the one that fits each person.
    pub version: VersionId,
    /// Values for `[[=Message.Parameter("name");]]`, compared without case.
    pub parameters: &'a [(String, String)],
    /// Where the letters are read.
    pub reading: Reading,
}

/// Where letters are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// In a mail program. Counted links that the message does not have yet are stored: this needs a transaction that writes.
    Mail,
    /// In the browser: nothing is stored, and there is no picture that tells of an opening.
    Browser,
}

impl<'a> Wanted<'a> {
    /// A campaign's message, tracked as the message says.
    #[must_use]
    pub const fn campaign(
        account: AccountId,
        list: ListId,
        message: MessageId,
        campaign: (CampaignId, &'a str),
    ) -> Self {
        Self {
            account,
            list,
            message,
            kind: LetterKind::Campaign,
            campaign: Some(campaign),
            is_tracked: None,
            version: VersionId::NONE,
            parameters: &[],
            reading: Reading::Mail,
        }
    }
}

/// Why a message was not made ready.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The account has no such list.
    #[error("no list {0}")]
    NoList(ListId),
    /// The list has no such message.
    #[error("no message {0}")]
    NoMessage(MessageId),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A message ready to be rendered for any number of people of one list.
#[derive(Debug, Clone)]
pub struct Prepared {
    project: Project,
    /// Without its bodies: what tells which version is for whom.
    message: Versioned,
    version: VersionId,
    texts: Vec<(VersionId, Texts)>,
    kind: LetterKind,
    campaign: CampaignId,
    is_tracked: bool,
    needs_consent: bool,
    reading: Reading,
    links: LinkMaker,
    targets: BTreeMap<LinkTargetId, Template<Source>>,
    enclosures: Arc<[Enclosure]>,
    /// The server's own name and address, for messages and lists that name no sender.
    server: (String, String),
}

/// The texts of one version.
#[derive(Debug, Clone)]
struct Texts {
    from_name: Template<Source>,
    from_email: String,
    reply_to_name: String,
    reply_to: String,
    subject: Template<Source>,
    plain: Template<Source>,
    /// The HTML before and behind the picture that tells of an opening.
    html: (Template<Source>, Template<Source>),
}

/// The texts of a message with everything put in for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// Sender's name.
    pub from_name: String,
    /// Sender's address; empty for the server's.
    pub from_email: String,
    /// Name behind the address that answers go to.
    pub reply_to_name: String,
    /// Where answers go; empty for the sender.
    pub reply_to: String,
    /// The subject.
    pub subject: String,
    /// Body as text.
    pub plain: String,
    /// Body as HTML; empty for none.
    pub html: String,
}

/// Makes a message ready. For workers; with [`Reading::Mail`] and counted links it needs a transaction that writes.
///
/// # Errors
/// [`PrepareError`].
pub fn prepare(cx: &mut Ctx<'_>, wanted: &Wanted<'_>) -> Result<Prepared, PrepareError> {
    cx.administrator()?;
    let list = cx.tx.find_list(wanted.account, wanted.list)?.ok_or(PrepareError::NoList(wanted.list))?;
    let project = projects::of_list(cx, list)?;
    let message = versions::find(cx, wanted.account, wanted.list, wanted.message)?;
    let message = message.ok_or(PrepareError::NoMessage(wanted.message))?;
    Ok(of_message(cx, wanted, project, message)?)
}

/// Makes a message that was read already ready. For internal use: no permission is asked.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn of_message(
    cx: &mut Ctx<'_>,
    wanted: &Wanted<'_>,
    project: Project,
    mut message: Versioned,
) -> Result<Prepared, StoreError> {
    let owner = owner(cx, project.account())?;
    let extras = Extras::of(cx, wanted, &project, owner.as_ref(), &message)?;
    let is_tracked = wanted.is_tracked.unwrap_or(message.tracks_links);
    let facts = Facts {
        project: &project,
        owner: owner.as_ref(),
        campaign: wanted.campaign,
        parameters: wanted.parameters.iter().map(|(name, value)| (name.to_lowercase(), value.as_str())).collect(),
    };
    let mut counted =
        Counted { is_counted: is_tracked, may_store: wanted.reading == Reading::Mail, ids: BTreeMap::new() };
    let mut texts = Vec::with_capacity(message.versions.len());
    for version in &message.versions {
        texts.push((version.id, read_texts(cx, &facts, &extras, &mut counted, version, message.id)?));
    }
    let whole = |url: &str| Template::new(url, Place::Address).bind(|tag| facts.meaning(tag));
    let targets = counted.ids.iter().map(|(url, id)| (*id, whole(url))).collect();
    let enclosures = enclosures::of_message(cx, message.id)?;
    message.versions.iter_mut().for_each(|version| version.text.bodies.clear());
    Ok(Prepared {
        message,
        version: wanted.version,
        texts,
        kind: wanted.kind,
        campaign: wanted.campaign.map_or(CampaignId::NONE, |(id, _)| id),
        is_tracked,
        needs_consent: cx.settings.letters.tracking_needs_consent,
        reading: wanted.reading,
        links: link_maker(cx.settings),
        targets,
        enclosures,
        server: (cx.settings.mail.from_name.clone(), cx.settings.mail.from_email.clone()),
        project,
    })
}

/// An address with tags, put in for one person.
pub(super) fn fill_address(
    cx: &mut Ctx<'_>,
    project: &Project,
    url: &str,
    person: &Contact,
    trail: &Trail,
) -> Result<String, StoreError> {
    let owner = owner(cx, project.account())?;
    let campaign = campaign_of(cx, project.account(), trail)?;
    let campaign = campaign.as_ref().map(|(id, name)| (*id, name.as_str()));
    let facts = Facts { project, owner: owner.as_ref(), campaign, parameters: BTreeMap::new() };
    let bound = Template::new(url, Place::Address).bind(|tag| facts.meaning(tag));
    let (links, targets) = (link_maker(cx.settings), BTreeMap::new());
    let letter = (trail.campaign, trail.message);
    let reader = Reader::new(person, letter, false, &links, &targets, project.time_zone);
    Ok(bound.fill(|source| reader.value(source)))
}

/// The campaign of a trail with its name, empty when it is gone; `None` for a letter that went to one person.
pub(super) fn campaign_of(
    cx: &mut Ctx<'_>,
    account: AccountId,
    trail: &Trail,
) -> Result<Option<(CampaignId, String)>, StoreError> {
    if trail.campaign == CampaignId::NONE {
        return Ok(None);
    }
    let found = cx.tx.find_campaign(account, trail.campaign)?;
    Ok(Some((trail.campaign, found.map(|campaign| campaign.name).unwrap_or_default())))
}

pub(super) fn link_maker(settings: &Settings) -> LinkMaker {
    let secret = settings.security.link_secret.clone();
    LinkMaker { public_url: settings.public_url(), signer: Signer::new(&secret), secret }
}

fn owner(cx: &mut Ctx<'_>, account: AccountId) -> Result<Option<(AccountRow, AccountProfile)>, StoreError> {
    let Some(row) = cx.tx.find_account(account)? else { return Ok(None) };
    let profile = cx.tx.find_account_profile(account)?.unwrap_or_default();
    Ok(Some((row, profile)))
}

/// The counted links of a message, gathered over its bodies.
struct Counted {
    is_counted: bool,
    may_store: bool,
    ids: BTreeMap<String, LinkTargetId>,
}

impl Counted {
    /// A body whose counted links stand for themselves.
    fn read(
        &mut self,
        cx: &mut Ctx<'_>,
        account: AccountId,
        message: MessageId,
        body: (&str, Place),
        found: Vec<Found>,
    ) -> Result<Template<Tag>, StoreError> {
        let (text, place) = body;
        if !self.is_counted || found.is_empty() {
            return Ok(Template::new(text, place));
        }
        let urls: Vec<&str> = found.iter().map(|found| found.url.as_str()).collect();
        self.ids = targets::ids(cx, account, message, &urls, self.may_store)?;
        let fixed =
            found.into_iter().filter_map(|Found { range, url }| Some((range, Tag::Click(*self.ids.get(&url)?))));
        Ok(Template::with(text, place, fixed.collect()))
    }
}

fn read_texts(
    cx: &mut Ctx<'_>,
    facts: &Facts<'_>,
    extras: &Extras,
    counted: &mut Counted,
    version: &Version,
    message: MessageId,
) -> Result<Texts, StoreError> {
    let (text, account) = (&version.text, facts.project.account());
    let bodies::Bodies { plain, html, picture_at } = extras.bodies(text.body(PLAIN), text.body(HTML));
    let bind = |template: Template<Tag>| template.bind(|tag| facts.meaning(tag));
    let found = if cx.settings.letters.tracks_text { targets::in_text(&plain) } else { Vec::new() };
    let plain = counted.read(cx, account, message, (&plain, Place::Plain), found)?;
    let (head, tail) = html.split_at(picture_at);
    let head = counted.read(cx, account, message, (head, Place::Html), targets::in_html(head))?;
    let or = |text: &str, other: &str| if text.trim().is_empty() { other.to_owned() } else { text.to_owned() };
    let list = &facts.project.list;
    Ok(Texts {
        from_name: bind(Template::new(&or(&text.sender_name, &list.sender_name), Place::Header)),
        from_email: or(&text.sender_email, &list.sender_email),
        reply_to_name: extras.reply_to_name.clone(),
        reply_to: text.reply_to_email.clone(),
        subject: bind(Template::new(&text.subject, Place::Header)),
        plain: bind(plain),
        html: (bind(head), bind(Template::new(tail, Place::Html))),
    })
}

impl Prepared {
    /// The people behind rows of the list, with everything that rendering needs to know of them.
    ///
    /// # Errors
    /// [`StoreError`] only.
    pub fn people(&self, cx: &mut Ctx<'_>, rows: Vec<Subscriber>) -> Result<Vec<Contact>, StoreError> {
        contacts::with_details(cx, &self.project, rows)
    }

    /// The list, as its wire knows it.
    #[must_use]
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The message, without its bodies.
    #[must_use]
    pub fn message(&self) -> &Versioned {
        &self.message
    }

    /// The letter to one person; `None` when the message has no version for them. Needs no transaction.
    #[must_use]
    pub fn render(&self, person: &Contact, posted: Posted, created_at: UtcTime) -> Option<Letter> {
        let reader = self.reader(person);
        let filled = self.fill_for(&reader)?;
        let bulk = (self.kind == LetterKind::Campaign).then(|| Bulk {
            list: self.project.id(),
            list_name: one_line(&self.project.list.name),
            campaign: self.campaign.0,
            sort: "campaign",
            unsubscribe_url: reader.link(Link::Letter(Purpose::Unsubscribe)),
        });
        Some(Letter {
            posted,
            account: self.project.account(),
            kind: self.kind,
            from_name: or(filled.from_name, &self.server.0),
            from_email: or(filled.from_email, &self.server.1),
            reply_to_name: filled.reply_to_name,
            reply_to: filled.reply_to,
            to: person.subscriber.email.clone(),
            subject: filled.subject,
            plain: filled.plain,
            html: filled.html,
            headers: Vec::new(),
            created_at,
            bulk,
            enclosures: Arc::clone(&self.enclosures),
        })
    }

    /// The texts for one person; `None` when the message has no version for them.
    #[must_use]
    pub fn fill(&self, person: &Contact) -> Option<Filled> {
        self.fill_for(&self.reader(person))
    }

    /// The files that travel with the message.
    #[must_use]
    pub fn enclosures(&self) -> &Arc<[Enclosure]> {
        &self.enclosures
    }

    fn reader<'a>(&'a self, person: &'a Contact) -> Reader<'a> {
        let is_tracked = self.is_tracked && tracking::is_allowed(person.tracking, self.needs_consent);
        let letter = (self.campaign, self.message.id);
        Reader::new(person, letter, is_tracked, &self.links, &self.targets, self.project.time_zone)
    }

    fn fill_for(&self, reader: &Reader<'_>) -> Option<Filled> {
        let id = match self.version {
            VersionId::NONE => versions::choose(&self.message, &self.project, reader.person)?.id,
            id => id,
        };
        let (_, texts) = self.texts.iter().find(|(known, _)| *known == id)?;
        let fill = |template: &Template<Source>| template.fill(|source| reader.value(source));
        let mut html = fill(&texts.html.0);
        if reader.is_tracked && self.reading == Reading::Mail && !html.is_empty() && !reader.is_stranger() {
            let picture = reader.link(Link::Picture);
            html.push_str(&format!("<img src=\"{picture}\" width=\"1\" height=\"1\" alt=\"\" style=\"border:0\">"));
        }
        html.push_str(&fill(&texts.html.1));
        Some(Filled {
            from_name: fill(&texts.from_name),
            from_email: texts.from_email.clone(),
            reply_to_name: texts.reply_to_name.clone(),
            reply_to: texts.reply_to.clone(),
            subject: fill(&texts.subject),
            plain: fill(&texts.plain),
            html,
        })
    }
}

fn or(text: String, other: &str) -> String {
    if text.trim().is_empty() { other.to_owned() } else { text }
}

/// A name that may hold anything, for a header.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
