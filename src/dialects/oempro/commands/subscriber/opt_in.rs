//! `Subscriber.OptIn`: confirms or rejects a pending double opt-in. Wire: OE-8.

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::links::{self, Purpose};
use crate::domain::subscribers::opt_in::{self, OptInError};
use crate::model::ids::{ListId, SubscriberNumber};

/// The registry row. The numbers are version 4's; `ConfirmationCode`, version 5's word for what our links carry, may stand for `Mode` (OE-12).
pub const COMMAND: Command = Command {
    name: "Subscriber.OptIn",
    auth: Auth::None,
    codes: Codes::Array,
    texts: &[
        (1, "Subscriber list ID is missing"),
        (2, "Subscriber ID is missing"),
        (3, "Mode is missing"),
        (4, "Invalid subscriber list ID"),
        (5, "Invalid user information"),
        (6, "Invalid subscriber ID"),
        (7, "Invalid mode"),
        (8, "Subscription is already confirmed"),
    ],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    call.under_owner_of(ListId(call.params.id("ListID").unwrap_or(0)))?;
    let confirmation = call.params.text("ConfirmationCode").map(str::to_owned);
    let mut need = call.params.need();
    let list = ListId(need.id("ListID", 1));
    let number = SubscriberNumber(need.id("SubscriberID", 2));
    need.that(confirmation.is_some() || call.params.text("Mode").is_some(), 3);
    need.done()?;
    let is_confirmed = match (call.params.text("Mode"), confirmation) {
        (Some(mode), _) if mode.eq_ignore_ascii_case("confirm") => true,
        (Some(mode), _) if mode.eq_ignore_ascii_case("reject") => false,
        (Some(_), _) => return Err(Fault::code(7)),
        (None, Some(token)) => {
            let secret = &call.cx.settings.security.link_secret;
            if links::read(secret, Purpose::Confirm, &token) != Some((list, number)) {
                return Err(Fault::code(7));
            }
            true
        }
        (None, None) => return Err(Fault::code(3)),
    };
    let done =
        if is_confirmed { opt_in::confirm(call.cx, list, number) } else { opt_in::reject(call.cx, list, number) };
    let placed = done.map_err(code)?;
    let mode = if is_confirmed { "Confirm" } else { "Reject" };
    Ok(Reply::new().put("ProcessedMode", mode).put("RedirectURL", &placed.page_url))
}

fn code(error: OptInError) -> Fault {
    match error {
        OptInError::NoList(_) => Fault::code(4),
        OptInError::OwnerDisabled(_) => Fault::code(5),
        OptInError::NoSubscriber(_) => Fault::code(6),
        OptInError::NotPending(_) => Fault::code(8),
        OptInError::Store(error) => Fault::internal(&error),
    }
}
