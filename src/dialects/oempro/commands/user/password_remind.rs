//! `User.PasswordRemind`: mails a link for a new password. Wire: OE-11.6.

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::reset;
use crate::dialects::oempro::wire::{Codes, Wire};
use crate::domain::password_reset::{self, RemindError};

/// The registry row.
pub const COMMAND: Command = Command {
    name: "User.PasswordRemind",
    auth: Auth::None,
    codes: Codes::Array,
    texts: &[(1, "Email address is missing"), (2, "Email address is invalid"), (3, "Email address not found")],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let mut need = call.params.need();
    let email = need.text("EmailAddress", 1);
    need.done()?;
    match password_reset::remind_account(call.cx, email, &reset::wishes(call.params)) {
        Ok(()) => Ok(Reply::new()),
        Err(error) => answer(error, &call.wire),
    }
}

fn answer(error: RemindError, wire: &Wire) -> Result<Reply, Fault> {
    match error {
        RemindError::BadEmail(_) => Err(Fault::code(2)),
        // The choice `user_password_remind` (OE-12.12): version 5 hides which addresses exist.
        RemindError::Unknown if wire.is("user_password_remind", "v5") => Ok(Reply::new()),
        RemindError::Unknown => Err(Fault::code(3)),
        RemindError::Store(error) => Err(Fault::internal(&error)),
    }
}
