//! Lists: audiences with their opt-in and opt-out rules.

use crate::domain::access::{Denied, Permission};
use crate::domain::cx::{Actor, Ctx};
use crate::model::ids::{AccountId, ListId, MessageId};
use crate::model::states::{OptInMode, OptOutScope};
use crate::store::StoreError;
use crate::store::rows::lists::{ListRow, ListTotals, NewListRow};

/// A list, as the layers above see it.
pub type List = ListRow;
/// How many subscribers a list has, as the layers above see it.
pub type Totals = ListTotals;

/// Why a list was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateListError {
    /// The account's user group allows no more lists.
    #[error("the limit of {0} lists is reached")]
    LimitReached(i64),
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

/// Makes a list of the acting account from [`blank`] or a changed copy of it.
///
/// # Errors
/// [`CreateListError`].
pub fn create(cx: &mut Ctx<'_>, build: impl FnOnce(&mut NewListRow)) -> Result<ListId, CreateListError> {
    let account = cx.account(Permission::ListCreate)?;
    if let Actor::Account { rights, .. } = &cx.actor {
        let limit = rights.limit_lists;
        if limit > 0 && cx.tx.count_lists(account)? >= limit {
            return Err(CreateListError::LimitReached(limit));
        }
    }
    let mut list = blank(cx, account, "");
    build(&mut list);
    Ok(cx.tx.insert_list(&list)?)
}

/// Every list of the acting account with its totals, by id.
///
/// # Errors
/// [`GetListError`].
pub fn list_all(cx: &mut Ctx<'_>) -> Result<Vec<(ListRow, ListTotals)>, GetListError> {
    let account = cx.account(Permission::ListsGet)?;
    Ok(cx.tx.list_lists(account)?)
}
