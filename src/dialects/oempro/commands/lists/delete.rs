//! `Lists.Delete`: deletes lists by id. Wire: OE-9.

use crate::dialects::oempro::call::Stage;
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::id_list;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::lists::{self, DeleteListsError};
use crate::model::ids::ListId;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "Lists.Delete",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[(1, "Subscriber list ids are missing")],
    run: Run::Staged(run),
};

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(id_list::delete_all(stage, "Lists", ListId, lists::delete, code))
}

fn code(error: DeleteListsError) -> Fault {
    match error {
        DeleteListsError::Denied(denied) => denied.into(),
        DeleteListsError::Store(error) => Fault::internal(&error),
    }
}
