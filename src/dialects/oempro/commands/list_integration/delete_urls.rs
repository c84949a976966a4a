//! `ListIntegration.DeleteURLs`: web services are told no more. Wire: OE-9.

use crate::dialects::oempro::call::Stage;
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::id_list;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::hooks::{self, RemoveHooksError};
use crate::model::ids::HookId;

/// The registry row. Ids that name nothing are passed over.
pub const COMMAND: Command = Command {
    name: "ListIntegration.DeleteURLs",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[(1, "Web service integration URL ids are missing")],
    run: Run::Staged(run),
};

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(id_list::delete_all(stage, "URLs", HookId, hooks::remove, code))
}

fn code(error: RemoveHooksError) -> Fault {
    match error {
        RemoveHooksError::Denied(denied) => denied.into(),
        RemoveHooksError::Store(error) => Fault::internal(&error),
    }
}
