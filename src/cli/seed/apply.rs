//! Brings an account in line with a seed file, within one transaction.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow, bail};
use toml::Spanned;

use super::file::{Field, File, Key, Link, Message, Project, TableName, Version, line_of};
use super::parts::{self, MadeApplication, MadeWebhook};
use crate::cli::credential::parse_end;
use crate::cli::project::{parse_type, type_word};
use crate::domain::accounts::{self, Profile};
use crate::domain::administration::{self, AdministrationError};
use crate::domain::cx::{Actor, Ctx};
use crate::domain::fields;
use crate::domain::first_run::get_default_group;
use crate::domain::keys::{self, IpRange, Issued, Terms};
use crate::domain::messages::versions::{self, Body, Draft, DraftVersion, HTML, PLAIN, Versioned};
use crate::domain::operational_links;
use crate::domain::projects::{self, NewField, NewProject};
use crate::model::ids::{AccountId, ListId, MessageId, OperationalLinkId};

/// Messages looked through at once.
const PAGE: i64 = 200;

/// What was done, and the ids of everything that the file names.
#[derive(Debug)]
pub struct Applied {
    /// One line for each thing that was made or changed.
    pub done: Vec<String>,
    pub account: AccountId,
    /// Whether the account was made.
    pub is_new_account: bool,
    pub projects: Vec<(String, i64)>,
    pub messages: Vec<(String, i64)>,
    pub links: Vec<(String, i64)>,
    /// Tables by code.
    pub tables: Vec<(String, i64)>,
    /// The keys that were made, by note.
    pub keys: Vec<(String, Issued)>,
    /// The applications that were made.
    pub applications: Vec<MadeApplication>,
    /// The webhooks that were made.
    pub webhooks: Vec<MadeWebhook>,
}

/// Does what the file says.
///
/// # Errors
/// The first thing that cannot be done, by line and name.
pub fn apply(cx: &mut Ctx<'_>, file: &File, text: &str, password_hash: String) -> anyhow::Result<Applied> {
    let place = |name: &Spanned<String>, what: &str| {
        format!("line {}: {what} {:?}", line_of(text, name.span().start), name.get_ref())
    };
    let mut applied = Applied {
        done: Vec::new(),
        account: AccountId::NONE,
        is_new_account: false,
        projects: Vec::new(),
        messages: Vec::new(),
        links: Vec::new(),
        tables: Vec::new(),
        keys: Vec::new(),
        applications: Vec::new(),
        webhooks: Vec::new(),
    };
    account(cx, file, password_hash, &mut applied).with_context(|| place(&file.account.username, "account"))?;
    administration::act_as(cx, file.account.username.get_ref())?;
    let mut by_name: BTreeMap<&str, ListId> = BTreeMap::new();
    for wanted in &file.projects {
        let id = project(cx, wanted, &mut applied).with_context(|| place(&wanted.name, "project"))?;
        if by_name.insert(wanted.name.get_ref(), id).is_some() {
            bail!("{} stands there twice", place(&wanted.name, "project"));
        }
        for field in &wanted.fields {
            self::field(cx, id, field, &mut applied).with_context(|| place(&field.code, "field"))?;
        }
        for wanted in &wanted.opt_ins {
            let known = projects::get(cx, id)?.opt_in(wanted.code.get_ref()).cloned();
            match known {
                Some(known) if known.labels == wanted.labels && known.category_id == wanted.category => {}
                Some(_) => bail!("{}: is there with other labels or another category", place(&wanted.code, "opt-in")),
                None => {
                    projects::add_opt_in(cx, id, wanted.code.get_ref(), &wanted.labels, wanted.category)
                        .with_context(|| place(&wanted.code, "opt-in"))?;
                    applied.done.push(format!("opt-in added: optin_{}", wanted.code.get_ref()));
                }
            }
        }
        for table in &wanted.tables {
            parts::table(cx, id, table, &mut applied).with_context(|| place(&table.code, "table"))?;
        }
        set_key(cx, id, wanted, &mut applied).with_context(|| place(&wanted.name, "key of project"))?;
        messages_and_links(cx, id, wanted, &place, &mut applied)?;
    }
    cx.actor = Actor::System;
    for wanted in &file.projects {
        let project = by_name[wanted.name.get_ref().as_str()];
        for application in &wanted.applications {
            parts::application(cx, project, application, &mut applied)
                .with_context(|| place(&application.name, "application"))?;
        }
    }
    for wanted in &file.keys {
        key(cx, wanted, &by_name, &place, &mut applied).with_context(|| place(&wanted.note, "key"))?;
    }
    for wanted in &file.webhooks {
        let project = match &wanted.project {
            None => ListId::NONE,
            Some(name) => {
                let id = by_name.get(name.get_ref().as_str());
                *id.ok_or_else(|| anyhow!("{} is not in the file", place(name, "project")))?
            }
        };
        parts::webhook(cx, project, wanted, &mut applied).with_context(|| place(&wanted.url, "webhook"))?;
    }
    Ok(applied)
}

