//! Merging records into a project's contacts: made, changed or passed over one by one, each with its own outcome (section 6.1 of the Ofsys API).
//!
//! A record that is refused changes nothing; the others of the call stand. The store failing fails the whole call.

mod reading;

use std::collections::{BTreeMap, HashSet};

use crate::domain::access::{Denied, Permission};
use crate::domain::contacts::columns::Column;
use crate::domain::contacts::states::{self, StateError};
use crate::domain::contacts::{Contact, Given, Said, find, is_active};
use crate::domain::cx::Ctx;
use crate::domain::field_values::{FieldProblem, Reason};
use crate::domain::lists;
use crate::domain::projects::{self, ADDRESS_CODE, GetProjectError, Key, Project};
use crate::domain::subscribers::subscribe::{self, NewSubscription, SubscribeError};
use crate::domain::subscribers::update::{SubscriberChange, UpdateError, update};
use crate::domain::subscribers::{Selector, Subscriber};
use crate::model::email_address::EmailAddress;
use crate::model::ids::{ListId, OptInId, SubscriberNumber};
use crate::model::states::SubscriptionStatus;
use crate::model::time::UtcTime;
use crate::store::StoreError;

use reading::{Wanted, Whom, wanted, whom};

/// A record to be merged, by names as they were sent (see [`Column::parse`]).
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Whom it is about: every part of the project's key, or `idContact`. Empty: the key stands in `data`.
    pub id: Vec<(String, Given)>,
    /// What is known of it.
    pub data: Vec<(String, Given)>,
}

/// What merging may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergeOptions {
    /// Make contacts.
    pub allow_insert: bool,
    /// Change contacts.
    pub allow_update: bool,
    /// Pass over a record about somebody whom an earlier record of the call was about, instead of refusing it.
    pub skip_duplicates: bool,
    /// Pass over a record about nobody when it may not make a contact, instead of refusing it.
    pub skip_unmatched: bool,
    /// Answer the contacts of records that worked.
    pub returns_contacts: bool,
}

impl Default for MergeOptions {
    fn default() -> Self {
        Self {
            allow_insert: true,
            allow_update: true,
            skip_duplicates: false,
            skip_unmatched: false,
            returns_contacts: false,
        }
    }
}

/// What became of one record.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The contact it was about, if one is known: also of a record that was refused.
    pub number: Option<SubscriberNumber>,
    /// What was done.
    pub status: Status,
    /// Why it was refused or passed over.
    pub problem: Option<Problem>,
    /// The contact as it is now, when asked for and the record worked.
    pub contact: Option<Contact>,
}

/// What was done with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say what they are")]
pub enum Status {
    Created,
    Updated,
    Skipped,
    Error,
}

/// Why a record was refused or passed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The key is incomplete, empty, or names what is no part of it.
    #[error("the key is not complete")]
    InvalidKey,
    /// A new contact lacks a required field, or a required field would become empty.
    #[error("field {0} is required")]
    MissingRequiredField(String),
    /// The project has no such field.
    #[error("there is no field {0}")]
    UnknownField(String),
    /// A field cannot have this value.
    #[error("field {0}: {1}")]
    InvalidValue(String, String),
    /// No address that can be mailed.
    #[error("this is no e-mail address")]
    InvalidEMail,
    /// An earlier record of the call was about the same contact, or another contact has the address or key.
    #[error("another record or contact has this key")]
    DuplicateRecord,
    /// No contact has this id.
    #[error("no contact has this id")]
    UnmatchedRecord,
    /// It would make a contact, which the call does not allow.
    #[error("contacts may not be made by this call")]
    InsertNotAllowed,
    /// It would change a contact, which the call does not allow.
    #[error("contacts may not be changed by this call")]
    UpdateNotAllowed,
}

/// What became of a call.
#[derive(Debug, Clone)]
pub struct Merged {
    /// The project.
    pub project: Project,
    /// One outcome a record, in their order.
    pub outcomes: Vec<Outcome>,
    /// Contacts made.
    pub n_created: usize,
    /// Contacts changed.
    pub n_updated: usize,
}

/// Why a call was not done at all.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// The account has no such project.
    #[error("no project {0}")]
    NoProject(ListId),
    /// More records than `ofsys.max_records`.
    #[error("more than {0} records")]
    TooMany(usize),
    /// The account's user group allows no more subscribers.
    #[error("the limit of {0} subscribers is reached")]
    LimitReached(i64),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<GetProjectError> for MergeError {
    fn from(error: GetProjectError) -> Self {
        match error {
            GetProjectError::NoList(id) => Self::NoProject(id),
            GetProjectError::Denied(denied) => Self::Denied(denied),
            GetProjectError::Store(error) => Self::Store(error),
        }
    }
}

