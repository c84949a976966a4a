//! `List.Get`: one list. Wire: OE-9.

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::rows;
use crate::dialects::oempro::wire::Codes;
use crate::domain::lists::{self, GetListError};
use crate::model::ids::ListId;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "List.Get",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[(1, "Subscriber list id is missing or invalid")],
    run: Run::Read(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let mut need = call.params.need();
    let id = ListId(need.id("ListID", 1));
    need.done()?;
    let entry = lists::get(call.cx, id).map_err(code)?;
    let mut row = rows::lists::list(&entry, &call.cx.settings.security.link_secret, &call.wire);
    if call.params.truth("GetStats") == Some(true) {
        row.insert("Stats", rows::lists::stats(&entry.totals));
    }
    Ok(Reply::new().put("List", row))
}

fn code(error: GetListError) -> Fault {
    match error {
        GetListError::NoList(_) => Fault::code(1),
        GetListError::Denied(denied) => denied.into(),
        GetListError::Store(error) => Fault::internal(&error),
    }
}
