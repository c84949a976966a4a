//! Operational links: links in a message that change the contact who follows them, may send a second message, and lead on to a URL (OF-17.4).

use crate::domain::access::{Denied, Permission};
use crate::domain::contacts::columns::Column;
use crate::domain::contacts::merge::{self, MergeOptions, Problem, Record};
use crate::domain::contacts::{self, Contact, Given};
use crate::domain::cx::{Actor, Ctx};
use crate::domain::messages::versions;
use crate::domain::projects::{self, GetProjectError, Project};
use crate::domain::sendings;
use crate::model::ids::{ListId, MessageId, OperationalLinkId, SubscriberNumber};
use crate::store::StoreError;
use crate::store::rows::sendings::{NewOperationalLinkRow, OperationalLinkRow};

/// Changes of one link at most.
const MAX_CHANGES: usize = 50;
/// Longest URL, in bytes.
const MAX_URL_BYTES: usize = 2_048;
/// Longest name, in characters.
const LONGEST_NAME: usize = 250;

/// A link to be made, or as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// What its owner calls it.
    pub name: String,
    /// Where it leads; empty for a page of thanks.
    pub url: String,
    /// Sent on the first visit; [`MessageId::NONE`] for none.
    pub message: Option<MessageId>,
    /// What it sets: columns (`f_City`, `optin_News`, `isActive`) and values.
    pub changes: Vec<(String, String)>,
}

/// A link as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationalLink {
    /// Its id.
    pub id: OperationalLinkId,
    /// Its project.
    pub project: ListId,
    /// What it is.
    pub draft: Draft,
}

/// Why a link was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveLinkError {
    /// The account has no such project.
    #[error("no project {0}")]
    NoProject(ListId),
    /// The project has no such link.
    #[error("no operational link {0}")]
    NoLink(OperationalLinkId),
    /// The project has no such message.
    #[error("no message {0}")]
    NoMessage(MessageId),
    /// The name is too long or of several lines.
    #[error("the name is too long or of several lines")]
    BadName,
    /// No web address.
    #[error("{0:?} is no web address")]
    BadUrl(String),
    /// The project has no such column, or a link may not set it.
    #[error("{0:?} is nothing that a link can set")]
    BadTarget(String),
    /// More than 50 changes.
    #[error("a link has too many changes")]
    TooManyChanges,
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<GetProjectError> for SaveLinkError {
    fn from(error: GetProjectError) -> Self {
        match error {
            GetProjectError::NoList(id) => Self::NoProject(id),
            GetProjectError::Denied(denied) => Self::Denied(denied),
            GetProjectError::Store(error) => Self::Store(error),
        }
    }
}

/// Makes a link of a project of the acting account.
///
/// # Errors
/// [`SaveLinkError`].
pub fn create(cx: &mut Ctx<'_>, project: ListId, draft: &Draft) -> Result<OperationalLinkId, SaveLinkError> {
    let project = projects::require(cx, Permission::EmailCreate, project)?;
    let row = checked(cx, &project, draft)?;
    Ok(cx.tx.insert_operational_link(&row, &draft.changes)?)
}

/// Makes a link of a project of the acting account what the draft says.
///
/// # Errors
/// [`SaveLinkError`].
pub fn update(cx: &mut Ctx<'_>, project: ListId, id: OperationalLinkId, draft: &Draft) -> Result<(), SaveLinkError> {
    let project = projects::require(cx, Permission::EmailUpdate, project)?;
    let known = cx.tx.find_operational_link(id)?.filter(|row| row.list_id == project.id());
    if known.is_none() {
        return Err(SaveLinkError::NoLink(id));
    }
    let row = checked(cx, &project, draft)?;
    Ok(cx.tx.update_operational_link(id, &row, &draft.changes)?)
}

/// The links of a project of the acting account, by id.
///
/// # Errors
/// [`GetProjectError`].
pub fn list(cx: &mut Ctx<'_>, project: ListId) -> Result<Vec<OperationalLink>, GetProjectError> {
    let project = projects::require(cx, Permission::EmailGet, project)?;
    let mut links = Vec::new();
    for row in cx.tx.list_operational_links(project.id())? {
        links.push(with_changes(cx, row)?);
    }
    Ok(links)
}

