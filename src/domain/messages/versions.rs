//! Messages in versions: one for each language or kind of contact, each with bodies by MIME type. A message made by another wire reads as one version (OF-16.1).

use crate::domain::access::{Denied, Permission};
use crate::domain::contacts::Contact;
use crate::domain::cx::Ctx;
use crate::domain::messages::predicate;
use crate::domain::projects::Project;
use crate::model::email_address::EmailAddress;
use crate::model::ids::{AccountId, ListId, MessageId, VersionId};
use crate::model::states::{ContentType, MessageMode};
use crate::store::StoreError;
use crate::store::rows::messages::{MessageRow, NewMessageRow};
use crate::store::rows::sendings::{BodyRow, NewVersionRow, VersionRow};

/// Versions of one message at most.
pub const MAX_VERSIONS: usize = 50;
/// Bodies of one version at most.
pub const MAX_BODIES: usize = 4;
/// Longest body, in bytes.
pub const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;
/// Longest subject, name and the like, in characters.
const MAX_LINE_CHARS: usize = 998;
/// The codes of the field that says which language a contact reads, the first that the project has.
pub const LANGUAGE_CODES: [&str; 4] = ["Language", "Culture", "Langue", "Lang"];
/// The MIME types that are sent.
pub const PLAIN: &str = "text/plain";
/// See [`PLAIN`].
pub const HTML: &str = "text/html";

/// A message to be made, or as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// What its owner calls it.
    pub name: String,
    /// The kind of communication; 0 for none.
    pub category_id: i64,
    /// Kept as the client said.
    pub hosts_images: bool,
    /// Kept as the client said.
    pub tracks_links: bool,
    /// Its versions; at least one.
    pub versions: Vec<DraftVersion>,
}

/// A version to be made, or as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DraftVersion {
    /// What its owner calls it.
    pub name: String,
    /// Its language (`fr-CA`); empty for any.
    pub culture: String,
    /// Sender's name; empty for the list's or the server's.
    pub sender_name: String,
    /// Sender's address; empty for the list's or the server's.
    pub sender_email: String,
    /// Where answers go; empty for the sender.
    pub reply_to_email: String,
    /// The subject, with tags.
    pub subject: String,
    /// Kept as the client said.
    pub subject_tell_a_friend: String,
    /// Which contacts it is for; empty for all. See [`predicate`].
    pub predicate: String,
    /// Whether it is for nobody else.
    pub must_match: bool,
    /// Its bodies, with tags.
    pub bodies: Vec<Body>,
}

/// One body of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// `text/html` or `text/plain` are sent; others are kept.
    pub mime_type: String,
    /// The text.
    pub content: String,
}

/// A version as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its id; [`VersionId::NONE`] for the one version of a message made by another wire.
    pub id: VersionId,
    /// What it is.
    pub text: DraftVersion,
}

impl DraftVersion {
    /// The body of a MIME type; empty for none.
    #[must_use]
    pub fn body(&self, mime_type: &str) -> &str {
        let is_it = |body: &&Body| body.mime_type.eq_ignore_ascii_case(mime_type);
        self.bodies.iter().find(is_it).map_or("", |body| body.content.as_str())
    }
}

/// A message with all its versions.
#[derive(Debug, Clone)]
pub struct Versioned {
    /// The message.
    pub id: MessageId,
    /// Its owner.
    pub account: AccountId,
    /// The project it belongs to; [`ListId::NONE`] for all of the account.
    pub project: ListId,
    /// What its owner calls it.
    pub name: String,
    /// The kind of communication; 0 for none.
    pub category_id: i64,
    /// Kept as the client said.
    pub hosts_images: bool,
    /// Kept as the client said.
    pub tracks_links: bool,
    /// Its versions; at least one.
    pub versions: Vec<Version>,
}

