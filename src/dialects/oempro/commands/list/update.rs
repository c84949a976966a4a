//! `List.Update`: changes a list, its pages, its list-to-list actions and how it is filled. Wire: OE-9.
//!
//! A text that is sent empty is cleared; a word or id that is sent empty is left as it is (OE-2).

use crate::dialects::kit::legacy_time;
use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::commands::list::options::{self, Given};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::params::{Need, Params, clip_line, clip_text};
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::rows;
use crate::dialects::oempro::wire::{Codes, Wire};
use crate::dialects::oempro::words;
use crate::domain::lists::{self, List, Sync, UpdateListError};
use crate::model::ids::{ListId, MessageId};
use crate::model::states::{OptInMode, OptOutScope, SyncPeriod};
use crate::model::time::UtcTime;

/// The registry row. Code 7 is answered when `OptInMode=Double` comes with an `OptInConfirmationEmailID` that is empty or 0, and for one that
/// names no message; a double list that never had one uses the server's own message, as 5.x does. Code 22 is never answered: ClickBank is not
/// offered, so its settings end with 20 or 21.
pub const COMMAND: Command = Command {
    name: "List.Update",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[
        (1, "Subscriber list id is missing"),
        (2, "Invalid subscriber list id"),
        (3, "Invalid opt-in mode"),
        (4, "Invalid opt-out scope"),
        (5, "Invalid notification setting"),
        (6, "Invalid hide in subscriber area setting"),
        (7, "Opt-in confirmation email is missing or invalid"),
        (8, "Synchronisation settings are missing or invalid"),
        (9, "Invalid email address for requests by email"),
        (10, "Invalid suppression list setting"),
        (11, "Nothing to update"),
        (20, "ClickBank secret key could not be encrypted"),
        (21, "ClickBank secret key must have 8 characters"),
    ],
    run: Run::Write(run),
};

/// A column of a row.
type Column<Row, Value> = fn(&mut Row) -> &mut Value;
/// Parameter, longest in characters, column.
type TextColumn<Row> = (&'static str, usize, Column<Row, String>);

/// Texts of the list.
const TEXTS: &[TextColumn<List>] = &[
    ("Description", 10_000, |list| &mut list.description),
    ("SenderName", 250, |list| &mut list.sender_name),
    ("SenderEmailAddress", 250, |list| &mut list.sender_email),
    ("SenderCompany", 250, |list| &mut list.sender_company),
    ("SenderAddress", 2_000, |list| &mut list.sender_address),
    ("SubscriptionConfirmationPendingPageURL", 2_000, |list| &mut list.pending_page_url),
    ("SubscriptionConfirmedPageURL", 2_000, |list| &mut list.confirmed_page_url),
    ("SubscriptionErrorPageURL", 2_000, |list| &mut list.subscription_error_page_url),
    ("UnsubscriptionConfirmedPageURL", 2_000, |list| &mut list.unsubscribed_page_url),
    ("UnsubscriptionErrorPageURL", 2_000, |list| &mut list.unsubscription_error_page_url),
    ("ReqByEmailSearchToAddress", 250, |list| &mut list.request_search_to),
    ("ReqByEmailSubscriptionCommand", 250, |list| &mut list.request_subscribe_word),
    ("ReqByEmailUnsubscriptionCommand", 250, |list| &mut list.request_unsubscribe_word),
];

/// Texts of the synchronisation.
const SYNC_TEXTS: &[TextColumn<Sync>] = &[
    ("SyncMySQLHost", 250, |sync| &mut sync.mysql_host),
    ("SyncMySQLPort", 5, |sync| &mut sync.mysql_port),
    ("SyncMySQLUsername", 250, |sync| &mut sync.mysql_username),
    ("SyncMySQLPassword", 250, |sync| &mut sync.mysql_password),
    ("SyncMySQLDBName", 250, |sync| &mut sync.mysql_database),
    ("SyncMySQLQuery", 10_000, |sync| &mut sync.mysql_query),
];

/// List-to-list actions: parameter, column.
const TARGETS: &[(&str, Column<List, ListId>)] = &[
    ("OptInSubscribeTo", |list| &mut list.opt_in_subscribe_to),
    ("OptInUnsubscribeFrom", |list| &mut list.opt_in_unsubscribe_from),
    ("OptOutSubscribeTo", |list| &mut list.opt_out_subscribe_to),
    ("OptOutUnsubscribeFrom", |list| &mut list.opt_out_unsubscribe_from),
];

/// What was sent besides plain texts and targets; `None` for what was not.
struct Sent {
    name: Option<String>,
    opt_in_mode: Option<OptInMode>,
    message: Option<MessageId>,
    opt_out_scope: Option<OptOutScope>,
    suppress_list: Option<bool>,
    suppress_account: Option<bool>,
    notify_failure: Option<bool>,
    notify_activity: Option<bool>,
    hide: Option<bool>,
    has_unsubscribed_page: Option<bool>,
    options: Option<String>,
    sync: SentSync,
}

struct SentSync {
    is_enabled: Option<bool>,
    period: Option<SyncPeriod>,
    send_report: Option<bool>,
    mapping: Option<String>,
    last_run_at: Option<UtcTime>,
}

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let params = call.params;
    let mut need = params.need();
    let id = ListId(need.id("SubscriberListID", 1));
    let sent = read(params, &mut need, &call.wire);
    need.done()?;
    if is_nothing(params, &sent) {
        // An unknown list is answered first.
        lists::require(call.cx, crate::domain::access::Permission::ListUpdate, id).map_err(|error| match error {
            lists::GetListError::NoList(_) => Fault::code(2),
            lists::GetListError::Denied(denied) => denied.into(),
            lists::GetListError::Store(error) => Fault::internal(&error),
        })?;
        return Err(Fault::code(11));
    }
    let entry = lists::update(call.cx, id, |list, sync| {
        apply(params, &sent, list);
        apply_sync(params, &sent.sync, sync);
    });
    let row = rows::lists::list(&entry.map_err(code)?, &call.cx.settings.security.link_secret, &call.wire);
    // The list as it is now: 5.x answers it, and whoever does not look for it is not disturbed.
    Ok(Reply::new().put("List", row))
}

