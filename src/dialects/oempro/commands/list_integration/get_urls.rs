//! `ListIntegration.GetURLs`: the web services that a list tells. Wire: OE-9.

use crate::dialects::kit::value::{Object, Value};
use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::wire::{Codes, Wire};
use crate::dialects::oempro::words;
use crate::domain::hooks::{self, Hook};
use crate::domain::lists::GetListError;
use crate::model::ids::ListId;

/// The registry row. `Event` only filters, as in 5.x; version 4 answered 2 without it. An unknown list is answered like none.
pub const COMMAND: Command = Command {
    name: "ListIntegration.GetURLs",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[(1, "Subscriber list id is missing or invalid")],
    run: Run::Read(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let mut need = call.params.need();
    let list = ListId(need.id("SubscriberListID", 1));
    need.done()?;
    let word = call.params.text("Event");
    let event = word.and_then(words::hook_event);
    let mut found = hooks::list(call.cx, list, event).map_err(code)?;
    if word.is_some() && event.is_none() {
        // No hook is told of an event that does not exist.
        found.clear();
    }
    let urls: Vec<Value> = found.iter().map(|hook| row(hook, &call.wire).into()).collect();
    Ok(Reply::new().put("URLs", urls))
}

fn row(hook: &Hook, wire: &Wire) -> Object {
    Object::new()
        .put("WebServiceIntegrationID", wire.id(hook.id.0))
        .put("RelListID", wire.id(hook.list_id.0))
        .put("EventType", words::hook_event_word(hook.event))
        .put("ServiceURL", &hook.url)
        .put("RelOwnerUserID", wire.id(hook.account_id.0))
}

fn code(error: GetListError) -> Fault {
    match error {
        GetListError::NoList(_) => Fault::code(1),
        GetListError::Denied(denied) => denied.into(),
        GetListError::Store(error) => Fault::internal(&error),
    }
}
