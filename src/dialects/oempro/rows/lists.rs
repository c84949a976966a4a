//! Lists as this wire shows them (OE-9).

use crate::dialects::kit::value::Object;
use crate::dialects::oempro::rows::{true_false, yes_no};
use crate::dialects::oempro::wire::Wire;
use crate::domain::lists::{List, Totals};
use crate::domain::secrets::md5_hex;
use crate::model::ids::ListId;
use crate::model::states::{OptInMode, OptOutScope};

/// `EncryptedSaltedListID`: MD5 of the server's secret and the list's id (OE-7).
#[must_use]
pub fn salted_list_id(secret: &str, id: ListId) -> String {
    md5_hex(&format!("{secret}{id}"))
}

/// A list with its counts, as List.Get and Lists.Get show it (OE-9).
#[must_use]
pub fn list(list: &List, totals: &Totals, secret: &str, wire: &Wire) -> Object {
    let n_active = totals.n_active + totals.n_soft;
    Object::new()
        .put("ListID", wire.id(list.id.0))
        .put("Name", &list.name)
        .put("OptInMode", opt_in_mode(list.opt_in_mode))
        .put("RelOptInConfirmationEmailID", wire.id(list.confirmation_message_id.0))
        .put("OptOutScope", opt_out_scope(list.opt_out_scope))
        .put("OptOutAddToSuppressionList", yes_no(list.opt_out_suppress_list))
        .put("OptOutAddToGlobalSuppressionList", yes_no(list.opt_out_suppress_account))
        .put("CreatedOn", wire.moment(Some(list.created_at)))
        .put("RelOwnerUserID", wire.id(list.account_id.0))
        .put("SendServiceIntegrationFailedNotification", true_false(list.notify_integration_failure))
        .put("SendActivityNotification", true_false(list.notify_activity))
        .put("HideInSubscriberArea", true_false(list.hide_in_subscriber_area))
        .put("SubscriptionConfirmationPendingPageURL", &list.pending_page_url)
        .put("SubscriptionConfirmedPageURL", &list.confirmed_page_url)
        .put("SubscriptionErrorPageURL", &list.subscription_error_page_url)
        .put("UnsubscriptionConfirmedPageURL", &list.unsubscribed_page_url)
        .put("UnsubscriptionErrorPageURL", &list.unsubscription_error_page_url)
        .put("ReqByEmailSearchToAddress", &list.request_search_to)
        .put("ReqByEmailSubscriptionCommand", &list.request_subscribe_word)
        .put("ReqByEmailUnsubscriptionCommand", &list.request_unsubscribe_word)
        .put("OptInSubscribeTo", wire.id(list.opt_in_subscribe_to.0))
        .put("OptInUnsubscribeFrom", wire.id(list.opt_in_unsubscribe_from.0))
        .put("OptOutSubscribeTo", wire.id(list.opt_out_subscribe_to.0))
        .put("OptOutUnsubscribeFrom", wire.id(list.opt_out_unsubscribe_from.0))
        .put("Description", &list.description)
        .put("ArchivedAt", list.archived_at.map(|at| wire.moment(Some(at))))
        .put("LastActivityAt", totals.last_activity_at.map(|at| wire.moment(Some(at))))
        .put("SenderName", &list.sender_name)
        .put("SenderEmailAddress", &list.sender_email)
        .put("SenderCompany", &list.sender_company)
        .put("SenderAddress", &list.sender_address)
        .put("SubscriberCount", n_active)
        .put("ActiveSubscriberCount", n_active)
        .put("EncryptedSaltedListID", salted_list_id(secret, list.id))
}

/// The words of `OptInMode`.
#[must_use]
pub fn opt_in_mode(mode: OptInMode) -> &'static str {
    match mode {
        OptInMode::Single => "Single",
        OptInMode::Double => "Double",
    }
}

/// The words of `OptOutScope`.
#[must_use]
pub fn opt_out_scope(scope: OptOutScope) -> &'static str {
    match scope {
        OptOutScope::ThisList => "This list",
        OptOutScope::AllLists => "All lists",
    }
}
