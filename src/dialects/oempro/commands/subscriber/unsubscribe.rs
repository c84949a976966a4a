//! `Subscriber.Unsubscribe`: takes an address off a list. Wire: OE-8 (parameters, codes), OE-4 (one code).

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::subscribers::Selector;
use crate::domain::subscribers::leave::{Leave, LeaveError, unsubscribe};
use crate::model::ids::{ListId, SubscriberNumber};

/// The registry row. Code 11 (version 5, a rule query that failed) cannot happen: rules are not offered here.
pub const COMMAND: Command = Command {
    name: "Subscriber.Unsubscribe",
    auth: Auth::None,
    codes: Codes::Scalar,
    texts: &[
        (1, "Subscriber list ID is missing"),
        (2, "IP address is missing"),
        (3, "Email address or subscriber ID is missing"),
        (4, "Invalid subscriber list ID"),
        (5, "Invalid user information"),
        (6, "Invalid email address"),
        (7, "Subscriber not found"),
        (8, "Invalid campaign ID"),
        (9, "Subscriber is already unsubscribed"),
        (10, "Invalid email ID"),
    ],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    call.under_owner_of(ListId(call.params.id("ListID").unwrap_or(0)))?;
    let params = call.params;
    let mut need = params.need();
    let list = ListId(need.id("ListID", 1));
    // Two clients never send the address they call from; the call then stands for it, unless the account wants code 2 (OE-12).
    let ip = params.text_or_empty("IPAddress").to_owned();
    need.that(!ip.is_empty() || !call.wire.is("unsubscribe_needs_ip", "yes"), 2);
    let who = match (params.text("EmailAddress"), params.id("SubscriberID")) {
        (Some(email), _) => Some(Selector::Address(email.to_owned())),
        (None, Some(number)) => Some(Selector::Number(SubscriberNumber(number))),
        (None, None) => None,
    };
    need.that(who.is_some(), 3);
    need.done()?;
    let who = who.ok_or_else(|| Fault::code(3))?;
    let leave = Leave {
        list,
        who,
        ip,
        detail: detail(call)?,
        suppresses_in_account: params.truth("AddToGlobalSuppression") == Some(true),
        bypasses_suppression: params.truth("BypassListSuppressionSettings") == Some(true),
        is_preview: params.truth("Preview") == Some(true),
    };
    let left = unsubscribe(call.cx, &leave).map_err(code)?;
    Ok(Reply::new().put("RedirectURL", &left.page_url))
}

/// What the log keeps of where the wish came from. The campaigns and e-mails of the old platform are not known here yet; somebody who wants to leave
/// must not fail because of that, unless the account asks for the old refusal (OE-12).
fn detail(call: &Call<'_, '_>) -> Result<String, Fault> {
    let mut parts = Vec::new();
    for (name, code) in [("CampaignID", 8), ("AutoResponderID", 8), ("EmailID", 10)] {
        if let Some(id) = call.params.id(name).filter(|id| *id != 0) {
            if call.wire.is("unknown_campaign", "refuse") {
                return Err(Fault::code(code));
            }
            parts.push(format!("{name} {id}"));
        }
    }
    if let Some(channel) = call.params.text("Channel") {
        parts.push(format!("channel {}", channel.chars().take(100).collect::<String>()));
    }
    Ok(parts.join(", "))
}

fn code(error: LeaveError) -> Fault {
    match error {
        LeaveError::NoList(_) => Fault::code(4),
        LeaveError::OwnerDisabled(_) => Fault::code(5),
        LeaveError::BadAddress => Fault::code(6),
        LeaveError::NoSubscriber => Fault::code(7),
        LeaveError::Already(_) => Fault::code(9),
        LeaveError::Store(error) => Fault::internal(&error),
    }
}
