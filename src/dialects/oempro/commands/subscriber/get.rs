//! `Subscriber.Get`: one subscriber of a list, by address or number. Wire: OE-8.

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::rows::subscribers as rows;
use crate::dialects::oempro::wire::Codes;
use crate::domain::subscribers::Selector;
use crate::domain::subscribers::find::{self, FindError};
use crate::model::ids::{ListId, SubscriberNumber};

/// The registry row. There is no rate limit here, so no code 429.
pub const COMMAND: Command = Command {
    name: "Subscriber.Get",
    auth: Auth::UserOrSubscriber,
    codes: Codes::Array,
    texts: &[
        (1, "Email address or subscriber ID is missing"),
        (2, "Subscriber list ID is missing"),
        (3, "Subscriber not found"),
        (4, "Invalid subscriber list ID"),
    ],
    run: Run::Read(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let who = match (call.params.text("EmailAddress"), call.params.id("SubscriberID")) {
        (Some(email), _) => Some(Selector::Address(email.to_owned())),
        (None, Some(number)) => Some(Selector::Number(SubscriberNumber(number))),
        (None, None) => None,
    };
    let mut need = call.params.need();
    need.that(who.is_some(), 1);
    let list = ListId(need.id("ListID", 2));
    need.done()?;
    let who = who.ok_or_else(|| Fault::code(1))?;
    let wants_suppressed = call.params.truth("Suppressed") == Some(true);
    let found = find::get(call.cx, list, &who).map_err(code)?;
    if wants_suppressed && !found.what.subscriber.is_suppressed {
        return Err(Fault::code(3));
    }
    let is_suppressed = found.what.subscriber.is_suppressed;
    let information = rows::row(&found.what, &found.fields, &call.wire).put("Suppressed", is_suppressed);
    Ok(Reply::new().put("SubscriberInformation", information))
}

fn code(error: FindError) -> Fault {
    match error {
        FindError::NoSubscriber => Fault::code(3),
        FindError::NoList(_) => Fault::code(4),
        FindError::Denied(denied) => denied.into(),
        FindError::Store(error) => Fault::internal(&error),
    }
}
