//! Making contacts active or inactive, and what they say to opt-ins and tracking (OF-14.9, OF-14.10, OF-14.13).

use crate::domain::access::{Denied, Permission};
use crate::domain::consent;
use crate::domain::contacts::{Said, is_active};
use crate::domain::cx::Ctx;
use crate::domain::lists::{self, GetListError};
use crate::domain::projects::OptIn;
use crate::domain::subscribers::opt_in::{self, OptInError};
use crate::domain::subscribers::update::{SubscriberChange, UpdateError, update};
use crate::domain::subscribers::{Selector, Subscriber, about};
use crate::model::ids::{AccountId, ListId, SubscriberNumber};
use crate::model::states::{ConsentEvent, SubscriptionStatus};
use crate::store::StoreError;
use crate::store::rows::projects::{ContactOptInRow, TrackingRow};

/// Why a contact was not made active or inactive.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// No such project.
    #[error("no project {0}")]
    NoProject(ListId),
    /// The project has no such contact.
    #[error("no contact {0}")]
    NoContact(SubscriberNumber),
    /// The contact unsubscribed: only its project's owner makes it active again.
    #[error("contact {0} is unsubscribed")]
    Unsubscribed(SubscriberNumber),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<GetListError> for StateError {
    fn from(error: GetListError) -> Self {
        match error {
            GetListError::NoList(id) => Self::NoProject(id),
            GetListError::Denied(denied) => Self::Denied(denied),
            GetListError::Store(error) => Self::Store(error),
        }
    }
}

impl From<UpdateError> for StateError {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::NoList(id) => Self::NoProject(id),
            UpdateError::Denied(denied) => Self::Denied(denied),
            UpdateError::Store(error) => Self::Store(error),
            // Of a change that sets the status alone nothing else can be refused.
            UpdateError::NoSubscriber
            | UpdateError::BadAddress
            | UpdateError::AddressTaken
            | UpdateError::UnknownField(_)
            | UpdateError::Field(_) => Self::NoContact(SubscriberNumber::NONE),
        }
    }
}

impl From<OptInError> for StateError {
    fn from(error: OptInError) -> Self {
        match error {
            OptInError::NoList(id) | OptInError::OwnerDisabled(id) => Self::NoProject(id),
            OptInError::NoSubscriber(number) => Self::NoContact(number),
            OptInError::NotPending(placed) => Self::Unsubscribed(placed.number),
            OptInError::Store(error) => Self::Store(error),
        }
    }
}

/// Makes a contact of one of the acting account's projects active: a pending one is confirmed with all that follows, an unsubscribed one is subscribed
/// again by its owner's word. Answers false when it was active already.
///
/// # Errors
/// [`StateError`].
pub fn activate(cx: &mut Ctx<'_>, project: ListId, number: SubscriberNumber) -> Result<bool, StateError> {
    let row = require(cx, project, number)?;
    match row.status {
        SubscriptionStatus::Subscribed | SubscriptionStatus::OptOutPending => Ok(false),
        SubscriptionStatus::OptInPending => {
            opt_in::confirm(cx, project, number)?;
            Ok(true)
        }
        SubscriptionStatus::Unsubscribed => {
            set_status(cx, project, number, SubscriptionStatus::Subscribed)?;
            Ok(true)
        }
    }
}

/// Makes a contact of one of the acting account's projects inactive: it is kept, and left out of everything sent to many. Answers false when it was
/// inactive already.
///
/// # Errors
/// [`StateError`].
pub fn deactivate(cx: &mut Ctx<'_>, project: ListId, number: SubscriberNumber) -> Result<bool, StateError> {
    let row = require(cx, project, number)?;
    if !is_active(row.status) {
        return Ok(false);
    }
    set_status(cx, project, number, SubscriptionStatus::OptInPending)?;
    Ok(true)
}

/// Makes a pending contact active for the holder of its activation link, whoever that is: the caller has checked the link. Nothing changes when it was
/// active already. Answers the page that the project's owner wants the person to see next; empty for none.
///
/// # Errors
/// [`StateError::Unsubscribed`] when it unsubscribed since: an old link does not undo that.
pub fn activate_by_link(cx: &mut Ctx<'_>, project: ListId, number: SubscriberNumber) -> Result<String, StateError> {
    match opt_in::confirm(cx, project, number) {
        Ok(placed) => Ok(placed.page_url),
        Err(OptInError::NotPending(placed)) if is_active(placed.status) => Ok(placed.page_url),
        Err(error) => Err(error.into()),
    }
}

fn require(cx: &mut Ctx<'_>, project: ListId, number: SubscriberNumber) -> Result<Subscriber, StateError> {
    lists::require(cx, Permission::SubscriberUpdate, project)?;
    cx.tx.find_subscriber(project, number)?.ok_or(StateError::NoContact(number))
}

fn set_status(
    cx: &mut Ctx<'_>,
    project: ListId,
    number: SubscriberNumber,
    status: SubscriptionStatus,
) -> Result<(), StateError> {
    let change = SubscriberChange { status: Some(status), triggers_events: true, ..SubscriberChange::default() };
    update(cx, project, &Selector::Number(number), &change)?;
    Ok(())
}

/// Sets what a contact says to an opt-in, `None` for nothing, and notes it. Quiet when that is what it said.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn set_opt_in(
    cx: &mut Ctx<'_>,
    account: AccountId,
    row: &Subscriber,
    opt_in: &OptIn,
    before: Option<Said>,
    now: Option<Said>,
) -> Result<(), StoreError> {
    if before == now {
        return Ok(());
    }
    let event = match now {
        Some(said) => {
            cx.tx.set_contact_opt_in(&ContactOptInRow {
                list_id: row.list_id,
                number: row.number,
                opt_in_id: opt_in.id,
                is_given: said.is_given,
                effective_at: said.at,
            })?;
            if said.is_given { ConsentEvent::OptInGiven } else { ConsentEvent::OptInDeclined }
        }
        None => {
            cx.tx.delete_contact_opt_in(row.list_id, row.number, opt_in.id)?;
            ConsentEvent::OptInCleared
        }
    };
    consent::note(cx, about(account, row), event, "", &opt_in.code)
}

/// Sets what a contact says to being tracked, `None` for nothing, and notes it. Quiet when that is what it said.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn set_tracking(
    cx: &mut Ctx<'_>,
    account: AccountId,
    row: &Subscriber,
    before: Option<Said>,
    now: Option<Said>,
) -> Result<(), StoreError> {
    if before == now {
        return Ok(());
    }
    let detail = match now {
        Some(said) => {
            cx.tx.set_tracking(&TrackingRow {
                list_id: row.list_id,
                number: row.number,
                is_given: said.is_given,
                effective_at: said.at,
            })?;
            if said.is_given { "given" } else { "declined" }
        }
        None => {
            cx.tx.delete_tracking(row.list_id, row.number)?;
            "cleared"
        }
    };
    consent::note(cx, about(account, row), ConsentEvent::TrackingChanged, "", detail)
}
