//! What the public pages may show without a login: a list's name and the pages its owner made, and whom a signed link is about.

use crate::domain::cx::Ctx;
use crate::model::ids::{ListId, SubscriberNumber};
use crate::model::states::SubscriptionStatus;
use crate::store::StoreError;

/// What a visitor sees of a list.
#[derive(Debug, Clone)]
pub struct ListPages {
    /// Its name.
    pub name: String,
    /// Where a refused subscription leads; empty for nowhere.
    pub subscription_error_page_url: String,
    /// Where a refused unsubscription leads; empty for nowhere.
    pub unsubscription_error_page_url: String,
}

/// Whom a link is about.
#[derive(Debug, Clone)]
pub struct Linked {
    /// The list's name.
    pub list_name: String,
    /// The subscriber's address.
    pub email: String,
    /// Where the subscription stands.
    pub status: SubscriptionStatus,
}

/// The pages of a list; `None` when it is gone or its owner disabled.
///
/// # Errors
/// [`StoreError`] only.
pub fn find_list(cx: &mut Ctx<'_>, list: ListId) -> Result<Option<ListPages>, StoreError> {
    let Some(rules) = cx.tx.find_list_rules(list)?.filter(|rules| rules.owner_is_enabled) else { return Ok(None) };
    let found = cx.tx.find_list(rules.account_id, list)?;
    Ok(found.map(|list| ListPages {
        name: list.name,
        subscription_error_page_url: list.subscription_error_page_url,
        unsubscription_error_page_url: list.unsubscription_error_page_url,
    }))
}

/// Whom the holder of a signed link stands for; `None` when list or subscriber are gone. Check the link's signature before.
///
/// # Errors
/// [`StoreError`] only.
pub fn find_linked(cx: &mut Ctx<'_>, list: ListId, number: SubscriberNumber) -> Result<Option<Linked>, StoreError> {
    let Some(rules) = cx.tx.find_list_rules(list)?.filter(|rules| rules.owner_is_enabled) else { return Ok(None) };
    let found = cx.tx.find_subscriber(list, number)?;
    Ok(found.map(|row| Linked { list_name: rules.name, email: row.email, status: row.status }))
}