/// One link of a project of the acting account.
///
/// # Errors
/// [`SaveLinkError`].
pub fn get(cx: &mut Ctx<'_>, project: ListId, id: OperationalLinkId) -> Result<OperationalLink, SaveLinkError> {
    let project = projects::require(cx, Permission::EmailGet, project)?;
    let row = cx.tx.find_operational_link(id)?.filter(|row| row.list_id == project.id());
    Ok(with_changes(cx, row.ok_or(SaveLinkError::NoLink(id))?)?)
}

/// Removes a link of a project of the acting account. In mails that are out already it leads nowhere from then on (OF-17.6).
///
/// # Errors
/// [`SaveLinkError`].
pub fn delete(cx: &mut Ctx<'_>, project: ListId, id: OperationalLinkId) -> Result<(), SaveLinkError> {
    let project = projects::require(cx, Permission::EmailUpdate, project)?;
    let known = cx.tx.find_operational_link(id)?.filter(|row| row.list_id == project.id());
    known.ok_or(SaveLinkError::NoLink(id))?;
    Ok(cx.tx.delete_operational_link(id)?)
}

/// The first link of a project that sets a field or opt-in. For internal use: no permission is asked.
pub(in crate::domain) fn find_setting(
    cx: &mut Ctx<'_>,
    project: ListId,
    column: &Column,
) -> Result<Option<OperationalLinkId>, StoreError> {
    let is_it = |target: &str| match (Column::parse(target), column) {
        (Column::Field(set), Column::Field(code)) | (Column::OptIn(set), Column::OptIn(code)) => {
            set.eq_ignore_ascii_case(code)
        }
        (set, column) => set == *column,
    };
    for row in cx.tx.list_operational_links(project)? {
        if cx.tx.list_link_changes(row.id)?.iter().any(|(target, _)| is_it(target)) {
            return Ok(Some(row.id));
        }
    }
    Ok(None)
}

fn with_changes(cx: &mut Ctx<'_>, row: OperationalLinkRow) -> Result<OperationalLink, StoreError> {
    let changes = cx.tx.list_link_changes(row.id)?;
    let message = (row.message_id != MessageId::NONE).then_some(row.message_id);
    let draft = Draft { name: row.name, url: row.url, message, changes };
    Ok(OperationalLink { id: row.id, project: row.list_id, draft })
}

fn checked(cx: &mut Ctx<'_>, project: &Project, draft: &Draft) -> Result<NewOperationalLinkRow, SaveLinkError> {
    if draft.name.chars().count() > LONGEST_NAME || draft.name.chars().any(char::is_control) {
        return Err(SaveLinkError::BadName);
    }
    let is_web =
        url::Url::parse(&draft.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !draft.url.is_empty() && (!is_web || draft.url.len() > MAX_URL_BYTES) {
        return Err(SaveLinkError::BadUrl(draft.url.clone()));
    }
    if draft.changes.len() > MAX_CHANGES {
        return Err(SaveLinkError::TooManyChanges);
    }
    for (target, _) in &draft.changes {
        let is_known = match Column::parse(target) {
            Column::Field(code) => project.field(&code).is_some(),
            Column::OptIn(code) => project.opt_in(&code).is_some(),
            Column::IsActive | Column::Tracking => true,
            _ => false,
        };
        if !is_known {
            return Err(SaveLinkError::BadTarget(target.clone()));
        }
    }
    let message_id = draft.message.unwrap_or(MessageId::NONE);
    if let Some(message) = draft.message
        && versions::find(cx, project.account(), project.id(), message)?.is_none()
    {
        return Err(SaveLinkError::NoMessage(message));
    }
    Ok(NewOperationalLinkRow {
        account_id: project.account(),
        list_id: project.id(),
        name: draft.name.clone(),
        url: draft.url.clone(),
        message_id,
        created_at: cx.now,
    })
}

/// What a visitor may know of a link.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The project's name.
    pub project_name: String,
    /// The contact's address.
    pub email: String,
    /// Where the link leads; empty for nowhere.
    pub url: String,
}

