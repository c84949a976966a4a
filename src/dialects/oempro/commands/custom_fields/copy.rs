//! `CustomFields.Copy`: copies the fields of one list to another. Wire: OE-9.

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::fields::{self, CopyFieldsError};
use crate::model::ids::ListId;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "CustomFields.Copy",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[
        (1, "Source list id is missing"),
        (2, "Target list id is missing"),
        (3, "Invalid source list id"),
        (4, "Invalid target list id"),
    ],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let mut need = call.params.need();
    let source = ListId(need.id("SourceListID", 1));
    let target = ListId(need.id("TargetListID", 2));
    need.done()?;
    fields::copy(call.cx, source, target).map_err(code)?;
    Ok(Reply::new())
}

fn code(error: CopyFieldsError) -> Fault {
    match error {
        CopyFieldsError::NoSource(_) => Fault::code(3),
        CopyFieldsError::NoTarget(_) => Fault::code(4),
        CopyFieldsError::Denied(denied) => denied.into(),
        CopyFieldsError::Store(error) => Fault::internal(&error),
    }
}