/// Reads a word, or notes the code for one that is none.
fn word<T>(params: &Params, need: &mut Need<'_>, name: &str, read: fn(&str) -> Option<T>, code: i64) -> Option<T> {
    let word = params.text(name)?;
    let value = read(word);
    need.that(value.is_some(), code);
    value
}

fn read(params: &Params, need: &mut Need<'_>, wire: &Wire) -> Sent {
    let opt_in_mode = word(params, need, "OptInMode", words::opt_in_mode, 3);
    let opt_out_scope = word(params, need, "OptOutScope", words::opt_out_scope, 4);
    let notify_failure = word(params, need, "SendServiceIntegrationFailedNotification", words::true_false, 5);
    let notify_activity = word(params, need, "SendActivityNotification", words::true_false, 5);
    let hide = word(params, need, "HideInSubscriberArea", words::true_false, 6);
    let message = params.id("OptInConfirmationEmailID").map(MessageId);
    let is_cleared = params.has("OptInConfirmationEmailID") && message.is_none_or(|id| id == MessageId::NONE);
    need.that(!(opt_in_mode == Some(OptInMode::Double) && is_cleared), 7);
    let sync = read_sync(params, need, wire);
    let suppress_list = word(params, need, "OptOutAddToSuppressionList", words::yes_no, 10);
    let suppress_account = word(params, need, "OptOutAddToGlobalSuppressionList", words::yes_no, 10);
    let options = match options::read(params) {
        Given::Nothing => None,
        Given::Options(text) => Some(text),
        Given::ClickBank(code) => {
            need.that(false, code);
            None
        }
    };
    Sent {
        name: params.text("Name").map(|name| clip_line(name, 250)).filter(|name| !name.is_empty()),
        opt_in_mode,
        message,
        opt_out_scope,
        suppress_list,
        suppress_account,
        notify_failure,
        notify_activity,
        hide,
        has_unsubscribed_page: params.truth("UnsubscriptionConfirmedPageURLEnabled"),
        options,
        sync,
    }
}

fn read_sync(params: &Params, need: &mut Need<'_>, wire: &Wire) -> SentSync {
    let port = params.text("SyncMySQLPort");
    let is_port = port.is_none_or(|port| port.trim().parse::<u16>().is_ok());
    let is_enabled = word(params, need, "SyncStatus", words::enabled, 8);
    let period = word(params, need, "SyncPeriod", words::sync_period, 8);
    let send_report = word(params, need, "SyncSendReportEmail", words::yes_no, 8);
    let last_run = params.text("SyncLastDateTime").filter(|text| *text != "Never");
    let last_run = last_run.map(|text| legacy_time::parse_date_time(text, wire.zone()));
    need.that(is_port && last_run.as_ref().is_none_or(Result::is_ok), 8);
    SentSync {
        is_enabled,
        period,
        send_report,
        mapping: options::text_or_json(params, "SyncFieldMapping").map(|text| clip_text(&text, 10_000)),
        last_run_at: last_run.and_then(Result::ok).flatten().map(UtcTime),
    }
}

