//! Joining a list, by the list's own rules: single or double opt-in, resubscription, suppression, limits (OE-8).

use crate::domain::consent;
use crate::domain::contacts::key;
use crate::domain::cx::Ctx;
use crate::domain::field_values::{self, Change, FieldProblem, KeepError, Prepared, Values};
use crate::domain::lists;
use crate::domain::subscribers::{Placed, about, followups, owner, request_mail, status_of_new};
use crate::domain::suppression;
use crate::model::email_address::EmailAddress;
use crate::model::ids::{ImportId, ListId, SubscriberNumber};
use crate::model::states::{
    BounceType, ConsentEvent, OptInMode, Roster, Source, SubscriptionStatus, SuppressionReason,
};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::field_values as stored_values;
use crate::store::rows::lists::ListRules;
use crate::store::rows::subscribers::SubscriberRow;

/// Who wants to join what.
#[derive(Debug, Clone)]
pub struct NewSubscription {
    /// The list.
    pub list: ListId,
    /// The address as typed.
    pub email: String,
    /// The address the person came from, as the caller says; free text, cut to 250 characters.
    pub ip: String,
    /// Values of custom fields that were sent.
    pub values: Vec<Change>,
    /// Whether required fields that were not sent at all refuse the subscription.
    pub enforces_required: bool,
    /// The caller's own mark of where the subscriber came from; cut to 64 characters.
    pub source_ref: String,
    /// Whether an address that is subscribed already is no error: its values are changed instead.
    pub updates_existing: bool,
}

/// Why somebody did not join.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// No such list.
    #[error("no list {0}")]
    NoList(ListId),
    /// The list's owner is disabled.
    #[error("the owner of list {0} is disabled")]
    OwnerDisabled(ListId),
    /// No address that can be mailed.
    #[error("no e-mail address that can be mailed")]
    BadAddress,
    /// A custom field's value was refused.
    #[error(transparent)]
    Field(#[from] FieldProblem),
    /// The address is subscribed already.
    #[error("the address is subscribed already")]
    Already,
    /// The owner's user group allows no more subscribers.
    #[error("the limit of {0} subscribers is reached")]
    LimitReached(i64),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<KeepError> for SubscribeError {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Problem(problem) => Self::Field(problem),
            KeepError::Store(error) => Self::Store(error),
        }
    }
}

/// Puts an address on a list. Anybody may: the old forms and sites carry no credential.
///
/// A double opt-in list takes the address as pending and mails a request; asking again while pending mails it again, at most once in
/// `mail.request_pause_minutes`. An address that left joins again under its old number. A suppressed address joins but is not mailed, unless it
/// suppressed itself by unsubscribing: joining again lifts that.
///
/// # Errors
/// [`SubscribeError`].
pub fn subscribe(cx: &mut Ctx<'_>, new: &NewSubscription) -> Result<Placed, SubscribeError> {
    let rules = lists::rules(cx, new.list)?.ok_or(SubscribeError::NoList(new.list))?;
    if !rules.owner_is_enabled {
        return Err(SubscribeError::OwnerDisabled(new.list));
    }
    let address = EmailAddress::parse(&new.email).ok_or(SubscribeError::BadAddress)?;
    if !cx.tx.hold_lists(&[new.list], address.key(), counts_whole_account(&rules))? {
        return Err(SubscribeError::NoList(new.list));
    }
    let prepared = prepare(cx, &rules, new)?;
    let existing = cx.tx.find_subscriber_by_email(new.list, address.key())?;
    match existing {
        None => {
            let opt_in = OptIn::Asked(status_of_new(rules.opt_in_mode));
            join_first(cx, &rules, &address, new, &prepared, opt_in)
        }
        Some(row) => match row.status {
            SubscriptionStatus::Subscribed if new.updates_existing => change_values(cx, &rules, row, &prepared),
            SubscriptionStatus::Subscribed => Err(SubscribeError::Already),
            SubscriptionStatus::OptInPending if rules.opt_in_mode == OptInMode::Double => {
                ask_again(cx, &rules, row, &prepared)
            }
            // A list that no longer asks takes at once who was waiting for its question.
            SubscriptionStatus::OptInPending | SubscriptionStatus::Unsubscribed | SubscriptionStatus::OptOutPending => {
                join_again(cx, &rules, row, &address, new, &prepared)
            }
        },
    }
}

