//! `ListIntegration.AddURL`: lets a web service be told of subscriptions or unsubscriptions. Wire: OE-9.

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::dialects::oempro::words;
use crate::domain::hooks::{self, AddHookError};
use crate::model::ids::ListId;

/// The registry row. An address that cannot be called, or one too many, is answered like a missing one, an unknown event likewise.
pub const COMMAND: Command = Command {
    name: "ListIntegration.AddURL",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[
        (1, "Subscriber list id is missing"),
        (2, "URL is missing or cannot be used"),
        (3, "Event type is missing or unknown"),
        (4, "Invalid subscriber list id"),
    ],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let mut need = call.params.need();
    let list = ListId(need.id("SubscriberListID", 1));
    let url = need.text("URL", 2).trim();
    let event = call.params.text("Event").and_then(words::hook_event);
    need.that(event.is_some(), 3);
    need.done()?;
    let event = event.ok_or_else(|| Fault::code(3))?;
    let id = hooks::add(call.cx, list, event, url).map_err(code)?;
    Ok(Reply::new()
        .put("WebServiceIntegrationID", id.0)
        .put("EventType", words::hook_event_word(event))
        .put("ServiceURL", url))
}

fn code(error: AddHookError) -> Fault {
    match error {
        AddHookError::BadUrl | AddHookError::TooMany(_) => Fault::code(2),
        AddHookError::NoList(_) => Fault::code(4),
        AddHookError::Denied(denied) => denied.into(),
        AddHookError::Store(error) => Fault::internal(&error),
    }
}
