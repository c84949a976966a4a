//! `Subscriber.Login`: opens a session for one subscriber, for the subscriber area. Wire: OE-3, OE-8.

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::rows::subscribers as rows;
use crate::dialects::oempro::wire::Codes;
use crate::domain::subscribers::area::{AreaError, AreaLogin, log_in};
use crate::model::ids::ListId;

/// The registry row. The numbers are version 4's: what the version 5 page says would let anybody in who knows an address (OE-12).
pub const COMMAND: Command = Command {
    name: "Subscriber.Login",
    auth: Auth::None,
    codes: Codes::OfLogin,
    texts: &[
        (1, "Subscriber list ID is missing"),
        (2, "Subscriber ID is missing"),
        (3, "Encrypted email address is missing"),
        (4, "Email address is missing"),
        (5, "Invalid subscriber list ID"),
        (6, "Invalid user information"),
        (7, "Invalid email address"),
        (8, "Invalid login information"),
    ],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    call.under_owner_of(ListId(call.params.id("ListID").unwrap_or(0)))?;
    let mut need = call.params.need();
    let login = AreaLogin {
        list: ListId(need.id("ListID", 1)),
        number_md5: need.text("MSubscriberID", 2).to_owned(),
        address_md5: need.text("MEmailAddress", 3).to_owned(),
        address: need.text("EmailAddress", 4).to_owned(),
    };
    need.done()?;
    let (token, found) = log_in(call.cx, &login).map_err(code)?;
    let information = rows::row(&found.what, &found.fields, &call.wire);
    Ok(Reply::new().put("SessionID", token).put("SubscriberInformation", information))
}

fn code(error: AreaError) -> Fault {
    match error {
        AreaError::NoList(_) => Fault::code(5),
        AreaError::OwnerDisabled(_) => Fault::code(6),
        AreaError::AddressMismatch => Fault::code(7),
        AreaError::Rejected => Fault::code(8),
        AreaError::Store(error) => Fault::internal(&error),
    }
}