/// Puts an address on a list and on further ones. The values belong to the first list; being on a further one already is no failure.
///
/// # Errors
/// [`SubscribeError`]; nothing is done then.
pub fn subscribe_to_all(cx: &mut Ctx<'_>, new: &NewSubscription, further: &[ListId]) -> Result<Placed, SubscribeError> {
    if !further.is_empty() {
        // All at once, so that two calls which name the same lists in another order do not wait for each other.
        let all: Vec<ListId> = std::iter::once(new.list).chain(further.iter().copied()).collect();
        let mut counts_all = false;
        for list in &all {
            counts_all |= lists::rules(cx, *list)?.is_some_and(|rules| counts_whole_account(&rules));
        }
        cx.tx.hold_lists(&all, &new.email.trim().to_lowercase(), counts_all)?;
    }
    let placed = subscribe(cx, new)?;
    for list in further {
        let same = NewSubscription { list: *list, values: Vec::new(), enforces_required: false, ..new.clone() };
        match subscribe(cx, &same) {
            Ok(_) | Err(SubscribeError::Already) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(placed)
}

/// How a subscription comes to its first status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OptIn {
    /// The person asked; a pending one is mailed a request.
    Asked(SubscriptionStatus),
    /// The list's owner says so; nobody is mailed.
    Said(SubscriptionStatus),
}

/// Puts an address on a list by its owner's word, whatever the list's opt-in mode: counted at once, or kept as pending until somebody activates it.
/// Nothing is mailed by this. An address that the list knows in any state is refused. For internal use: the caller has checked the permission.
///
/// # Errors
/// [`SubscribeError`].
pub(in crate::domain) fn enter(
    cx: &mut Ctx<'_>,
    new: &NewSubscription,
    is_active: bool,
) -> Result<Placed, SubscribeError> {
    let rules = lists::rules(cx, new.list)?.ok_or(SubscribeError::NoList(new.list))?;
    if !rules.owner_is_enabled {
        return Err(SubscribeError::OwnerDisabled(new.list));
    }
    let address = EmailAddress::parse(&new.email).ok_or(SubscribeError::BadAddress)?;
    if !cx.tx.hold_lists(&[new.list], address.key(), counts_whole_account(&rules))? {
        return Err(SubscribeError::NoList(new.list));
    }
    if cx.tx.find_subscriber_by_email(new.list, address.key())?.is_some() {
        return Err(SubscribeError::Already);
    }
    let prepared = prepare(cx, &rules, new)?;
    let status = if is_active { SubscriptionStatus::Subscribed } else { SubscriptionStatus::OptInPending };
    join_first(cx, &rules, &address, new, &prepared, OptIn::Said(status))
}

fn prepare(cx: &mut Ctx<'_>, rules: &ListRules, new: &NewSubscription) -> Result<Prepared, SubscribeError> {
    if new.values.is_empty() && !new.enforces_required {
        return Ok(Prepared::default());
    }
    let fields = cx.tx.list_fields(rules.account_id, rules.id)?;
    Ok(field_values::prepare(&fields, &new.values, new.enforces_required)?)
}

fn join_first(
    cx: &mut Ctx<'_>,
    rules: &ListRules,
    address: &EmailAddress,
    new: &NewSubscription,
    prepared: &Prepared,
    opt_in: OptIn,
) -> Result<Placed, SubscribeError> {
    check_limit(cx, rules)?;
    let (OptIn::Asked(status) | OptIn::Said(status)) = opt_in;
    let is_suppressed = is_suppressed_after_joining(cx, rules, address.key(), status)?;
    let roster = Roster::of(status, BounceType::NotBounced, is_suppressed);
    let mut values = Values::new();
    prepared.apply_to(&mut values);
    let number = cx.tx.take_number(rules.id, roster, cx.now)?;
    let mut row = SubscriberRow {
        status,
        is_suppressed,
        roster,
        fields: stored_values::to_text(&values),
        ..fresh_row(rules.id, number, address, new, cx.origin.source, cx.now)
    };
    mark_opt_in(cx, &mut row);
    if matches!(opt_in, OptIn::Said(_)) {
        row.request_sent_at = None;
    }
    field_values::keep(cx, owner(rules.account_id, &row), prepared)?;
    key::follow(cx, rules, &row)?;
    cx.tx.insert_subscriber(&row).map_err(|error| match error {
        // Somebody else put the same address there since we looked; only where transactions run side by side.
        StoreError::Conflict { .. } => SubscribeError::Already,
        error => SubscribeError::Store(error),
    })?;
    match opt_in {
        OptIn::Said(SubscriptionStatus::OptInPending) => {
            consent::note(cx, about(rules.account_id, &row), ConsentEvent::Subscribe, &new.ip, "inactive")?;
            Ok(Placed::of(rules, &row))
        }
        OptIn::Asked(_) | OptIn::Said(_) => finish(cx, rules, row, &new.ip),
    }
}

/// A subscriber as one joins that nothing special is known of: subscribed, no values, not opted in yet.
pub(super) fn fresh_row(
    list: ListId,
    number: SubscriberNumber,
    address: &EmailAddress,
    new: &NewSubscription,
    source: Source,
    now: UtcTime,
) -> SubscriberRow {
    SubscriberRow {
        list_id: list,
        number,
        email: address.entered().to_owned(),
        email_key: address.key().to_owned(),
        status: SubscriptionStatus::Subscribed,
        bounce: BounceType::NotBounced,
        is_suppressed: false,
        roster: Roster::Active,
        fields: "{}".to_owned(),
        subscribed_at: now,
        subscribed_ip: cut(&new.ip, 250),
        opted_in_at: None,
        unsubscribed_at: None,
        unsubscribed_ip: String::new(),
        request_sent_at: None,
        source,
        source_ref: cut(&new.source_ref, 64),
        import_id: ImportId::NONE,
    }
}

fn join_again(
    cx: &mut Ctx<'_>,
    rules: &ListRules,
    mut row: SubscriberRow,
    address: &EmailAddress,
    new: &NewSubscription,
    prepared: &Prepared,
) -> Result<Placed, SubscribeError> {
    let was = row.roster;
    row.status = status_of_new(rules.opt_in_mode);
    row.is_suppressed = is_suppressed_after_joining(cx, rules, address.key(), row.status)?;
    row.roster = Roster::of(row.status, row.bounce, row.is_suppressed);
    row.email = address.entered().to_owned();
    row.subscribed_at = cx.now;
    row.subscribed_ip = cut(&new.ip, 250);
    row.opted_in_at = None;
    row.unsubscribed_at = None;
    row.unsubscribed_ip = String::new();
    row.source = cx.origin.source;
    row.source_ref = cut(&new.source_ref, 64);
    mark_opt_in(cx, &mut row);
    put_values(cx, rules, &mut row, prepared)?;
    cx.tx.update_subscriber(&row, was, cx.now)?;
    finish(cx, rules, row, &new.ip)
}

/// A pending address asked again (OE-8.25): its values change, and the request is mailed again when the pause is over.
fn ask_again(
    cx: &mut Ctx<'_>,
    rules: &ListRules,
    mut row: SubscriberRow,
    prepared: &Prepared,
) -> Result<Placed, SubscribeError> {
    put_values(cx, rules, &mut row, prepared)?;
    let pause = std::time::Duration::from_secs(cx.settings.mail.request_pause_minutes.saturating_mul(60));
    if row.request_sent_at.is_none_or(|sent| sent.plus(pause) <= cx.now) {
        row.request_sent_at = Some(cx.now);
        request_mail::queue(cx, rules, &row)?;
    }
    cx.tx.update_subscriber(&row, row.roster, cx.now)?;
    Ok(Placed::of(rules, &row))
}

fn change_values(
    cx: &mut Ctx<'_>,
    rules: &ListRules,
    mut row: SubscriberRow,
    prepared: &Prepared,
) -> Result<Placed, SubscribeError> {
    if !prepared.is_empty() {
        put_values(cx, rules, &mut row, prepared)?;
        cx.tx.update_subscriber(&row, row.roster, cx.now)?;
        consent::note(cx, about(rules.account_id, &row), ConsentEvent::Update, "", "")?;
    }
    Ok(Placed::of(rules, &row))
}

fn put_values(
    cx: &mut Ctx<'_>,
    rules: &ListRules,
    row: &mut SubscriberRow,
    prepared: &Prepared,
) -> Result<(), SubscribeError> {
    if !prepared.is_empty() {
        let mut values = stored_values::from_text(&row.fields)?;
        prepared.apply_to(&mut values);
        row.fields = stored_values::to_text(&values);
        field_values::keep(cx, owner(rules.account_id, row), prepared)?;
        key::follow(cx, rules, row)?;
    }
    Ok(())
}

/// A single opt-in counts as given at once; a double one when it is confirmed.
fn mark_opt_in(cx: &Ctx<'_>, row: &mut SubscriberRow) {
    match row.status {
        SubscriptionStatus::OptInPending => row.request_sent_at = Some(cx.now),
        _ => row.opted_in_at = Some(cx.now),
    }
}

/// What follows once the row stands: the log, then the request mail or, for a subscription that counts, hooks and actions.
fn finish(cx: &mut Ctx<'_>, rules: &ListRules, row: SubscriberRow, ip: &str) -> Result<Placed, SubscribeError> {
    consent::note(cx, about(rules.account_id, &row), ConsentEvent::Subscribe, ip, "")?;
    if row.status == SubscriptionStatus::OptInPending {
        request_mail::queue(cx, rules, &row)?;
    } else {
        followups::joined(cx, rules, &row)?;
    }
    Ok(Placed::of(rules, &row))
}

/// Whether a joining address counts as suppressed. Its own earlier opt-out is lifted when the subscription counts at once, and does not keep the
/// request mail of a double opt-in back.
fn is_suppressed_after_joining(
    cx: &mut Ctx<'_>,
    rules: &ListRules,
    key: &str,
    status: SubscriptionStatus,
) -> Result<bool, StoreError> {
    let found: Vec<SuppressionReason> = suppression::reasons(cx, rules.account_id, rules.id, key)?;
    if found.is_empty() {
        return Ok(false);
    }
    if status == SubscriptionStatus::Subscribed && found.contains(&SuppressionReason::Unsubscribed) {
        suppression::lift_own_opt_out(cx, rules.account_id, rules.id, key)?;
    }
    let barred = found.iter().any(|reason| *reason != SuppressionReason::Unsubscribed);
    Ok(barred || status == SubscriptionStatus::OptInPending)
}

/// Whether joining looks at the totals of every list of the account, which then must not move meanwhile.
pub(super) const fn counts_whole_account(rules: &ListRules) -> bool {
    rules.limit_subscribers > 0
}

fn check_limit(cx: &mut Ctx<'_>, rules: &ListRules) -> Result<(), SubscribeError> {
    let limit = rules.limit_subscribers;
    if limit > 0 && cx.tx.count_subscribers_of_account(rules.account_id)? >= limit {
        return Err(SubscribeError::LimitReached(limit));
    }
    Ok(())
}

/// The first characters of a text.
pub(super) fn cut(text: &str, n_chars: usize) -> String {
    text.chars().take(n_chars).collect()
}

/// Adds an address by a list-to-list action: as subscribed, without opt-in, hooks or further actions. Nothing happens when the list knows the
/// address in any state: who left it before is not brought back by another list.
pub(super) fn join_by_action(
    cx: &mut Ctx<'_>,
    target: &ListRules,
    from: &SubscriberRow,
    actor: String,
) -> Result<(), StoreError> {
    if !target.owner_is_enabled || cx.tx.find_subscriber_by_email(target.id, &from.email_key)?.is_some() {
        return Ok(());
    }
    let limit = target.limit_subscribers;
    if limit > 0 && cx.tx.count_subscribers_of_account(target.account_id)? >= limit {
        return Ok(());
    }
    let status = SubscriptionStatus::Subscribed;
    let is_suppressed = !suppression::reasons(cx, target.account_id, target.id, &from.email_key)?.is_empty();
    let roster = Roster::of(status, BounceType::NotBounced, is_suppressed);
    let number: SubscriberNumber = cx.tx.take_number(target.id, roster, cx.now)?;
    let row = SubscriberRow {
        list_id: target.id,
        number,
        email: from.email.clone(),
        email_key: from.email_key.clone(),
        status,
        bounce: BounceType::NotBounced,
        is_suppressed,
        roster,
        fields: "{}".to_owned(),
        subscribed_at: cx.now,
        subscribed_ip: from.subscribed_ip.clone(),
        opted_in_at: Some(cx.now),
        unsubscribed_at: None,
        unsubscribed_ip: String::new(),
        request_sent_at: None,
        source: Source::ListAction,
        source_ref: format!("list {}", from.list_id),
        import_id: ImportId::NONE,
    };
    cx.tx.insert_subscriber(&row)?;
    consent::note_as(cx, about(target.account_id, &row), ConsentEvent::Subscribe, &from.subscribed_ip, "", actor)
}
