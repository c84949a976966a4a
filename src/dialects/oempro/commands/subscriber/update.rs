//! `Subscriber.Update`: changes a subscriber's address, states and values. Wire: OE-8 (parameters, codes), OE-4 (one code).

use crate::dialects::kit::legacy_time;
use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::field_params;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::rows::subscribers as rows;
use crate::dialects::oempro::wire::Codes;
use crate::domain::field_values::Reason;
use crate::domain::subscribers::Selector;
use crate::domain::subscribers::update::{SubscriberChange, UpdateError, update};
use crate::model::ids::{ListId, SubscriberNumber};
use crate::model::time::UtcTime;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "Subscriber.Update",
    auth: Auth::UserOrSubscriber,
    codes: Codes::Scalar,
    texts: &[
        (1, "Subscriber ID is missing"),
        (2, "Subscriber list ID is missing"),
        (3, "Email address is missing"),
        (4, "Invalid email address"),
        (5, "Invalid subscriber list ID"),
        (6, "Invalid subscriber ID"),
        (7, "Email address already exists in the list"),
        (8, "One of the required custom fields is empty"),
        (9, "Value of a unique custom field is already in use"),
        (10, "Value of a custom field is not valid"),
        (11, "Custom field does not exist"),
    ],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let mut need = call.params.need();
    let number = SubscriberNumber(need.id("SubscriberID", 1));
    let list = ListId(need.id("SubscriberListID", 2));
    // Version 5 made the address optional; sent empty it is still code 3 (OE-8).
    need.that(call.params.sent("EmailAddress") != Some(""), 3);
    need.done()?;
    let change = change_of(call);
    update(call.cx, list, &Selector::Number(number), &change).map_err(code)?;
    Ok(Reply::new())
}

/// Words that are none of the platform's are passed over, as it did.
fn change_of(call: &Call<'_, '_>) -> SubscriberChange {
    let params = call.params;
    let unsubscribed_at = params
        .text("UnsubscriptionDate")
        .and_then(|text| legacy_time::parse_date_time(text, call.wire.zone()).ok().flatten())
        .map(UtcTime);
    SubscriberChange {
        email: params.text("EmailAddress").map(str::to_owned),
        status: params.text("SubscriptionStatus").and_then(rows::status_of_word),
        bounce: params.text("BounceType").and_then(rows::bounce_of_word),
        unsubscribed_at,
        unsubscribed_ip: params.text("UnsubscriptionIP").map(str::to_owned),
        values: field_params::all(params),
        triggers_events: params.truth("TriggerEvents") == Some(true),
        enforces_required: params.truth("EnforceRequiredFields") == Some(true),
        refuses_unknown_fields: true,
    }
}

/// The fault of a refused change; Subscribers.Update uses its details too.
pub fn code(error: UpdateError) -> Fault {
    match error {
        UpdateError::BadAddress => Fault::code(4),
        UpdateError::NoList(_) => Fault::code(5),
        UpdateError::NoSubscriber => Fault::code(6),
        UpdateError::AddressTaken => Fault::code(7),
        UpdateError::Field(problem) => {
            let number = match problem.reason {
                Reason::Required => 8,
                Reason::NotUnique => 9,
                Reason::Invalid(_) => 10,
            };
            field_params::fault(number, &problem, true)
        }
        UpdateError::UnknownField(_) => Fault::code(11),
        UpdateError::Denied(denied) => denied.into(),
        UpdateError::Store(error) => Fault::internal(&error),
    }
}
