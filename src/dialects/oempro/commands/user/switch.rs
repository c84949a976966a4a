//! `User.Switch`: turns an administrator's session into one of the named user. Wire: OE-3.17.
//!
//! The session's token stays and goes on to serve administrator's commands, as one PHP session did.

use crate::dialects::oempro::call::{Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::rows;
use crate::dialects::oempro::wire::Codes;
use crate::domain::accounts::{self, AccountError, By};
use crate::domain::sessions::{self, SwitchError};
use crate::model::ids::AccountId;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "User.Switch",
    auth: Auth::Admin,
    codes: Codes::Array,
    texts: &[(1, "User ID is missing"), (2, "User not found"), (3, "Privilege type is invalid")],
    run: Run::Staged(run),
};

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(async move {
        let presented = std::sync::Arc::clone(&stage.presented);
        stage
            .write(move |call| {
                let mut need = call.params.need();
                let id = AccountId(need.id("UserID", 1));
                need.done()?;
                let full = match call.params.text("PrivilegeType") {
                    None | Some("Default") => false,
                    Some("Full") => true,
                    Some(_) => return Err(Fault::code(3)),
                };
                let record = accounts::get(call.cx, By::Id(id)).map_err(code_of_get)?;
                let token = sessions::switch(call.cx, &presented, id, full).map_err(code)?;
                let wire = call.wire.with(&record.account.wire_options);
                Ok(Reply::new().put("SessionID", token).put("UserInfo", rows::accounts::own_record(&record, &wire)))
            })
            .await
    })
}

fn code(error: SwitchError) -> Fault {
    match error {
        SwitchError::NoAccount(_) => Fault::code(2),
        SwitchError::Denied(denied) => denied.into(),
        SwitchError::Store(error) => Fault::internal(&error),
    }
}

fn code_of_get(error: AccountError) -> Fault {
    match error {
        AccountError::NoAccount => Fault::code(2),
        AccountError::Denied(denied) => denied.into(),
        AccountError::Store(error) => Fault::internal(&error),
    }
}
