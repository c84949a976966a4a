//! Lists: audiences with their opt-in and opt-out rules.

mod page;

use crate::domain::access::{Denied, Permission};
use crate::domain::cx::{Actor, Ctx};
use crate::domain::messages::{self, Draft, DraftError};
use crate::domain::outbox;
use crate::model::email_address::EmailAddress;
use crate::model::ids::{AccountId, ListId, MessageId};
use crate::model::states::{JobKind, OptInMode, OptOutScope, SyncPeriod};
use crate::store::StoreError;
use crate::store::rows::lists::{ListRow, ListRules, ListSync, ListTotals, NewListRow};

pub use page::{Archived, ListOrder, ListQuery, page};

/// A list, as the layers above see it.
pub type List = ListRow;
/// A list to be made, as the layers above see it.
pub type NewList = NewListRow;
/// How many subscribers a list has, as the layers above see it.
pub type Totals = ListTotals;
/// From where a list is filled on a schedule, as the layers above see it.
pub type Sync = ListSync;

/// A list with what stands beside it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The list.
    pub list: List,
    /// Its counts.
    pub totals: Totals,
    /// From where it is filled; `None` when that was never set up.
    pub sync: Option<Sync>,
}

/// Why a list was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateListError {
    /// Another list of the account has this name, in any case.
    #[error("list name {0:?} is taken")]
    NameTaken(String),
    /// The account's user group allows no more lists.
    #[error("the limit of {0} lists is reached")]
    LimitReached(i64),
    /// The confirmation message is no good.
    #[error("confirmation message")]
    Message(#[from] DraftError),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why lists were not read.
#[derive(Debug, thiserror::Error)]
pub enum GetListError {
    /// The account has no list with this id.
    #[error("no list {0}")]
    NoList(ListId),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a list was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateListError {
    /// The account has no list with this id.
    #[error("no list {0}")]
    NoList(ListId),
    /// The account has no message with this id.
    #[error("no message {0}")]
    NoMessage(MessageId),
    /// A list-to-list action names the list itself, or none of the account's.
    #[error("list {0} cannot be the target of an action")]
    NoTarget(ListId),
    /// The address that requests by mail go to is none.
    #[error("{0:?} is no e-mail address")]
    BadRequestAddress(String),
    /// Filling on a schedule is switched on without saying from where.
    #[error("the settings of the synchronisation are incomplete")]
    SyncIncomplete,
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why lists were not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteListsError {
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An empty list with the platform's defaults: single opt-in, opting out of this list only.
#[must_use]
pub fn blank(cx: &Ctx<'_>, account: AccountId, name: &str) -> NewListRow {
    NewListRow {
        account_id: account,
        name: name.to_owned(),
        description: String::new(),
        opt_in_mode: OptInMode::Single,
        confirmation_message_id: MessageId::NONE,
        opt_out_scope: OptOutScope::ThisList,
        opt_out_suppress_list: false,
        opt_out_suppress_account: false,
        notify_integration_failure: false,
        notify_activity: false,
        hide_in_subscriber_area: false,
        pending_page_url: String::new(),
        confirmed_page_url: String::new(),
        subscription_error_page_url: String::new(),
        unsubscribed_page_url: String::new(),
        unsubscription_error_page_url: String::new(),
        request_search_to: String::new(),
        request_subscribe_word: String::new(),
        request_unsubscribe_word: String::new(),
        opt_in_subscribe_to: ListId::NONE,
        opt_in_unsubscribe_from: ListId::NONE,
        opt_out_subscribe_to: ListId::NONE,
        opt_out_unsubscribe_from: ListId::NONE,
        sender_name: String::new(),
        sender_email: String::new(),
        sender_company: String::new(),
        sender_address: String::new(),
        options: String::new(),
        created_at: cx.now,
    }
}

/// Settings of a list that is not filled on a schedule.
fn blank_sync(list: ListId) -> Sync {
    Sync {
        list_id: list,
        is_enabled: false,
        period: SyncPeriod::Day,
        mysql_host: String::new(),
        mysql_port: String::new(),
        mysql_username: String::new(),
        mysql_password: String::new(),
        mysql_database: String::new(),
        mysql_query: String::new(),
        field_mapping: String::new(),
        send_report: false,
        last_run_at: None,
    }
}

/// Makes a list of the acting account from [`blank`] or a changed copy of it. Where the user group makes every list ask for confirmation,
/// it does, whatever `build` says.
///
/// # Errors
/// [`CreateListError`].
pub fn create(cx: &mut Ctx<'_>, build: impl FnOnce(&mut NewListRow)) -> Result<ListId, CreateListError> {
    let account = cx.account(Permission::ListCreate)?;
    if let Actor::Account { rights, .. } = &cx.actor {
        let limit = rights.limit_lists;
        if limit > 0 {
            cx.tx.hold_account(account)?;
            if cx.tx.count_lists(account)? >= limit {
                return Err(CreateListError::LimitReached(limit));
            }
        }
    }
    let mut list = blank(cx, account, "");
    build(&mut list);
    if list.opt_in_mode == OptInMode::Single && cx.tx.forces_double_opt_in(account)? {
        list.opt_in_mode = OptInMode::Double;
    }
    Ok(cx.tx.insert_list(&list)?)
}

/// Makes a list that asks for confirmation, together with the message that asks. A draft without a name gets one.
///
/// # Errors
/// [`CreateListError`]; then neither is made, provided that the caller undoes the transaction.
pub fn create_with_confirmation(
    cx: &mut Ctx<'_>,
    mut draft: Draft,
    build: impl FnOnce(&mut NewListRow),
) -> Result<(ListId, MessageId), CreateListError> {
    messages::check(&draft)?;
    let account = cx.account(Permission::ListCreate)?;
    let list = create(cx, |list| {
        build(list);
        list.opt_in_mode = OptInMode::Double;
    })?;
    if draft.name.is_empty() {
        draft.name = format!("Confirmation email: {list}");
    }
    let message = messages::insert(cx, account, draft)?;
    cx.tx.set_list_message(list, message)?;
    Ok((list, message))
}

/// Refuses a name that another list of the acting account has, in any case. For wires where names are unique.
///
/// # Errors
/// [`CreateListError`].
pub fn require_free_name(cx: &mut Ctx<'_>, name: &str) -> Result<(), CreateListError> {
    let account = cx.account(Permission::ListCreate)?;
    cx.tx.hold_account(account)?;
    let wanted = name.trim().to_lowercase();
    if cx.tx.list_list_names(account)?.iter().any(|taken| taken.trim().to_lowercase() == wanted) {
        return Err(CreateListError::NameTaken(name.to_owned()));
    }
    Ok(())
}

/// The acting account's list of this id, if its user group allows `permission`. For everything that is done with a list.
///
/// # Errors
/// [`GetListError`].
pub fn require(cx: &mut Ctx<'_>, permission: Permission, id: ListId) -> Result<List, GetListError> {
    let account = cx.account(permission)?;
    cx.tx.find_list(account, id)?.ok_or(GetListError::NoList(id))
}

/// A list with what stands beside it.
///
/// # Errors
/// [`GetListError`].
pub fn get(cx: &mut Ctx<'_>, id: ListId) -> Result<Entry, GetListError> {
    let list = require(cx, Permission::ListGet, id)?;
    Ok(entry(cx, list)?)
}

fn entry(cx: &mut Ctx<'_>, list: List) -> Result<Entry, StoreError> {
    let totals = cx.tx.find_list_totals(list.id)?.unwrap_or_default();
    let sync = cx.tx.find_sync(list.id)?;
    Ok(Entry { list, totals, sync })
}

/// Changes a list and how it is filled. What `change` leaves alone stays.
///
/// # Errors
/// [`UpdateListError`].
pub fn update(
    cx: &mut Ctx<'_>,
    id: ListId,
    change: impl FnOnce(&mut List, &mut Sync),
) -> Result<Entry, UpdateListError> {
    let account = cx.account(Permission::ListUpdate)?;
    let old = cx.tx.find_list(account, id)?.ok_or(UpdateListError::NoList(id))?;
    let old_sync = cx.tx.find_sync(id)?.unwrap_or_else(|| blank_sync(id));
    let (mut list, mut sync) = (old.clone(), old_sync.clone());
    change(&mut list, &mut sync);
    (list.id, list.account_id, sync.list_id) = (id, account, id);
    if list.opt_in_mode == OptInMode::Single && cx.tx.forces_double_opt_in(account)? {
        list.opt_in_mode = OptInMode::Double;
    }
    check_references(cx, &old, &list)?;
    if !list.request_search_to.is_empty() && EmailAddress::parse(&list.request_search_to).is_none() {
        return Err(UpdateListError::BadRequestAddress(list.request_search_to));
    }
    if sync != old_sync {
        if !is_complete(&sync) {
            return Err(UpdateListError::SyncIncomplete);
        }
        cx.tx.save_sync(&sync)?;
    }
    if list != old {
        cx.tx.update_list(&list)?;
    }
    Ok(entry(cx, list)?)
}

/// What a list newly names must be the account's own.
fn check_references(cx: &mut Ctx<'_>, old: &List, new: &List) -> Result<(), UpdateListError> {
    let message = new.confirmation_message_id;
    if message != old.confirmation_message_id
        && message != MessageId::NONE
        && messages::find(cx, new.account_id, message)?.is_none()
    {
        return Err(UpdateListError::NoMessage(message));
    }
    let targets = [
        (old.opt_in_subscribe_to, new.opt_in_subscribe_to),
        (old.opt_in_unsubscribe_from, new.opt_in_unsubscribe_from),
        (old.opt_out_subscribe_to, new.opt_out_subscribe_to),
        (old.opt_out_unsubscribe_from, new.opt_out_unsubscribe_from),
    ];
    for (before, target) in targets {
        if target == before || target == ListId::NONE {
            continue;
        }
        if target == new.id || cx.tx.find_list(new.account_id, target)?.is_none() {
            return Err(UpdateListError::NoTarget(target));
        }
    }
    Ok(())
}

/// A list can only be filled from somewhere.
fn is_complete(sync: &Sync) -> bool {
    let needed = [&sync.mysql_host, &sync.mysql_username, &sync.mysql_database, &sync.mysql_query, &sync.field_mapping];
    !sync.is_enabled || needed.iter().all(|text| !text.trim().is_empty())
}

/// Deletes lists: they are gone for every reader at once, and a job removes what they held. Ids that name no list of the acting account are
/// passed over. One call is one transaction: give it a few hundred ids at most.
///
/// # Errors
/// [`DeleteListsError`].
pub fn delete(cx: &mut Ctx<'_>, ids: &[ListId]) -> Result<(), DeleteListsError> {
    let account = cx.account(Permission::ListDelete)?;
    for id in ids {
        if cx.tx.mark_list_deleted(account, *id, cx.now)? {
            outbox::queue_job(cx, account, JobKind::PurgeList, id.to_string())?;
        }
    }
    Ok(())
}

/// What joining and leaving need to know of a list and its owner, whoever acts. Read once a call: nothing that changes a list goes on to join it.
pub(in crate::domain) fn rules(cx: &mut Ctx<'_>, id: ListId) -> Result<Option<ListRules>, StoreError> {
    if cx.rules.as_ref().is_none_or(|rules| rules.id != id) {
        cx.rules = cx.tx.find_list_rules(id)?;
    }
    Ok(cx.rules.clone().filter(|rules| rules.id == id))
}

/// The `name=value` lines of the account that owns a list; `None` for no such list. Says nothing of the list, so anybody may ask.
///
/// # Errors
/// [`StoreError`] only.
pub fn owner_options(cx: &mut Ctx<'_>, id: ListId) -> Result<Option<String>, StoreError> {
    Ok(rules(cx, id)?.map(|rules| rules.owner_wire_options))
}