fn is_nothing(params: &Params, sent: &Sent) -> bool {
    let texts = TEXTS.iter().map(|(name, ..)| *name).chain(SYNC_TEXTS.iter().map(|(name, ..)| *name));
    let targets = TARGETS.iter().map(|(name, _)| *name);
    let has_text = texts.into_iter().any(|name| params.has(name));
    let has_target = targets.into_iter().any(|name| params.text(name).is_some());
    let words = [
        sent.name.is_some(),
        sent.opt_in_mode.is_some(),
        sent.message.is_some(),
        sent.opt_out_scope.is_some(),
        sent.suppress_list.is_some(),
        sent.suppress_account.is_some(),
        sent.notify_failure.is_some(),
        sent.notify_activity.is_some(),
        sent.hide.is_some(),
        sent.has_unsubscribed_page.is_some(),
        sent.options.is_some(),
        sent.sync.is_enabled.is_some(),
        sent.sync.period.is_some(),
        sent.sync.send_report.is_some(),
        sent.sync.mapping.is_some(),
        sent.sync.last_run_at.is_some(),
    ];
    !has_text && !has_target && !words.contains(&true)
}

fn set<T: Clone>(column: &mut T, sent: &Option<T>) {
    if let Some(value) = sent {
        column.clone_from(value);
    }
}

fn apply(params: &Params, sent: &Sent, list: &mut List) {
    for (name, max_chars, column) in TEXTS {
        if let Some(text) = params.sent(name) {
            let is_long = *name == "Description" || *name == "SenderAddress";
            *column(list) = if is_long { clip_text(text, *max_chars) } else { clip_line(text.trim(), *max_chars) };
        }
    }
    for (name, column) in TARGETS {
        if let Some(id) = params.id(name) {
            // What is no number names no list; 0 means none.
            let is_number = params.int(name).is_some();
            *column(list) = if is_number { ListId(id) } else { ListId(-1) };
        }
    }
    set(&mut list.name, &sent.name);
    set(&mut list.opt_in_mode, &sent.opt_in_mode);
    set(&mut list.confirmation_message_id, &sent.message);
    set(&mut list.opt_out_scope, &sent.opt_out_scope);
    set(&mut list.opt_out_suppress_list, &sent.suppress_list);
    set(&mut list.opt_out_suppress_account, &sent.suppress_account);
    set(&mut list.notify_integration_failure, &sent.notify_failure);
    set(&mut list.notify_activity, &sent.notify_activity);
    set(&mut list.hide_in_subscriber_area, &sent.hide);
    set(&mut list.options, &sent.options);
    // A client library's switch: off means that the page is not used.
    if sent.has_unsubscribed_page == Some(false) {
        list.unsubscribed_page_url.clear();
    }
}

fn apply_sync(params: &Params, sent: &SentSync, sync: &mut Sync) {
    for (name, max_chars, column) in SYNC_TEXTS {
        if let Some(text) = params.sent(name)
            && text != rows::lists::HIDDEN_PASSWORD
        {
            *column(sync) = clip_text(text, *max_chars);
        }
    }
    set(&mut sync.is_enabled, &sent.is_enabled);
    set(&mut sync.period, &sent.period);
    set(&mut sync.send_report, &sent.send_report);
    set(&mut sync.field_mapping, &sent.mapping);
    if sent.last_run_at.is_some() {
        sync.last_run_at = sent.last_run_at;
    }
}

fn code(error: UpdateListError) -> Fault {
    match error {
        UpdateListError::NoList(_) | UpdateListError::NoTarget(_) => Fault::code(2),
        UpdateListError::NoMessage(_) => Fault::code(7),
        UpdateListError::SyncIncomplete => Fault::code(8),
        UpdateListError::BadRequestAddress(_) => Fault::code(9),
        UpdateListError::Denied(denied) => denied.into(),
        UpdateListError::Store(error) => Fault::internal(&error),
    }
}
