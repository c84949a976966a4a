//! `List.Create`: makes an empty list. Wire: OE-9.

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::lists::{self, CreateListError};

/// The registry row.
pub const COMMAND: Command = Command {
    name: "List.Create",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[(1, "Subscriber list name is missing"), (3, "List limit of the user group is reached")],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let mut need = call.params.need();
    let name = need.text("SubscriberListName", 1);
    need.done()?;
    let id = lists::create(call.cx, |list| name.clone_into(&mut list.name)).map_err(code)?;
    Ok(Reply::new().put("ListID", id.0))
}

fn code(error: CreateListError) -> Fault {
    match error {
        CreateListError::LimitReached(_) => Fault::code(3),
        CreateListError::Denied(denied) => denied.into(),
        CreateListError::Store(error) => Fault::internal(&error),
    }
}
