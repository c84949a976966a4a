//! Changing subscribers: address, status, values (OE-8).

use crate::domain::access::{Denied, Permission};
use crate::domain::consent;
use crate::domain::contacts::key;
use crate::domain::cx::{Actor, Ctx};
use crate::domain::field_values::{self, Change, FieldProblem, KeepError, Reason};
use crate::domain::lists;
use crate::domain::subscribers::find::{self, FindError};
use crate::domain::subscribers::{Selector, about, followups, owner, subscribe::cut};
use crate::domain::suppression;
use crate::model::email_address::EmailAddress;
use crate::model::ids::{AccountId, FieldId, ListId, SubscriberNumber};
use crate::model::states::{BounceType, ConsentEvent, Roster, SubscriptionStatus};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::field_values as stored_values;
use crate::store::rows::fields::FieldRow;
use crate::store::rows::subscribers::SubscriberRow;

/// What is to change; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct SubscriberChange {
    /// A new address.
    pub email: Option<String>,
    /// A new status. For the account only: a subscriber session cannot set it.
    pub status: Option<SubscriptionStatus>,
    /// A new bounce state. For the account only.
    pub bounce: Option<BounceType>,
    /// When the unsubscription happened. For the account only.
    pub unsubscribed_at: Option<UtcTime>,
    /// From where it came. For the account only.
    pub unsubscribed_ip: Option<String>,
    /// Values of custom fields.
    pub values: Vec<Change>,
    /// Whether a new status does what joining and leaving do: hooks, list-to-list actions, the notice to the owner.
    pub triggers_events: bool,
    /// Whether required fields that were not sent and have no value refuse the change.
    pub enforces_required: bool,
    /// Whether a value for a field that does not exist is an error.
    pub refuses_unknown_fields: bool,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The account has no such list.
    #[error("no list {0}")]
    NoList(ListId),
    /// The list has no such subscriber.
    #[error("no such subscriber")]
    NoSubscriber,
    /// No address that can be mailed.
    #[error("no e-mail address that can be mailed")]
    BadAddress,
    /// Another subscriber of the list has the address.
    #[error("another subscriber has this address")]
    AddressTaken,
    /// There is no such field.
    #[error("no custom field {0}")]
    UnknownField(FieldId),
    /// A custom field's value was refused.
    #[error(transparent)]
    Field(#[from] FieldProblem),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<FindError> for UpdateError {
    fn from(error: FindError) -> Self {
        match error {
            FindError::NoList(list) => Self::NoList(list),
            FindError::NoSubscriber => Self::NoSubscriber,
            FindError::Denied(denied) => Self::Denied(denied),
            FindError::Store(error) => Self::Store(error),
        }
    }
}

impl From<KeepError> for UpdateError {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Problem(problem) => Self::Field(problem),
            KeepError::Store(error) => Self::Store(error),
        }
    }
}

/// Changes one subscriber of the acting account's lists, or the acting subscriber itself.
///
/// # Errors
/// [`UpdateError`].
pub fn update(
    cx: &mut Ctx<'_>,
    list: ListId,
    who: &Selector,
    change: &SubscriberChange,
) -> Result<SubscriberNumber, UpdateError> {
    let account = find::reach(cx, Permission::SubscriberUpdate, list)?;
    if !cx.tx.hold_lists(&[list], "", false)? {
        return Err(UpdateError::NoList(list));
    }
    let row = find::by_selector(cx, list, who)?.ok_or(UpdateError::NoSubscriber)?;
    if !find::is_own(cx, &row)? {
        return Err(UpdateError::NoSubscriber);
    }
    let fields = cx.tx.list_fields(account, list)?;
    if change.refuses_unknown_fields
        && let Some(unknown) = field_values::unknown_field(&fields, &change.values)
    {
        return Err(UpdateError::UnknownField(unknown));
    }
    apply(cx, account, row, &fields, change)
}

fn apply(
    cx: &mut Ctx<'_>,
    account: AccountId,
    mut row: SubscriberRow,
    fields: &[FieldRow],
    change: &SubscriberChange,
) -> Result<SubscriberNumber, UpdateError> {
    let (was, old_status) = (row.roster, row.status);
    let mut detail = Vec::new();
    if let Some(text) = &change.email {
        let old = row.email.clone();
        if readdress(cx, account, &mut row, fields, text)? {
            detail.push(format!("address was {old}"));
        }
    }
    let prepared = field_values::prepare(fields, &change.values, false)?;
    if change.enforces_required {
        require_all(cx, account, &row, fields, &change.values)?;
    }
    let mut values = stored_values::from_text(&row.fields)?;
    prepared.apply_to(&mut values);
    row.fields = stored_values::to_text(&values);
    field_values::keep(cx, owner(account, &row), &prepared)?;
    if !prepared.is_empty()
        && let Some(rules) = lists::rules(cx, row.list_id)?
    {
        key::follow(cx, &rules, &row)?;
    }
    if !matches!(cx.actor, Actor::Subscriber { .. }) {
        set_states(cx, &mut row, change, &mut detail);
    }
    row.roster = Roster::of(row.status, row.bounce, row.is_suppressed);
    cx.tx.update_subscriber(&row, was, cx.now).map_err(|error| match error {
        StoreError::Conflict { .. } => UpdateError::AddressTaken,
        error => UpdateError::Store(error),
    })?;
    consent::note(cx, about(account, &row), ConsentEvent::Update, "", &detail.join("; "))?;
    if change.triggers_events && row.status != old_status {
        follow_up(cx, &row)?;
    }
    Ok(row.number)
}

