//! `UserGroup.Get`: one group. Wire: OE-11.12, OE-11.13.

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::rows;
use crate::dialects::oempro::wire::Codes;
use crate::domain::user_groups::{self, GroupError};
use crate::model::ids::UserGroupId;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "UserGroup.Get",
    auth: Auth::Admin,
    codes: Codes::Array,
    texts: &[(1, "User group ID is missing"), (2, "User group not found")],
    run: Run::Read(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let mut need = call.params.need();
    let id = UserGroupId(need.id("UserGroupID", 1));
    need.done()?;
    let found = user_groups::get(call.cx, id).map_err(code)?;
    let row = rows::user_groups::group(&found.group, &found.billing, &found.delivery, &call.wire);
    Ok(Reply::new().put("UserGroup", row))
}

fn code(error: GroupError) -> Fault {
    match error {
        GroupError::NoGroup(_) => Fault::code(2),
        // Only of deletions.
        error @ (GroupError::IsDefault(_) | GroupError::IsLast) => Fault::internal(&error),
        GroupError::Denied(denied) => denied.into(),
        GroupError::Store(error) => Fault::internal(&error),
    }
}
