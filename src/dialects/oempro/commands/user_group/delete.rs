//! `UserGroup.Delete`: deletes groups by id, all or none. Wire: OE-11.12.

use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::user_groups::{self, GroupError};
use crate::model::ids::UserGroupId;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "UserGroup.Delete",
    auth: Auth::Admin,
    codes: Codes::Array,
    texts: &[
        (1, "User group ID is missing"),
        (2, "User group not found"),
        (3, "Default user group can not be deleted"),
        (4, "Last user group can not be deleted"),
    ],
    run: Run::Write(run),
};

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let ids = call.params.ids("UserGroupID").map_err(|_| Fault::code(2))?;
    if ids.is_empty() {
        return Err(Fault::code(1));
    }
    let ids: Vec<UserGroupId> = ids.into_iter().map(UserGroupId).collect();
    user_groups::delete(call.cx, &ids).map_err(code)?;
    Ok(Reply::new())
}

fn code(error: GroupError) -> Fault {
    match error {
        GroupError::NoGroup(_) => Fault::code(2),
        GroupError::IsDefault(_) => Fault::code(3),
        GroupError::IsLast => Fault::code(4),
        GroupError::Denied(denied) => denied.into(),
        GroupError::Store(error) => Fault::internal(&error),
    }
}
