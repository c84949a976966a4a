//! `Subscriber.GetLists`: the subscriptions of the subscriber that is logged in. Wire: OE-8.

use crate::dialects::kit::value::{Object, Value};
use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::rows::subscribers as rows;
use crate::dialects::oempro::wire::Codes;
use crate::domain::subscribers::area::{SubscriptionsError, subscriptions};

/// The registry row. Codes 1 and 2 were two stages of the session check, which answers 99998 here like everywhere.
pub const COMMAND: Command = Command {
    name: "Subscriber.GetLists",
    auth: Auth::Subscriber,
    codes: Codes::Array,
    texts: &[(3, "Subscriber not found")],
    run: Run::Read(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let found = subscriptions(call.cx).map_err(code)?;
    let wire = &call.wire;
    let lists: Vec<Value> = found
        .iter()
        .map(|one| {
            Object::new()
                .put("ListID", wire.id(one.subscriber.list_id.0))
                .put("Name", &one.list_name)
                .put("ListName", &one.list_name)
                .put("SubscriberID", wire.id(one.subscriber.number.0))
                .put("EmailAddress", &one.subscriber.email)
                .put("SubscriptionStatus", rows::status(one.subscriber.status, wire))
                .into()
        })
        .collect();
    // Version 4's name, then version 5's (OE-12).
    Ok(Reply::new().put("SubscribedLists", lists.clone()).put("Lists", lists))
}

fn code(error: SubscriptionsError) -> Fault {
    match error {
        SubscriptionsError::NoSubscriber => Fault::code(3),
        SubscriptionsError::Denied(denied) => denied.into(),
        SubscriptionsError::Store(error) => Fault::internal(&error),
    }
}