fn follow_up(cx: &mut Ctx<'_>, row: &SubscriberRow) -> Result<(), StoreError> {
    let Some(rules) = lists::rules(cx, row.list_id)? else { return Ok(()) };
    match row.status {
        SubscriptionStatus::Subscribed => followups::joined(cx, &rules, row),
        SubscriptionStatus::Unsubscribed => followups::left(cx, &rules, row),
        SubscriptionStatus::OptInPending | SubscriptionStatus::OptOutPending => Ok(()),
    }
}

/// Gives a subscriber another address; false when only the same one was sent. The global values of the old address go along where the new one has none.
fn readdress(
    cx: &mut Ctx<'_>,
    account: AccountId,
    row: &mut SubscriberRow,
    fields: &[FieldRow],
    text: &str,
) -> Result<bool, UpdateError> {
    let address = EmailAddress::parse(text).ok_or(UpdateError::BadAddress)?;
    if address.entered() == row.email {
        return Ok(false);
    }
    if address.key() != row.email_key {
        if cx.tx.find_subscriber_by_email(row.list_id, address.key())?.is_some() {
            return Err(UpdateError::AddressTaken);
        }
        move_global_values(cx, account, row, fields, address.key())?;
        address.key().clone_into(&mut row.email_key);
        row.is_suppressed = !suppression::reasons(cx, account, row.list_id, address.key())?.is_empty();
    }
    address.entered().clone_into(&mut row.email);
    Ok(true)
}

fn move_global_values(
    cx: &mut Ctx<'_>,
    account: AccountId,
    row: &SubscriberRow,
    fields: &[FieldRow],
    new_key: &str,
) -> Result<(), StoreError> {
    let existing: Vec<FieldId> =
        cx.tx.list_global_values(account, &[new_key])?.into_iter().map(|(_, field, _)| field).collect();
    let mut moved = Vec::new();
    for (_, field, value) in cx.tx.list_global_values(account, &[&row.email_key])? {
        if !existing.contains(&field) {
            cx.tx.set_global_value(account, new_key, field, &value, cx.now)?;
            moved.push(field);
        }
    }
    let unique: Vec<FieldId> =
        fields.iter().filter(|field| field.is_unique && moved.contains(&field.id)).map(|field| field.id).collect();
    if unique.is_empty() { Ok(()) } else { cx.tx.rename_holder(&unique, &row.email_key, new_key) }
}

/// Refuses a change after which a required field would have no value: fields that were sent are checked already, the others must have one.
fn require_all(
    cx: &mut Ctx<'_>,
    account: AccountId,
    row: &SubscriberRow,
    fields: &[FieldRow],
    sent: &[Change],
) -> Result<(), UpdateError> {
    let kept = find::values_of(cx, account, row)?;
    let is_missing = |field: &&FieldRow| {
        field.is_required
            && !sent.iter().any(|(id, _)| *id == field.id)
            && kept.get(&field.id).is_none_or(|value| value.trim().is_empty())
    };
    match fields.iter().find(is_missing) {
        Some(field) => {
            let problem = FieldProblem { field: field.id, title: field.name.clone(), reason: Reason::Required };
            Err(problem.into())
        }
        None => Ok(()),
    }
}

fn set_states(cx: &Ctx<'_>, row: &mut SubscriberRow, change: &SubscriberChange, detail: &mut Vec<String>) {
    if let Some(bounce) = change.bounce.filter(|bounce| *bounce != row.bounce) {
        detail.push(format!("bounce state {:?} to {bounce:?}", row.bounce));
        row.bounce = bounce;
    }
    if let Some(status) = change.status.filter(|status| *status != row.status) {
        detail.push(format!("status {:?} to {status:?}", row.status));
        match status {
            SubscriptionStatus::Unsubscribed => {
                row.unsubscribed_at = Some(change.unsubscribed_at.unwrap_or(cx.now));
            }
            SubscriptionStatus::Subscribed => {
                row.opted_in_at = row.opted_in_at.or(Some(cx.now));
                row.unsubscribed_at = None;
                row.unsubscribed_ip = String::new();
            }
            SubscriptionStatus::OptInPending | SubscriptionStatus::OptOutPending => {}
        }
        row.status = status;
    } else if let Some(at) = change.unsubscribed_at {
        row.unsubscribed_at = Some(at);
    }
    if let Some(ip) = &change.unsubscribed_ip {
        row.unsubscribed_ip = cut(ip, 250);
    }
}