/// Why a link was not followed.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The link, its project or the contact is gone, or the project's owner disabled.
    #[error("no such link")]
    NoLink,
    /// What the link sets cannot be set any more, such as a choice that was removed.
    #[error("operational link {0} cannot be followed: {1}")]
    Refused(OperationalLinkId, Problem),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A link as the holder of its token sees it. Check the token before.
///
/// # Errors
/// [`FollowError`].
pub fn show(
    cx: &mut Ctx<'_>,
    id: OperationalLinkId,
    project: ListId,
    number: SubscriberNumber,
) -> Result<Shown, FollowError> {
    let (link, project, contact) = reach(cx, id, project, number)?;
    Ok(Shown { project_name: project.list.name, email: contact.subscriber.email, url: link.draft.url })
}

/// Does what a link says for the holder of its token: sets what it sets, each time alike, and sends its message the first time. Answers where it leads.
/// Check the token before.
///
/// # Errors
/// [`FollowError`].
pub fn follow(
    cx: &mut Ctx<'_>,
    id: OperationalLinkId,
    project: ListId,
    number: SubscriberNumber,
) -> Result<Shown, FollowError> {
    let (link, project, contact) = reach(cx, id, project, number)?;
    if !link.draft.changes.is_empty() {
        apply(cx, &link, &project, number)?;
    }
    let is_first = cx.tx.note_link_visit(project.id(), number, id, cx.now)?;
    if let Some(message) = link.draft.message.filter(|_| is_first)
        && let Some(changed) = contacts::find(cx, &project, number)?
    {
        sendings::send_by_link(cx, &project, message, &changed)?;
    }
    Ok(Shown { project_name: project.list.name, email: contact.subscriber.email, url: link.draft.url })
}

fn reach(
    cx: &mut Ctx<'_>,
    id: OperationalLinkId,
    project: ListId,
    number: SubscriberNumber,
) -> Result<(OperationalLink, Project, Contact), FollowError> {
    let row = cx.tx.find_operational_link(id)?.filter(|row| row.list_id == project).ok_or(FollowError::NoLink)?;
    let rules = cx.tx.find_list_rules(project)?.filter(|rules| rules.owner_is_enabled).ok_or(FollowError::NoLink)?;
    let list = cx.tx.find_list(rules.account_id, project)?.ok_or(FollowError::NoLink)?;
    let project = projects::of_list(cx, list)?;
    let contact = contacts::find(cx, &project, number)?.ok_or(FollowError::NoLink)?;
    Ok((with_changes(cx, row)?, project, contact))
}

/// Sets what a link sets, by the rules of merging, in the name of its project's owner: the owner made the link, and its token names the contact.
fn apply(
    cx: &mut Ctx<'_>,
    link: &OperationalLink,
    project: &Project,
    number: SubscriberNumber,
) -> Result<(), FollowError> {
    let visitor = cx.actor.clone();
    cx.actor = Actor::Link { account: project.account(), link: link.id };
    let data = link.draft.changes.iter().map(|(target, value)| (target.clone(), Given::text(value.as_str()))).collect();
    let record = Record { id: vec![merge::pair("idContact", number.to_string())], data };
    let options = MergeOptions { allow_insert: false, ..MergeOptions::default() };
    let merged = merge::merge(cx, project.id(), &[record], &options);
    cx.actor = visitor;
    match merged {
        Ok(merged) => match merged.outcomes.into_iter().next().and_then(|outcome| outcome.problem) {
            None => Ok(()),
            Some(Problem::UnmatchedRecord) => Err(FollowError::NoLink),
            Some(problem) => Err(FollowError::Refused(link.id, problem)),
        },
        Err(merge::MergeError::Store(error)) => Err(error.into()),
        Err(
            merge::MergeError::NoProject(_)
            | merge::MergeError::TooMany(_)
            | merge::MergeError::LimitReached(_)
            | merge::MergeError::Denied(_),
        ) => Err(FollowError::NoLink),
    }
}
