//! `UserGroups.Get`: every user group. Wire: OE-11.12, OE-11.13.

use crate::dialects::kit::value::Value;
use crate::dialects::oempro::call::{Call, Reply};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Auth, Command, Run};
use crate::dialects::oempro::rows;
use crate::dialects::oempro::wire::Codes;
use crate::domain::user_groups::{self, GroupError};

/// The registry row.
pub const COMMAND: Command =
    Command { name: "UserGroups.Get", auth: Auth::Admin, codes: Codes::Array, texts: &[], run: Run::Read(run) };

fn run(call: &mut Call<'_, '_>) -> Result<Reply, Fault> {
    let found = user_groups::list(call.cx).map_err(code)?;
    let shown: Vec<Value> = found
        .iter()
        .map(|one| rows::user_groups::group(&one.group, &one.billing, &one.delivery, &call.wire).into())
        .collect();
    Ok(Reply::new().put("UserGroups", shown))
}

fn code(error: GroupError) -> Fault {
    match error {
        // Only of one group by its id.
        error @ (GroupError::NoGroup(_) | GroupError::IsDefault(_) | GroupError::IsLast) => Fault::internal(&error),
        GroupError::Denied(denied) => denied.into(),
        GroupError::Store(error) => Fault::internal(&error),
    }
}
