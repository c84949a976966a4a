//! Lists as this wire shows them (OE-9).

use crate::dialects::kit::value::{Object, Value};
use crate::dialects::oempro::rows::{true_false, yes_no};
use crate::dialects::oempro::wire::Wire;
use crate::domain::lists::{Entry, Sync, Totals};
use crate::domain::secrets::md5_hex;
use crate::model::ids::ListId;
use crate::model::states::{OptInMode, OptOutScope, SyncPeriod};

/// Stands for a stored MySQL password in answers. Sent back in `SyncMySQLPassword`, it leaves the password as it is. The old platform showed
/// the password itself.
pub const HIDDEN_PASSWORD: &str = "********";

/// `EncryptedSaltedListID`: MD5 of the server's secret and the list's id (OE-7).
#[must_use]
pub fn salted_list_id(secret: &str, id: ListId) -> String {
    md5_hex(&format!("{secret}{id}"))
}

/// A list with its counts, as List.Get and Lists.Get show it (OE-9).
#[must_use]
pub fn list(entry: &Entry, secret: &str, wire: &Wire) -> Object {
    let Entry { list, totals, sync } = entry;
    let n_active = totals.n_active + totals.n_soft;
    let mut row = Object::new()
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
        .put("ReqByEmailUnsubscriptionCommand", &list.request_unsubscribe_word);
    put_sync(&mut row, sync.as_ref(), wire);
    row = row
        .put("OptInSubscribeTo", wire.id(list.opt_in_subscribe_to.0))
        .put("OptInUnsubscribeFrom", wire.id(list.opt_in_unsubscribe_from.0))
        .put("OptOutSubscribeTo", wire.id(list.opt_out_subscribe_to.0))
        .put("OptOutUnsubscribeFrom", wire.id(list.opt_out_unsubscribe_from.0))
        .put("Description", &list.description)
        .put("ArchivedAt", list.archived_at.map(|at| wire.moment(Some(at))))
        .put("ActiveSubscriberCount", n_active)
        // Segments come with a later command group; until then a list has none.
        .put("SegmentCount", 0)
        .put("LastActivityAt", totals.last_activity_at.map(|at| wire.moment(Some(at))))
        .put("SenderName", &list.sender_name)
        .put("SenderEmailAddress", &list.sender_email)
        .put("SenderCompany", &list.sender_company)
        .put("SenderAddress", &list.sender_address)
        .put("Options", options(&list.options))
        .put("SubscriberCount", n_active)
        .put("EncryptedSaltedListID", salted_list_id(secret, list.id));
    row
}

/// The synchronisation columns; a list that was never set up shows the columns' defaults.
fn put_sync(row: &mut Object, sync: Option<&Sync>, wire: &Wire) {
    let text = |of: fn(&Sync) -> &str| sync.map_or("", of);
    let is_enabled = sync.is_some_and(|sync| sync.is_enabled);
    row.insert("SyncStatus", if is_enabled { "Enabled" } else { "Disabled" });
    row.insert("SyncPeriod", sync_period(sync.map_or(SyncPeriod::Day, |sync| sync.period)));
    row.insert("SyncMySQLHost", text(|sync| &sync.mysql_host));
    row.insert("SyncMySQLPort", text(|sync| &sync.mysql_port));
    row.insert("SyncMySQLUsername", text(|sync| &sync.mysql_username));
    row.insert("SyncMySQLPassword", text(|sync| if sync.mysql_password.is_empty() { "" } else { HIDDEN_PASSWORD }));
    row.insert("SyncMySQLDBName", text(|sync| &sync.mysql_database));
    row.insert("SyncMySQLQuery", text(|sync| &sync.mysql_query));
    row.insert("SyncSendReportEmail", yes_no(sync.is_some_and(|sync| sync.send_report)));
    row.insert("SyncFieldMapping", text(|sync| &sync.field_mapping));
    // OE-7: a zero date becomes this word.
    let last_run = sync.and_then(|sync| sync.last_run_at);
    row.insert("SyncLastDateTime", last_run.map_or_else(|| "Never".to_owned(), |at| wire.moment(Some(at))));
}

/// `Options` decoded, as 5.9.1 and later show it; none is null.
fn options(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(object @ serde_json::Value::Object(_)) => value_of_json(object),
        // Only an object is ever stored.
        _ => Value::Null,
    }
}

fn value_of_json(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(truth),
        serde_json::Value::Number(number) => {
            number.as_i64().map_or_else(|| Value::Text(number.to_string()), Value::Int)
        }
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(value_of_json).collect()),
        serde_json::Value::Object(members) => {
            let mut object = Object::new();
            for (key, member) in members {
                object.insert(key, value_of_json(member));
            }
            Value::Object(object)
        }
    }
}

/// What List.Get adds with `GetStats`: where the subscribers stand. Unproven: the old platform's keys are not published; these are the words
/// of its newer `list.getsubscriberstatusbreakdown`.
#[must_use]
pub fn stats(totals: &Totals) -> Object {
    let in_all = totals.n_active
        + totals.n_soft
        + totals.n_hard
        + totals.n_suppressed
        + totals.n_pending
        + totals.n_leaving
        + totals.n_unsubscribed;
    Object::new()
        .put("Active", totals.n_active)
        .put("OptInPending", totals.n_pending)
        .put("OptOutPending", totals.n_leaving)
        .put("SoftBounced", totals.n_soft)
        .put("HardBounced", totals.n_hard)
        .put("Unsubscribed", totals.n_unsubscribed)
        .put("Suppressed", totals.n_suppressed)
        .put("Total", in_all)
}

/// The words of `SyncPeriod`.
#[must_use]
pub fn sync_period(period: SyncPeriod) -> &'static str {
    match period {
        SyncPeriod::Hour => "Every Hour",
        SyncPeriod::Day => "Every Day",
        SyncPeriod::Week => "Every Week",
        SyncPeriod::Month => "Every Month",
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_shown_decoded() {
        assert_eq!(options(""), Value::Null);
        assert_eq!(options("[1]"), Value::Null);
        let shown = options(r#"{"PlainEmailHeader":"x","Do":true,"N":7,"F":1.5}"#);
        let want = Object::new().put("PlainEmailHeader", "x").put("Do", true).put("N", 7).put("F", "1.5");
        assert_eq!(shown, Value::Object(want));
    }
}
