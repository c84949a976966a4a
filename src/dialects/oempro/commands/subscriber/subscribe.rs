//! `Subscriber.Subscribe`: puts an address on a list by the list's own opt-in rules. Wire: OE-8 (parameters, codes), OE-4 (one code).

use std::sync::Arc;

use crate::dialects::oempro::call::{Call, Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::field_params;
use crate::dialects::oempro::params::Params;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::rows::subscribers as rows;
use crate::dialects::oempro::wire::{Codes, Wire};
use crate::domain::field_values::{FieldProblem, Reason};
use crate::domain::subscribers::Placed;
use crate::domain::subscribers::subscribe::{NewSubscription, SubscribeError, subscribe_to_all};
use crate::domain::subscribers::together::Joiner;
use crate::model::ids::ListId;

/// The registry row. Code 101 was a plug-in's refusal; there are no plug-ins here.
pub const COMMAND: Command = Command {
    name: "Subscriber.Subscribe",
    auth: Auth::None,
    codes: Codes::OfSubscribe,
    texts: &[
        (1, "Subscriber list ID is missing"),
        (2, "Email address is missing"),
        (3, "IP address of the subscriber is missing"),
        (4, "Invalid subscriber list ID"),
        (5, "Invalid email address"),
        (6, "One of the required custom fields is empty"),
        (7, "Value of a unique custom field is already in use"),
        (8, "Value of a custom field is not valid"),
        (9, "Email address already exists in the list"),
        (10, "Subscription failed"),
        (11, "Invalid user information"),
    ],
    run: Run::Staged(run),
};

/// More lists in one call are refused with code 4.
const MAX_LISTS: usize = 100;

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(join(stage))
}

/// Sign-ups without a login, and of one list, join together with others; where that does not apply, the full rules decide.
async fn join(stage: &Stage) -> Result<Reply, Fault> {
    if let Some(new) = alone(stage) {
        let joined = stage.core.join(Joiner { new, origin: Arc::clone(&stage.origin) }).await?;
        if let Some(joined) = joined {
            let wire = stage.wire.with(&joined.owner_options);
            let wire = stage.acting_wire.get_or_init(|| wire);
            return Ok(reply(&joined.placed, wire));
        }
    }
    stage.write(subscribe_one).await
}

/// What is asked for, when it is one list, complete, and nobody shows a credential.
fn alone(stage: &Stage) -> Option<NewSubscription> {
    let params = &stage.params;
    let lists = params.ids("ListID").ok()?;
    let [list] = lists.as_slice() else { return None };
    let is_complete = params.text("EmailAddress").is_some() && params.text("IPAddress").is_some();
    (is_complete && stage.presented.is_nothing()).then(|| new_subscription(params, ListId(*list)))
}

fn new_subscription(params: &Params, list: ListId) -> NewSubscription {
    NewSubscription {
        list,
        email: params.text_or_empty("EmailAddress").to_owned(),
        ip: params.text_or_empty("IPAddress").to_owned(),
        values: field_params::all(params),
        enforces_required: params.truth("EnforceRequiredFields") == Some(true),
        source_ref: params.text_or_empty("SourceRef").to_owned(),
        updates_existing: params.truth("UpdateIfExists") == Some(true),
    }
}

fn subscribe_one(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    call.under_owner_of(ListId(call.params.ids("ListID").ok().and_then(|ids| ids.first().copied()).unwrap_or(0)))?;
    let params = call.params;
    let mut need = params.need();
    need.that(params.text("ListID").is_some(), 1);
    need.text("EmailAddress", 2);
    need.text("IPAddress", 3);
    need.done()?;
    let lists = params.ids("ListID").map_err(|_| Fault::code(4))?;
    let (Some((first, others)), true) = (lists.split_first(), lists.len() <= MAX_LISTS) else {
        return Err(Fault::code(4));
    };
    let new = new_subscription(params, ListId(*first));
    let others: Vec<ListId> = others.iter().copied().map(ListId).collect();
    let placed = subscribe_to_all(call.cx, &new, &others).map_err(code)?;
    Ok(reply(&placed, &call.wire))
}

fn reply(placed: &Placed, wire: &Wire) -> Reply {
    Reply::new()
        .put("SubscriberID", placed.number.0)
        .put("RedirectURL", &placed.page_url)
        .put("Subscriber", rows::placed(placed, wire))
}

fn code(error: SubscribeError) -> Fault {
    match error {
        SubscribeError::NoList(_) => Fault::code(4),
        SubscribeError::BadAddress => Fault::code(5),
        SubscribeError::Field(problem) => field_params::fault(code_of_field(&problem), &problem, false),
        SubscribeError::Already => Fault::code(9),
        SubscribeError::LimitReached(_) => Fault::code(10),
        SubscribeError::OwnerDisabled(_) => Fault::code(11),
        SubscribeError::Store(error) => Fault::internal(&error),
    }
}

fn code_of_field(problem: &FieldProblem) -> i64 {
    match problem.reason {
        Reason::Required => 6,
        Reason::NotUnique => 7,
        Reason::Invalid(_) => 8,
    }
}
