//! `UserGroup.Duplicate`: copies a group. Wire: OE-11.12.
//!
//! Version 4's page speaks of ids joined by commas and of one id answered: every group is copied, all or none, and the last copy's id is answered.

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::user_groups::{self, GroupError};
use crate::model::ids::UserGroupId;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "UserGroup.Duplicate",
    auth: Auth::Admin,
    codes: Codes::Array,
    texts: &[(1, "User group ID is missing"), (2, "User group not found")],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let ids = call.params.ids("UserGroupID").map_err(|_| Fault::code(2))?;
    let mut copy = None;
    for id in ids {
        copy = Some(user_groups::duplicate(call.cx, UserGroupId(id)).map_err(code)?);
    }
    let copy = copy.ok_or_else(|| Fault::code(1))?;
    Ok(Reply::new().put("UserGroupID", copy.0))
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
