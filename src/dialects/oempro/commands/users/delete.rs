//! `Users.Delete`: deletes accounts by id. Wire: OE-11.5.
//!
//! Ids that no account has are passed over: only their absence has a code.

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::accounts::{self, AccountError};
use crate::model::ids::AccountId;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "Users.Delete",
    auth: Auth::Admin,
    codes: Codes::Array,
    texts: &[(1, "User IDs are missing")],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let texts = call.params.texts("Users");
    let pieces = texts.into_iter().flat_map(|text| text.split(',')).map(str::trim).filter(|piece| !piece.is_empty());
    let pieces: Vec<&str> = pieces.collect();
    if pieces.is_empty() {
        return Err(Fault::code(1));
    }
    let ids: Vec<AccountId> = pieces.iter().filter_map(|piece| piece.parse().ok()).map(AccountId).collect();
    accounts::delete(call.cx, &ids).map_err(code)?;
    Ok(Reply::new())
}

fn code(error: AccountError) -> Fault {
    match error {
        AccountError::NoAccount => Fault::code(1),
        AccountError::Denied(denied) => denied.into(),
        AccountError::Store(error) => Fault::internal(&error),
    }
}
