//! Contacts: subscribers as a project knows them, with typed fields, opt-ins and an active flag (Ofsys; SOAP calls them users).
//!
//! A contact is active while its subscription counts: [`SubscriptionStatus::Subscribed`], or asked to be ended but not ended yet. Pending and
//! unsubscribed ones are inactive. Nothing here sends a mail (OF-14.9).
//!
//! Every change of a contact notes the consent log by [`crate::domain::consent::note_as`], whichever way it came in: the one point where others can listen.

pub mod clause;
pub mod columns;
pub mod dates;
pub mod key;
pub mod merge;
mod said;
pub mod states;

use std::collections::BTreeMap;

use crate::domain::access::{Denied, Permission};
use crate::domain::cx::Ctx;
use crate::domain::field_values::Values;
use crate::domain::projects::{self, GetProjectError, Project};
use crate::domain::subscribers::Subscriber;
use crate::domain::subscribers::delete::{AT_ONCE, DeleteError, delete as delete_subscribers};
use crate::model::ids::{FieldId, ListId, OptInId, SubscriberNumber};
use crate::model::states::SubscriptionStatus;
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::field_values as stored_values;
use crate::store::rows::selections::Selection;

use clause::{BadClause, Clause};

/// A value as a caller sent it. Numbers come as their text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// Nothing: clears.
    Null,
    /// A truth.
    Bool(bool),
    /// A text or a number.
    Text(String),
}

impl Given {
    /// A text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Whether it says nothing: null, or a text of blanks.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(_) => false,
            Self::Text(text) => text.trim().is_empty(),
        }
    }

    /// The text it stands for; empty for nothing.
    #[must_use]
    pub fn as_text(&self) -> &str {
        match self {
            Self::Null => "",
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
            Self::Text(text) => text,
        }
    }
}

/// Yes or no, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// Yes.
    pub is_given: bool,
    /// The moment from which it counts.
    pub at: UtcTime,
}

/// A contact with everything its project knows of it.
#[derive(Debug, Clone)]
pub struct Contact {
    /// The subscriber it is; its number is `idContact`.
    pub subscriber: Subscriber,
    /// Its values by field, in the form in which they are kept (see `domain::field_values`); a field without a value is absent.
    pub values: Values,
    /// What it said to the project's opt-ins; absent: nothing.
    pub opt_ins: BTreeMap<OptInId, Said>,
    /// What it said to being tracked; `None`: nothing.
    pub tracking: Option<Said>,
}

impl Contact {
    /// Its id in the project.
    #[must_use]
    pub fn number(&self) -> SubscriberNumber {
        self.subscriber.number
    }

    /// Whether it is active.
    #[must_use]
    pub fn is_active(&self) -> bool {
        is_active(self.subscriber.status)
    }

    /// The value of a field; empty for none.
    #[must_use]
    pub fn value(&self, field: FieldId) -> &str {
        self.values.get(&field).map_or("", String::as_str)
    }
}

/// Whether a subscription of this status makes an active contact.
#[must_use]
pub const fn is_active(status: SubscriptionStatus) -> bool {
    matches!(status, SubscriptionStatus::Subscribed | SubscriptionStatus::OptOutPending)
}