fn account(cx: &mut Ctx<'_>, file: &File, hash: String, applied: &mut Applied) -> anyhow::Result<()> {
    let username = file.account.username.get_ref();
    match administration::get_account(cx, username) {
        Ok(account) => applied.account = account.id,
        Err(AdministrationError::NoAccount(_)) => {
            let group = get_default_group(cx)?;
            let account = accounts::blank(cx, group, username, &file.account.email, hash);
            applied.account = accounts::create(cx, &account, &Profile::default())?;
            applied.is_new_account = true;
            applied.done.push(format!("account {} made: {username}", applied.account));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn project(cx: &mut Ctx<'_>, wanted: &Project, applied: &mut Applied) -> anyhow::Result<ListId> {
    let name = wanted.name.get_ref().trim();
    let known: Vec<ListId> =
        projects::list(cx)?.into_iter().filter(|(_, known)| known.trim() == name).map(|(id, _)| id).collect();
    let id = match known.as_slice() {
        [] => {
            let new = NewProject {
                name: name.to_owned(),
                languages: wanted.languages.clone(),
                time_zone: wanted.time_zone.clone(),
            };
            let id = projects::create(cx, &new)?;
            applied.done.push(format!("project {id} made: {name}"));
            id
        }
        [id] => {
            settings(cx, *id, wanted, applied)?;
            *id
        }
        _ => bail!("the account has several projects of this name"),
    };
    applied.projects.push((name.to_owned(), id.0));
    Ok(id)
}

fn settings(cx: &mut Ctx<'_>, id: ListId, wanted: &Project, applied: &mut Applied) -> anyhow::Result<()> {
    let known = projects::get(cx, id)?;
    let languages =
        if wanted.languages.is_empty() { vec![projects::DEFAULT_CULTURE.to_owned()] } else { wanted.languages.clone() };
    if known.languages != languages {
        projects::set_languages(cx, id, &wanted.languages)?;
        applied.done.push(format!("project {id}: languages set"));
    }
    let zone = if wanted.time_zone.is_empty() { &cx.settings.ofsys.time_zone } else { &wanted.time_zone };
    if known.time_zone.name() != zone {
        projects::set_time_zone(cx, id, &wanted.time_zone)?;
        applied.done.push(format!("project {id}: time zone set"));
    }
    Ok(())
}

fn set_key(cx: &mut Ctx<'_>, id: ListId, wanted: &Project, applied: &mut Applied) -> anyhow::Result<()> {
    let before = projects::get(cx, id)?.key;
    projects::set_key(cx, id, &wanted.key)?;
    if projects::get(cx, id)?.key != before {
        applied.done.push(format!("project {id}: key set"));
    }
    Ok(())
}

fn field(cx: &mut Ctx<'_>, project: ListId, wanted: &Field, applied: &mut Applied) -> anyhow::Result<()> {
    let (data_type, is_long) = parse_type(&wanted.data_type).map_err(|error| anyhow!("type: {error}"))?;
    let code = wanted.code.get_ref();
    let choices: Vec<(String, String)> = wanted.choices.iter().map(super::file::Choice::pair).collect();
    let Some(known) = projects::get(cx, project)?.field(code).cloned() else {
        let new = NewField {
            code: code.clone(),
            data_type,
            is_long,
            is_required: wanted.required,
            labels: wanted.labels.clone(),
            choices,
        };
        projects::add_field(cx, project, &new)?;
        applied.done.push(format!("field added: f_{code}"));
        return Ok(());
    };
    let known_type = type_word(known.data_type, known.field.kind);
    if known_type != wanted.data_type {
        bail!("is there with type {known_type}, and the type of a field cannot change");
    }
    let known_choices: Vec<(String, String)> =
        fields::choices(&known.field)?.into_iter().map(|choice| (choice.value, choice.label)).collect();
    if known.field.is_required == wanted.required && known.labels == wanted.labels && known_choices == choices {
        return Ok(());
    }
    projects::change_field(cx, project, known.field.id, wanted.required, &wanted.labels, &choices)?;
    applied.done.push(format!("field changed: f_{code}"));
    Ok(())
}

/// Messages first as they stand, then the links that send them, then the messages with the ids of the links in them.
fn messages_and_links(
    cx: &mut Ctx<'_>,
    project: ListId,
    wanted: &Project,
    place: &dyn Fn(&Spanned<String>, &str) -> String,
    applied: &mut Applied,
) -> anyhow::Result<()> {
    let known = known_messages(cx, project)?;
    let mut messages: BTreeMap<&str, MessageId> = BTreeMap::new();
    let mut is_new: BTreeMap<&str, bool> = BTreeMap::new();
    for message in &wanted.messages {
        let name = message.name.get_ref().as_str();
        let id = match known.get(name) {
            Some(known) => known.id,
            None => {
                let draft = draft(message, &BTreeMap::new())?;
                let id = versions::create(cx, project, &draft).with_context(|| place(&message.name, "message"))?;
                applied.done.push(format!("message {id} made: {name}"));
                is_new.insert(name, true);
                id
            }
        };
        if messages.insert(name, id).is_some() {
            bail!("{} stands there twice", place(&message.name, "message"));
        }
        applied.messages.push((name.to_owned(), id.0));
    }
    let mut links: BTreeMap<&str, OperationalLinkId> = BTreeMap::new();
    for link in &wanted.links {
        let id = self::link(cx, project, link, &messages, place, applied)
            .with_context(|| place(&link.name, "operational link"))?;
        if links.insert(link.name.get_ref(), id).is_some() {
            bail!("{} stands there twice", place(&link.name, "operational link"));
        }
    }
    for message in &wanted.messages {
        let draft = draft(message, &links).with_context(|| place(&message.name, "message"))?;
        let id = messages[message.name.get_ref().as_str()];
        let now = versions::get(cx, project, id)?;
        if !is_like(&now, &draft) {
            versions::update(cx, project, id, &draft).with_context(|| place(&message.name, "message"))?;
            if !is_new.contains_key(message.name.get_ref().as_str()) {
                applied.done.push(format!("message {id} changed: {}", message.name.get_ref()));
            }
        }
    }
    Ok(())
}

fn known_messages(cx: &mut Ctx<'_>, project: ListId) -> anyhow::Result<BTreeMap<String, Versioned>> {
    let mut known = BTreeMap::new();
    let mut after = MessageId::NONE;
    loop {
        let page = versions::list(cx, project, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(known) };
        after = last.id;
        for message in page.into_iter().filter(|message| message.project == project) {
            known.entry(message.name.clone()).or_insert(message);
        }
    }
}

fn is_like(now: &Versioned, draft: &Draft) -> bool {
    now.category_id == draft.category_id && now.versions.iter().map(|version| &version.text).eq(draft.versions.iter())
}

/// A message as the file says, the links it names put in by their ids; without links it stays as it is written.
fn draft(message: &Message, links: &BTreeMap<&str, OperationalLinkId>) -> anyhow::Result<Draft> {
    let versions: anyhow::Result<Vec<DraftVersion>> = message.versions.iter().map(|one| version(one, links)).collect();
    Ok(Draft {
        name: message.name.get_ref().clone(),
        category_id: message.category,
        versions: versions?,
        ..Draft::default()
    })
}

fn version(version: &Version, links: &BTreeMap<&str, OperationalLinkId>) -> anyhow::Result<DraftVersion> {
    let mut bodies = Vec::new();
    for (mime_type, content) in [(HTML, &version.html), (PLAIN, &version.text)] {
        if !content.is_empty() {
            let content = if links.is_empty() { content.clone() } else { with_links(content, links)? };
            bodies.push(Body { mime_type: mime_type.to_owned(), content });
        }
    }
    Ok(DraftVersion {
        name: version.name.clone(),
        culture: version.culture.clone(),
        sender_name: version.sender_name.clone(),
        sender_email: version.sender_email.trim().to_owned(),
        reply_to_email: version.reply_to.trim().to_owned(),
        subject: version.subject.clone(),
        subject_tell_a_friend: String::new(),
        predicate: version.predicate.clone(),
        must_match: version.must_match,
        bodies,
    })
}

/// `[[=Message.OpLink("verify");]]` with the id that the link of this name has.
fn with_links(text: &str, links: &BTreeMap<&str, OperationalLinkId>) -> anyhow::Result<String> {
    const START: &str = "Message.OpLink(\"";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(START) {
        let after = &rest[start + START.len()..];
        let (name, tail) = after.split_once("\")").ok_or_else(|| anyhow!("a link's name has no end"))?;
        let id = links.get(name).ok_or_else(|| anyhow!("there is no operational link {name:?}"))?;
        out.push_str(&rest[..start]);
        out.push_str(&format!("Message.OpLink({id})"));
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

fn link(
    cx: &mut Ctx<'_>,
    project: ListId,
    wanted: &Link,
    messages: &BTreeMap<&str, MessageId>,
    place: &dyn Fn(&Spanned<String>, &str) -> String,
    applied: &mut Applied,
) -> anyhow::Result<OperationalLinkId> {
    let message = match &wanted.message {
        None => None,
        Some(name) => {
            let id = messages.get(name.get_ref().as_str());
            Some(*id.ok_or_else(|| anyhow!("{} is not in the file", place(name, "message")))?)
        }
    };
    let name = wanted.name.get_ref();
    let changes = wanted.set.iter().map(|(target, value)| (target.clone(), value.clone())).collect();
    let draft = operational_links::Draft { name: name.clone(), url: wanted.url.clone(), message, changes };
    let known = operational_links::list(cx, project)?.into_iter().find(|link| link.draft.name == *name);
    let id = match known {
        Some(known) if known.draft == draft => known.id,
        Some(known) => {
            operational_links::update(cx, project, known.id, &draft)?;
            applied.done.push(format!("operational link {} changed: {name}", known.id));
            known.id
        }
        None => {
            let id = operational_links::create(cx, project, &draft)?;
            applied.done.push(format!("operational link {id} made: {name}"));
            id
        }
    };
    applied.links.push((name.clone(), id.0));
    Ok(id)
}

fn key(
    cx: &mut Ctx<'_>,
    wanted: &Key,
    by_name: &BTreeMap<&str, ListId>,
    place: &dyn Fn(&Spanned<String>, &str) -> String,
    applied: &mut Applied,
) -> anyhow::Result<()> {
    let mut projects = Vec::new();
    for name in &wanted.projects {
        let id = by_name.get(name.get_ref().as_str());
        projects.push(*id.ok_or_else(|| anyhow!("{} is not in the file", place(name, "project")))?);
    }
    let mut tables = Vec::new();
    for name in &wanted.tables {
        tables.push(match name {
            TableName::Id(id) => *id,
            TableName::Code(code) => parts::table_of(&applied.tables, code)?,
        });
    }
    let addresses: Result<Vec<IpRange>, _> = wanted.addresses.iter().map(|text| text.parse()).collect();
    let expires_at = match &wanted.expires {
        None => None,
        Some(text) => Some(parse_end(text).map_err(|error| anyhow!("expires: {error}"))?),
    };
    let note = wanted.note.get_ref().clone();
    let terms = Terms {
        note: note.clone(),
        contact_person: wanted.contact.clone(),
        addresses: addresses.context("addresses")?,
        projects,
        tables,
        endpoints: wanted.endpoints.clone(),
        calls_per_day: wanted.calls_per_day,
        expires_at,
    };
    let now = cx.now;
    let mut known = keys::list(cx, applied.account)?.into_iter().filter(|key| key.terms.note == note);
    if let Some(known) = known.find(|key| key.is_good(now)) {
        if let Some(secret) = &wanted.secret {
            let holder = keys::find_by_secret(cx, secret)?;
            if holder.is_none_or(|holder| holder.credential.id != known.credential.id) {
                bail!("is there with another secret");
            }
        }
        if known.terms != terms {
            bail!("is there under other terms; disable it, or give this one another note");
        }
        return Ok(());
    }
    let issued = match &wanted.secret {
        Some(secret) => keys::issue_with(cx, applied.account, &terms, secret.clone())?,
        None => keys::issue(cx, applied.account, &terms)?,
    };
    applied.done.push(format!("key {} made: {note}", issued.id));
    applied.keys.push((note, issued));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_named_in_bodies() {
        let links = BTreeMap::from([("verify", OperationalLinkId(7))]);
        let text = "a [[=Message.OpLink(\"verify\");]] b [[=Message.OpLink(3);]]";
        assert_eq!(with_links(text, &links).expect("known"), "a [[=Message.OpLink(7);]] b [[=Message.OpLink(3);]]");
        for bad in ["[[=Message.OpLink(\"other\");]]", "[[=Message.OpLink(\"verify]]"] {
            assert!(with_links(bad, &links).is_err(), "{bad}");
        }
    }
}