/// Why a message was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveMessageError {
    /// The account has no such project.
    #[error("no project {0}")]
    NoProject(ListId),
    /// The project has no such message.
    #[error("no message {0}")]
    NoMessage(MessageId),
    /// There is no version, or more than [`MAX_VERSIONS`].
    #[error("a message has 1 to {MAX_VERSIONS} versions")]
    BadVersions,
    /// A version has no body that can be sent, one MIME type twice, or more than [`MAX_BODIES`].
    #[error("version {0} needs a text/html or text/plain body, each type once")]
    BadBodies(usize),
    /// A body is longer than [`MAX_BODY_BYTES`].
    #[error("a body of version {0} is longer than {MAX_BODY_BYTES} bytes")]
    BodyTooLong(usize),
    /// A text cannot stand in a header: it holds a line break, is too long, or is no address.
    #[error("the {1} of version {0} cannot stand in a header")]
    BadHeader(usize, &'static str),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why messages were not read.
#[derive(Debug, thiserror::Error)]
pub enum GetMessageError {
    /// The account has no such project.
    #[error("no project {0}")]
    NoProject(ListId),
    /// The project has no such message.
    #[error("no message {0}")]
    NoMessage(MessageId),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a message of a project, or with [`ListId::NONE`] of every project of the acting account.
///
/// # Errors
/// [`SaveMessageError`].
pub fn create(cx: &mut Ctx<'_>, project: ListId, draft: &Draft) -> Result<MessageId, SaveMessageError> {
    let account = cx.account(Permission::EmailCreate)?;
    if project != ListId::NONE && cx.tx.find_list(account, project)?.is_none() {
        return Err(SaveMessageError::NoProject(project));
    }
    check(draft)?;
    let row = row_of(cx, account, project, draft);
    let id = cx.tx.insert_message(&row)?;
    for (position, version) in draft.versions.iter().enumerate() {
        add_version(cx, id, position, version)?;
    }
    Ok(id)
}

/// Makes a message what the draft says. A version keeps its id when its place and culture stay.
///
/// # Errors
/// [`SaveMessageError`].
pub fn update(cx: &mut Ctx<'_>, project: ListId, id: MessageId, draft: &Draft) -> Result<(), SaveMessageError> {
    let account = cx.account(Permission::EmailUpdate)?;
    let Some(old) = cx.tx.find_message(account, id)?.filter(|row| is_of(row, project)) else {
        return Err(SaveMessageError::NoMessage(id));
    };
    check(draft)?;
    let row = row_of(cx, account, old.list_id, draft);
    cx.tx.update_message(id, &row)?;
    let known = cx.tx.list_versions(id)?;
    let mut kept = Vec::new();
    for (position, version) in draft.versions.iter().enumerate() {
        match known.get(position).filter(|row| row.culture.eq_ignore_ascii_case(&version.culture)) {
            Some(row) => {
                cx.tx.update_version(row.id, &version_row(id, position, version))?;
                cx.tx.delete_bodies(&[row.id])?;
                add_bodies(cx, row.id, version)?;
                kept.push(row.id);
            }
            None => kept.push(add_version(cx, id, position, version)?),
        }
    }
    let gone: Vec<VersionId> = known.iter().map(|row| row.id).filter(|id| !kept.contains(id)).collect();
    Ok(cx.tx.delete_versions(&gone)?)
}

/// A message that a project may use: its own, or one of the whole account; with [`ListId::NONE`] any of the acting account's.
///
/// # Errors
/// [`GetMessageError`].
pub fn get(cx: &mut Ctx<'_>, project: ListId, id: MessageId) -> Result<Versioned, GetMessageError> {
    let account = cx.account(Permission::EmailGet)?;
    if project != ListId::NONE && cx.tx.find_list(account, project)?.is_none() {
        return Err(GetMessageError::NoProject(project));
    }
    find(cx, account, project, id)?.ok_or(GetMessageError::NoMessage(id))
}

/// Up to `n` messages after this one that a project may use, by id; with [`ListId::NONE`] all of the acting account's.
///
/// # Errors
/// [`GetMessageError`].
pub fn list(cx: &mut Ctx<'_>, project: ListId, after: MessageId, n: i64) -> Result<Vec<Versioned>, GetMessageError> {
    let account = cx.account(Permission::EmailGet)?;
    let rows = cx.tx.list_messages(account, project, after, n)?;
    rows.into_iter().map(|row| Ok(with_versions(cx, row)?)).collect()
}

/// A message that a project may use. For internal use: no permission is asked.
pub(in crate::domain) fn find(
    cx: &mut Ctx<'_>,
    account: AccountId,
    project: ListId,
    id: MessageId,
) -> Result<Option<Versioned>, StoreError> {
    match cx.tx.find_message(account, id)?.filter(|row| is_of(row, project)) {
        Some(row) => with_versions(cx, row).map(Some),
        None => Ok(None),
    }
}

fn is_of(row: &MessageRow, project: ListId) -> bool {
    project == ListId::NONE || row.list_id == ListId::NONE || row.list_id == project
}

fn with_versions(cx: &mut Ctx<'_>, row: MessageRow) -> Result<Versioned, StoreError> {
    let rows = cx.tx.list_versions(row.id)?;
    let ids: Vec<VersionId> = rows.iter().map(|row| row.id).collect();
    let bodies = if ids.is_empty() { Vec::new() } else { cx.tx.list_bodies(&ids)? };
    let mut versions: Vec<Version> = rows.into_iter().map(|row| version_of(row, &bodies)).collect();
    if versions.is_empty() {
        versions.push(only_version(&row));
    }
    Ok(Versioned {
        id: row.id,
        account: row.account_id,
        project: row.list_id,
        name: row.name,
        category_id: row.category_id,
        hosts_images: row.hosts_images,
        tracks_links: row.tracks_links,
        versions,
    })
}

fn version_of(row: VersionRow, bodies: &[BodyRow]) -> Version {
    let own = bodies.iter().filter(|body| body.version_id == row.id);
    let bodies = own.map(|body| Body { mime_type: body.mime_type.clone(), content: body.content.clone() }).collect();
    let text = DraftVersion {
        name: row.name,
        culture: row.culture,
        sender_name: row.sender_name,
        sender_email: row.sender_email,
        reply_to_email: row.reply_to_email,
        subject: row.subject,
        subject_tell_a_friend: row.subject_tell_a_friend,
        predicate: row.predicate,
        must_match: row.must_match,
        bodies,
    };
    Version { id: row.id, text }
}

/// A message without versions as one.
fn only_version(row: &MessageRow) -> Version {
    let mut bodies = Vec::new();
    for (mime_type, content, is_meant) in [
        (HTML, &row.html_body, row.content_type != ContentType::Plain),
        (PLAIN, &row.plain_body, row.content_type != ContentType::Html),
    ] {
        if is_meant && !content.is_empty() {
            bodies.push(Body { mime_type: mime_type.to_owned(), content: content.clone() });
        }
    }
    let text = DraftVersion {
        name: row.name.clone(),
        sender_name: row.from_name.clone(),
        sender_email: row.from_email.clone(),
        reply_to_email: row.reply_to_email.clone(),
        subject: row.subject.clone(),
        bodies,
        ..DraftVersion::default()
    };
    Version { id: VersionId::NONE, text }
}

fn add_version(
    cx: &mut Ctx<'_>,
    message: MessageId,
    position: usize,
    version: &DraftVersion,
) -> Result<VersionId, StoreError> {
    let id = cx.tx.insert_version(&version_row(message, position, version))?;
    add_bodies(cx, id, version)?;
    Ok(id)
}

fn add_bodies(cx: &mut Ctx<'_>, id: VersionId, version: &DraftVersion) -> Result<(), StoreError> {
    for (position, body) in (0_i64..).zip(&version.bodies) {
        let (mime_type, content) = (body.mime_type.to_ascii_lowercase(), body.content.clone());
        cx.tx.insert_body(&BodyRow { version_id: id, position, mime_type, content })?;
    }
    Ok(())
}

fn version_row(message: MessageId, position: usize, version: &DraftVersion) -> NewVersionRow {
    NewVersionRow {
        message_id: message,
        position: i64::try_from(position).unwrap_or(i64::MAX),
        name: version.name.clone(),
        culture: version.culture.clone(),
        sender_name: version.sender_name.clone(),
        sender_email: version.sender_email.trim().to_owned(),
        reply_to_email: version.reply_to_email.trim().to_owned(),
        subject: version.subject.clone(),
        subject_tell_a_friend: version.subject_tell_a_friend.clone(),
        predicate: version.predicate.clone(),
        must_match: version.must_match,
    }
}

/// The message's own columns, with the first version's texts, so that other wires show them.
fn row_of(cx: &Ctx<'_>, account: AccountId, project: ListId, draft: &Draft) -> NewMessageRow {
    let first = draft.versions.first().cloned().unwrap_or_default();
    let (html, plain) = (first.body(HTML).to_owned(), first.body(PLAIN).to_owned());
    let content_type = match (html.is_empty(), plain.is_empty()) {
        (false, false) => ContentType::Both,
        (false, true) => ContentType::Html,
        (true, _) => ContentType::Plain,
    };
    NewMessageRow {
        account_id: account,
        name: draft.name.clone(),
        from_name: first.sender_name,
        from_email: first.sender_email.trim().to_owned(),
        reply_to_name: String::new(),
        reply_to_email: first.reply_to_email.trim().to_owned(),
        content_type,
        mode: MessageMode::Empty,
        fetch_url: String::new(),
        fetch_plain_url: String::new(),
        subject: first.subject,
        plain_body: plain,
        html_body: html,
        embeds_images: false,
        template_id: 0,
        pre_header: String::new(),
        created_at: cx.now,
        list_id: project,
        category_id: draft.category_id.max(0),
        hosts_images: draft.hosts_images,
        tracks_links: draft.tracks_links,
    }
}

fn check(draft: &Draft) -> Result<(), SaveMessageError> {
    if draft.versions.is_empty() || draft.versions.len() > MAX_VERSIONS {
        return Err(SaveMessageError::BadVersions);
    }
    let is_line = |text: &str| text.chars().count() <= MAX_LINE_CHARS && !text.chars().any(char::is_control);
    if !is_line(&draft.name) {
        return Err(SaveMessageError::BadHeader(1, "message's name"));
    }
    for (number, version) in (1..).zip(&draft.versions) {
        let lines = [
            ("name", &version.name),
            ("culture", &version.culture),
            ("sender's name", &version.sender_name),
            ("subject", &version.subject),
            ("subject for friends", &version.subject_tell_a_friend),
            ("predicate", &version.predicate),
        ];
        if let Some((what, _)) = lines.iter().find(|(_, text)| !is_line(text)) {
            return Err(SaveMessageError::BadHeader(number, what));
        }
        for (what, address) in
            [("sender's address", &version.sender_email), ("reply-to address", &version.reply_to_email)]
        {
            if !address.trim().is_empty() && EmailAddress::parse(address).is_none() {
                return Err(SaveMessageError::BadHeader(number, what));
            }
        }
        check_bodies(number, version)?;
    }
    Ok(())
}

fn check_bodies(number: usize, version: &DraftVersion) -> Result<(), SaveMessageError> {
    if version.bodies.iter().any(|body| body.content.len() > MAX_BODY_BYTES) {
        return Err(SaveMessageError::BodyTooLong(number));
    }
    let is_sent = |body: &Body| {
        [HTML, PLAIN].iter().any(|mime| body.mime_type.eq_ignore_ascii_case(mime)) && !body.content.is_empty()
    };
    let is_type = |text: &str| {
        let is_word =
            |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+.".contains(&b));
        text.len() <= 100 && text.split_once('/').is_some_and(|(a, b)| is_word(a) && is_word(b))
    };
    let mut types: Vec<String> = version.bodies.iter().map(|body| body.mime_type.to_ascii_lowercase()).collect();
    types.sort_unstable();
    let has_twice = types.windows(2).any(|pair| pair[0] == pair[1]);
    let is_good = version.bodies.len() <= MAX_BODIES && types.iter().all(|text| is_type(text)) && !has_twice;
    if is_good && version.bodies.iter().any(is_sent) { Ok(()) } else { Err(SaveMessageError::BadBodies(number)) }
}

/// The version that a contact gets: of those that are for it the first whose predicate it meets, else the one in its language, else in its language's
/// main form, else in the project's first language, else the first. `None` when none is for it.
#[must_use]
pub fn choose<'a>(message: &'a Versioned, project: &Project, contact: &Contact) -> Option<&'a Version> {
    let candidates: Vec<(&Version, bool)> = message
        .versions
        .iter()
        .filter_map(|version| {
            let meets = predicate::holds(&version.text.predicate, project, contact);
            (meets || !version.text.must_match).then_some((version, meets))
        })
        .collect();
    let of_predicate = candidates.iter().find(|(version, meets)| *meets && !version.text.predicate.trim().is_empty());
    if let Some((version, _)) = of_predicate {
        return Some(version);
    }
    let default = project.languages.first().map_or("", String::as_str);
    for culture in [culture_of(project, contact), default] {
        let exact = |version: &&Version| version.text.culture.eq_ignore_ascii_case(culture);
        let akin =
            |version: &&Version| main_language(&version.text.culture).eq_ignore_ascii_case(main_language(culture));
        let mut all = candidates.iter().map(|(version, _)| *version).filter(|version| !version.text.culture.is_empty());
        if let Some(version) = all.clone().find(exact).or_else(|| all.find(akin)).filter(|_| !culture.is_empty()) {
            return Some(version);
        }
    }
    let without = candidates.iter().find(|(version, _)| version.text.culture.is_empty());
    without.or_else(|| candidates.first()).map(|(version, _)| *version)
}

/// The language that a contact reads, by the first of [`LANGUAGE_CODES`] that its project has; empty when nothing is known.
#[must_use]
pub fn culture_of<'a>(project: &Project, contact: &'a Contact) -> &'a str {
    let field = LANGUAGE_CODES.iter().find_map(|code| project.field(code));
    field.map_or("", |field| contact.value(field.field.id).trim())
}

/// `fr` of `fr-CA`.
fn main_language(culture: &str) -> &str {
    culture.split(['-', '_']).next().unwrap_or_default()
}

#[cfg(test)]
#[path = "version_tests.rs"]
mod tests;
