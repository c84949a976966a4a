//! `User.Get`: one account with its group, by id or address. Wire: OE-11.3.
//!
//! Version 4 asks for both parameters by its codes and says that either will do; 5.x answers 1 when neither is there, which is taken.

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::rows;
use crate::dialects::oempro::wire::Codes;
use crate::domain::accounts::{self, AccountError, By};
use crate::model::ids::AccountId;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "User.Get",
    auth: Auth::Admin,
    codes: Codes::Array,
    texts: &[(1, "User ID is missing"), (2, "Email address is missing"), (3, "User not found")],
    run: Run::Read(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let params = call.params;
    let by = match (params.id("UserID"), params.text("EmailAddress")) {
        (Some(id), _) => By::Id(AccountId(id)),
        (None, Some(email)) => By::Email(email),
        // Asked for by address, with an empty one (version 4's code 2).
        (None, None) if params.has("EmailAddress") && !params.has("UserID") => return Err(Fault::code(2)),
        (None, None) => return Err(Fault::code(1)),
    };
    let record = accounts::get(call.cx, by).map_err(code)?;
    Ok(Reply::new().put("UserInformation", rows::accounts::record(&record, &call.wire)))
}

fn code(error: AccountError) -> Fault {
    match error {
        AccountError::NoAccount => Fault::code(3),
        AccountError::Denied(denied) => denied.into(),
        AccountError::Store(error) => Fault::internal(&error),
    }
}