/// A record stops here, or the whole call does.
enum Stop {
    /// Refused, with the contact it was about.
    Refused(Problem, Option<SubscriberNumber>),
    /// Passed over.
    Skipped(Problem, Option<SubscriberNumber>),
    Call(MergeError),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem, None)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Call(error.into())
    }
}

/// Merges records into the contacts of one of the acting account's projects.
///
/// # Errors
/// [`MergeError`]; then nothing of the call is done, provided that the caller undoes the transaction.
pub fn merge(
    cx: &mut Ctx<'_>,
    project: ListId,
    records: &[Record],
    options: &MergeOptions,
) -> Result<Merged, MergeError> {
    let project = projects::require(cx, Permission::SubscriberUpdate, project)?;
    let most = cx.settings.ofsys.max_records;
    if records.len() > most {
        return Err(MergeError::TooMany(most));
    }
    hold(cx, &project, records)?;
    let mut merged = Merged { project, outcomes: Vec::with_capacity(records.len()), n_created: 0, n_updated: 0 };
    let mut seen = HashSet::new();
    for record in records {
        cx.tx.begin_record()?;
        let outcome = match one(cx, &merged.project, record, options, &mut seen) {
            Ok((status, number)) => {
                cx.tx.keep_record()?;
                done(cx, &merged.project, status, number, options)?
            }
            Err(stop) => {
                cx.tx.undo_record()?;
                stopped(stop)?
            }
        };
        merged.n_created += usize::from(outcome.status == Status::Created);
        merged.n_updated += usize::from(outcome.status == Status::Updated);
        merged.outcomes.push(outcome);
    }
    Ok(merged)
}

/// Holds what the records may reach, all at once, so that two calls about the same addresses do not wait for each other in a circle.
fn hold(cx: &mut Ctx<'_>, project: &Project, records: &[Record]) -> Result<(), MergeError> {
    let rules = lists::rules(cx, project.id())?.ok_or(MergeError::NoProject(project.id()))?;
    let key = match records {
        [record] => {
            let mut named = record.id.iter().chain(&record.data);
            let address = named.find(|(name, _)| Column::parse(name) == Column::Address);
            address.map(|(_, given)| given.as_text().trim().to_lowercase()).unwrap_or_default()
        }
        _ => String::new(),
    };
    let is_wide = records.len() > 1 || rules.limit_subscribers > 0;
    if cx.tx.hold_lists(&[project.id()], &key, is_wide)? { Ok(()) } else { Err(MergeError::NoProject(project.id())) }
}

/// A name with a text, for those who build records by hand.
#[must_use]
pub fn pair(name: &str, value: impl Into<String>) -> (String, Given) {
    (name.to_owned(), Given::Text(value.into()))
}

fn done(
    cx: &mut Ctx<'_>,
    project: &Project,
    status: Status,
    number: SubscriberNumber,
    options: &MergeOptions,
) -> Result<Outcome, StoreError> {
    let contact = if options.returns_contacts { find(cx, project, number)? } else { None };
    Ok(Outcome { number: Some(number), status, problem: None, contact })
}

fn stopped(stop: Stop) -> Result<Outcome, MergeError> {
    let (status, problem, number) = match stop {
        Stop::Refused(problem, number) => (Status::Error, problem, number),
        Stop::Skipped(problem, number) => (Status::Skipped, problem, number),
        Stop::Call(error) => return Err(error),
    };
    Ok(Outcome { number, status, problem: Some(problem), contact: None })
}

fn one(
    cx: &mut Ctx<'_>,
    project: &Project,
    record: &Record,
    options: &MergeOptions,
    seen: &mut HashSet<String>,
) -> Result<(Status, SubscriberNumber), Stop> {
    let whom = whom(project, record)?;
    let row = match &whom {
        Whom::Number(number) => cx.tx.find_subscriber(project.id(), *number)?,
        Whom::Address(text) => cx.tx.find_subscriber_by_email(project.id(), &text.trim().to_lowercase())?,
        Whom::Key(text) => match cx.tx.find_contact_by_key(project.id(), text)? {
            Some(number) => cx.tx.find_subscriber(project.id(), number)?,
            None => None,
        },
    };
    let number = row.as_ref().map(|row| row.number);
    if seen.contains(&whom.mark()) || number.is_some_and(|number| seen.contains(&Whom::Number(number).mark())) {
        let stop = if options.skip_duplicates { Stop::Skipped } else { Stop::Refused };
        return Err(stop(Problem::DuplicateRecord, number));
    }
    let outcome = match row {
        Some(_) if !options.allow_update => Err(Stop::Refused(Problem::UpdateNotAllowed, number)),
        Some(row) => {
            let wanted = wanted(project, record, false)?;
            change(cx, project, row, wanted).map_err(|stop| with_number(stop, number))
        }
        None => insert_or_not(cx, project, &whom, record, options),
    };
    let (status, number) = outcome?;
    seen.insert(whom.mark());
    seen.insert(Whom::Number(number).mark());
    Ok((status, number))
}

