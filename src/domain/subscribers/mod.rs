//! Subscribers: joining, confirming, leaving, changing, finding.
//!
//! A subscriber is one address in one list. Its status moves by these functions only, each noting the consent log, telling the list's hooks and
//! queueing mails in the same transaction.

pub mod area;
pub mod browse;
pub mod delete;
pub mod find;
mod followups;
pub mod leave;
pub mod opt_in;
mod request_mail;
pub mod subscribe;
pub mod together;
pub mod update;

use crate::domain::consent::About;
use crate::domain::field_values::{Owner, Values};
use crate::model::ids::{AccountId, FieldId, ListId, SubscriberNumber};
use crate::model::states::{OptInMode, SubscriptionStatus};
use crate::store::rows::lists::ListRules;
use crate::store::rows::subscribers::SubscriberRow;

/// A subscriber, as the layers above see it.
pub type Subscriber = SubscriberRow;

/// A subscriber with every custom field value it has, list-wide and global.
#[derive(Debug, Clone)]
pub struct WithValues {
    /// The subscriber.
    pub subscriber: Subscriber,
    /// Its values by field; a field without a value is absent.
    pub values: Values,
}

/// Subscribers of one list with the fields they are shown with, in the order of the definitions.
#[derive(Debug, Clone)]
pub struct Shown<T> {
    /// The subscriber or subscribers.
    pub what: T,
    /// Every field of the list, then the account's global ones.
    pub fields: Vec<FieldId>,
}

/// How a subscriber is named by a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// By the number inside its list.
    Number(SubscriberNumber),
    /// By address, in any case.
    Address(String),
}

/// What became of a subscription.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The list.
    pub list: ListId,
    /// The subscriber's number in it.
    pub number: SubscriberNumber,
    /// The address as it is kept.
    pub email: String,
    /// Where the subscription stands now.
    pub status: SubscriptionStatus,
    /// The page the list's owner wants the person to see next; empty for none.
    pub page_url: String,
}

impl Placed {
    fn of(rules: &ListRules, row: &SubscriberRow) -> Self {
        let page = if row.status == SubscriptionStatus::OptInPending {
            &rules.pending_page_url
        } else {
            &rules.confirmed_page_url
        };
        Self {
            list: rules.id,
            number: row.number,
            email: row.email.clone(),
            status: row.status,
            page_url: page.clone(),
        }
    }
}

pub(in crate::domain) fn about<'a>(account: AccountId, row: &'a SubscriberRow) -> About<'a> {
    About { account, list: row.list_id, number: row.number, email_key: &row.email_key }
}

fn owner<'a>(account: AccountId, row: &'a SubscriberRow) -> Owner<'a> {
    Owner { account, list: row.list_id, number: row.number, email_key: &row.email_key }
}

const fn status_of_new(mode: OptInMode) -> SubscriptionStatus {
    match mode {
        OptInMode::Single => SubscriptionStatus::Subscribed,
        OptInMode::Double => SubscriptionStatus::OptInPending,
    }
}