/// Why contacts were not read, deleted or selected.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// The account has no such project.
    #[error("no project {0}")]
    NoProject(ListId),
    /// The project has no such contact.
    #[error("no contact {0}")]
    NoContact(SubscriberNumber),
    /// The clause names something the project does not have, or compares it with what it cannot be.
    #[error(transparent)]
    Clause(#[from] BadClause),
    /// More contacts fit than may be deleted; none is.
    #[error("more than {0} contacts fit")]
    TooMany(i64),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<GetProjectError> for ContactError {
    fn from(error: GetProjectError) -> Self {
        match error {
            GetProjectError::NoList(id) => Self::NoProject(id),
            GetProjectError::Denied(denied) => Self::Denied(denied),
            GetProjectError::Store(error) => Self::Store(error),
        }
    }
}

/// Contacts that fit a clause.
#[derive(Debug, Clone)]
pub struct Found {
    /// Their project.
    pub project: Project,
    /// The contacts, by number.
    pub contacts: Vec<Contact>,
    /// Whether there are more behind the last one.
    pub has_more: bool,
}

/// Up to `limit` contacts of one of the acting account's projects that fit a clause, by number, those after `after` ([`SubscriberNumber::NONE`] for the
/// first). The limit is 1 to `ofsys.max_records`; others are moved there.
///
/// # Errors
/// [`ContactError`].
pub fn select(
    cx: &mut Ctx<'_>,
    project: ListId,
    clause: &Clause,
    after: SubscriberNumber,
    limit: i64,
) -> Result<Found, ContactError> {
    let project = projects::require(cx, Permission::SubscribersGet, project)?;
    let selection = clause::resolve(&project, clause)?;
    let most = i64::try_from(cx.settings.ofsys.max_records).unwrap_or(i64::MAX);
    let limit = limit.clamp(1, most);
    let mut rows = cx.tx.select_subscribers(project.id(), &selection, after, limit + 1)?;
    let has_more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let contacts = with_details(cx, &project, rows)?;
    Ok(Found { project, contacts, has_more })
}

/// One contact of one of the acting account's projects.
///
/// # Errors
/// [`ContactError`].
pub fn get(cx: &mut Ctx<'_>, project: ListId, number: SubscriberNumber) -> Result<(Project, Contact), ContactError> {
    let project = projects::require(cx, Permission::SubscriberGet, project)?;
    let contact = find(cx, &project, number)?.ok_or(ContactError::NoContact(number))?;
    Ok((project, contact))
}

/// A contact of a project. For internal use: no permission is asked.
pub(in crate::domain) fn find(
    cx: &mut Ctx<'_>,
    project: &Project,
    number: SubscriberNumber,
) -> Result<Option<Contact>, StoreError> {
    match cx.tx.find_subscriber(project.id(), number)? {
        Some(row) => Ok(with_details(cx, project, vec![row])?.pop()),
        None => Ok(None),
    }
}

/// Adds what a project knows beside the subscribers: values, opt-ins, tracking, in a few queries for all.
pub(in crate::domain) fn with_details(
    cx: &mut Ctx<'_>,
    project: &Project,
    rows: Vec<Subscriber>,
) -> Result<Vec<Contact>, StoreError> {
    const AT_ONCE: usize = 500;
    let has_global = project.fields.iter().any(|field| field.field.is_global);
    let mut contacts = Vec::with_capacity(rows.len());
    for subscriber in rows {
        let values = stored_values::from_text(&subscriber.fields)?;
        contacts.push(Contact { subscriber, values, opt_ins: BTreeMap::new(), tracking: None });
    }
    for chunk in contacts.chunks_mut(AT_ONCE) {
        let numbers: Vec<SubscriberNumber> = chunk.iter().map(Contact::number).collect();
        let mut by_number: BTreeMap<SubscriberNumber, &mut Contact> = BTreeMap::new();
        if has_global {
            add_global_values(cx, project, chunk)?;
        }
        by_number.extend(chunk.iter_mut().map(|contact| (contact.number(), contact)));
        if !project.opt_ins.is_empty() {
            for row in cx.tx.list_contact_opt_ins(project.id(), &numbers)? {
                if let Some(contact) = by_number.get_mut(&row.number) {
                    contact.opt_ins.insert(row.opt_in_id, Said { is_given: row.is_given, at: row.effective_at });
                }
            }
        }
        for row in cx.tx.list_tracking(project.id(), &numbers)? {
            if let Some(contact) = by_number.get_mut(&row.number) {
                contact.tracking = Some(Said { is_given: row.is_given, at: row.effective_at });
            }
        }
    }
    Ok(contacts)
}

fn add_global_values(cx: &mut Ctx<'_>, project: &Project, contacts: &mut [Contact]) -> Result<(), StoreError> {
    let keys: Vec<&str> = contacts.iter().map(|contact| contact.subscriber.email_key.as_str()).collect();
    let found = cx.tx.list_global_values(project.account(), &keys)?;
    let mut by_key: BTreeMap<String, Vec<(FieldId, String)>> = BTreeMap::new();
    for (key, field, value) in found {
        by_key.entry(key).or_default().push((field, value));
    }
    for contact in contacts {
        // An address stands in a list once.
        contact.values.extend(by_key.remove(&contact.subscriber.email_key).unwrap_or_default());
    }
    Ok(())
}

/// Deletes the contacts of one of the acting account's projects that fit a clause, with everything known of them; the consent log stays. Answers how many
/// went. When more fit than `max_rows` (at most and without it `ofsys.max_records`), none is deleted.
///
/// # Errors
/// [`ContactError`].
pub fn delete(
    cx: &mut Ctx<'_>,
    project: ListId,
    clause: &Clause,
    max_rows: Option<i64>,
) -> Result<usize, ContactError> {
    let project = projects::require(cx, Permission::SubscribersDelete, project)?;
    let selection: Selection = clause::resolve(&project, clause)?;
    let own_most = i64::try_from(cx.settings.ofsys.max_records).unwrap_or(i64::MAX);
    let most = max_rows.map_or(own_most, |rows| rows.clamp(0, own_most));
    // Who changes meanwhile waits, so that what is counted is what is deleted.
    cx.tx.hold_lists(&[project.id()], "", false)?;
    let numbers = cx.tx.select_numbers(project.id(), &selection, SubscriberNumber::NONE, most + 1)?;
    if i64::try_from(numbers.len()).unwrap_or(i64::MAX) > most {
        return Err(ContactError::TooMany(most));
    }
    let mut n_deleted = 0;
    for some in numbers.chunks(AT_ONCE) {
        n_deleted += delete_subscribers(cx, project.id(), some).map_err(|error| match error {
            DeleteError::NoList(id) => ContactError::NoProject(id),
            DeleteError::Denied(denied) => ContactError::Denied(denied),
            DeleteError::Store(error) => ContactError::Store(error),
        })?;
    }
    Ok(n_deleted)
}

#[cfg(test)]
mod tests;