fn with_number(stop: Stop, number: Option<SubscriberNumber>) -> Stop {
    match stop {
        Stop::Refused(problem, None) => Stop::Refused(problem, number),
        other => other,
    }
}

fn insert_or_not(
    cx: &mut Ctx<'_>,
    project: &Project,
    whom: &Whom,
    record: &Record,
    options: &MergeOptions,
) -> Result<(Status, SubscriberNumber), Stop> {
    let problem = match whom {
        Whom::Number(_) => Problem::UnmatchedRecord,
        _ if !options.allow_insert => Problem::InsertNotAllowed,
        _ => return insert(cx, project, wanted(project, record, true)?),
    };
    let stop = if options.skip_unmatched { Stop::Skipped } else { Stop::Refused };
    Err(stop(problem, None))
}

fn insert(cx: &mut Ctx<'_>, project: &Project, wanted: Wanted) -> Result<(Status, SubscriberNumber), Stop> {
    let address = wanted.address.clone().filter(|text| !text.is_empty());
    let address = address.ok_or_else(|| Problem::MissingRequiredField(format!("f_{ADDRESS_CODE}")))?;
    if EmailAddress::parse(&address).is_none() {
        return Err(Problem::InvalidEMail.into());
    }
    let new = NewSubscription {
        list: project.id(),
        email: address.clone(),
        ip: cx.origin.ip.clone(),
        values: wanted.values.clone(),
        enforces_required: true,
        source_ref: String::new(),
        updates_existing: false,
    };
    let placed = match subscribe::enter(cx, &new, wanted.is_active.unwrap_or(true)) {
        Ok(placed) => placed,
        Err(error) => {
            let problem = match error {
                SubscribeError::NoList(id) | SubscribeError::OwnerDisabled(id) => {
                    return Err(Stop::Call(MergeError::NoProject(id)));
                }
                SubscribeError::LimitReached(limit) => return Err(Stop::Call(MergeError::LimitReached(limit))),
                SubscribeError::Store(error) => return Err(error.into()),
                SubscribeError::BadAddress => Problem::InvalidEMail,
                SubscribeError::Already => {
                    let holder = cx.tx.find_subscriber_by_email(project.id(), &address.to_lowercase())?;
                    return Err(Stop::Refused(Problem::DuplicateRecord, holder.map(|row| row.number)));
                }
                SubscribeError::Field(problem) => of_field(project, &problem),
            };
            return Err(problem.into());
        }
    };
    if wanted.says_something() {
        let row = cx.tx.find_subscriber(project.id(), placed.number)?;
        let row = row.ok_or(StoreError::Unreadable("subscribers"))?;
        set_said(cx, project, &row, &wanted)?;
    }
    Ok((Status::Created, placed.number))
}

fn change(
    cx: &mut Ctx<'_>,
    project: &Project,
    row: Subscriber,
    wanted: Wanted,
) -> Result<(Status, SubscriberNumber), Stop> {
    let number = row.number;
    if wanted.address.as_ref().is_some_and(|text| EmailAddress::parse(text).is_none()) {
        let is_empty = wanted.address.as_ref().is_some_and(String::is_empty);
        let missing = || Problem::MissingRequiredField(format!("f_{ADDRESS_CODE}"));
        return Err(if is_empty { missing() } else { Problem::InvalidEMail }.into());
    }
    // A pending contact is confirmed by its own rule, which does more than set a status.
    let is_confirmed = wanted.is_active == Some(true) && row.status == SubscriptionStatus::OptInPending;
    let status = match wanted.is_active {
        Some(true) if row.status == SubscriptionStatus::Unsubscribed => Some(SubscriptionStatus::Subscribed),
        Some(false) if is_active(row.status) => Some(SubscriptionStatus::OptInPending),
        _ => None,
    };
    let change = SubscriberChange {
        email: wanted.address.clone().filter(|text| *text != row.email),
        status,
        values: wanted.values.clone(),
        triggers_events: true,
        ..SubscriberChange::default()
    };
    if change.email.is_some() || change.status.is_some() || !change.values.is_empty() {
        update(cx, project.id(), &Selector::Number(number), &change).map_err(|error| refused_update(project, error))?;
    }
    if is_confirmed {
        states::activate(cx, project.id(), number).map_err(refused_state)?;
    }
    set_said(cx, project, &row, &wanted)?;
    Ok((Status::Updated, number))
}

fn refused_update(project: &Project, error: UpdateError) -> Stop {
    match error {
        UpdateError::NoList(id) => Stop::Call(MergeError::NoProject(id)),
        UpdateError::Denied(denied) => Stop::Call(denied.into()),
        UpdateError::Store(error) => error.into(),
        UpdateError::NoSubscriber => Problem::UnmatchedRecord.into(),
        UpdateError::BadAddress => Problem::InvalidEMail.into(),
        UpdateError::AddressTaken => Problem::DuplicateRecord.into(),
        UpdateError::UnknownField(field) => Problem::UnknownField(field.to_string()).into(),
        UpdateError::Field(problem) => of_field(project, &problem).into(),
    }
}

fn refused_state(error: StateError) -> Stop {
    match error {
        StateError::NoProject(id) => Stop::Call(MergeError::NoProject(id)),
        StateError::Denied(denied) => Stop::Call(denied.into()),
        StateError::Store(error) => error.into(),
        StateError::NoContact(_) | StateError::Unsubscribed(_) => Problem::UnmatchedRecord.into(),
    }
}

fn of_field(project: &Project, problem: &FieldProblem) -> Problem {
    let is_key = matches!(&project.key, Key::Fields(fields) if fields.contains(&problem.field));
    let name =
        project.field_by_id(problem.field).map_or_else(|| problem.title.clone(), |field| format!("f_{}", field.code));
    match problem.reason {
        Reason::Required => Problem::MissingRequiredField(name),
        Reason::NotUnique if is_key => Problem::DuplicateRecord,
        Reason::NotUnique | Reason::Invalid(_) => Problem::InvalidValue(name, problem.reason.to_string()),
    }
}

/// Sets what a record says to opt-ins and tracking. The same word without a date keeps its date.
fn set_said(cx: &mut Ctx<'_>, project: &Project, row: &Subscriber, wanted: &Wanted) -> Result<(), StoreError> {
    let now = cx.now;
    let next = |before: Option<Said>, state: Option<bool>, at: Option<UtcTime>| {
        state.map(|is_given| match before {
            Some(before) if before.is_given == is_given => Said { is_given, at: at.unwrap_or(before.at) },
            _ => Said { is_given, at: at.unwrap_or(now) },
        })
    };
    if !wanted.opt_ins.is_empty() || !wanted.opt_in_dates.is_empty() {
        let mut known: BTreeMap<OptInId, Said> = cx
            .tx
            .list_contact_opt_ins(row.list_id, &[row.number])?
            .into_iter()
            .map(|found| (found.opt_in_id, Said { is_given: found.is_given, at: found.effective_at }))
            .collect();
        let dated = wanted.opt_in_dates.iter().filter(|(id, _)| wanted.opt_ins.iter().all(|(said, ..)| said != id));
        let dated: Vec<_> = dated.map(|(id, at)| (*id, known.get(id).map(|said| said.is_given), Some(*at))).collect();
        for (id, state, at) in wanted.opt_ins.iter().copied().chain(dated) {
            let Some(opt_in) = project.opt_ins.iter().find(|opt_in| opt_in.id == id) else { continue };
            let before = known.get(&id).copied();
            let after = next(before, state, at);
            states::set_opt_in(cx, project.account(), row, opt_in, before, after)?;
            match after {
                Some(said) => known.insert(id, said),
                None => known.remove(&id),
            };
        }
    }
    if wanted.tracking.is_some() || wanted.tracking_at.is_some() {
        let found = cx.tx.list_tracking(row.list_id, &[row.number])?;
        let before = found.first().map(|found| Said { is_given: found.is_given, at: found.effective_at });
        let state = wanted.tracking.unwrap_or(before.map(|said| said.is_given));
        states::set_tracking(cx, project.account(), row, before, next(before, state, wanted.tracking_at))?;
    }
    Ok(())
}
