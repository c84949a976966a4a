//! `CustomFields.Delete`: deletes fields by id. Wire: OE-9.

use crate::dialects::oempro::call::Stage;
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::id_list;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::fields::{self, DeleteFieldsError};
use crate::model::ids::FieldId;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "CustomFields.Delete",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[(1, "Custom field ids are missing")],
    run: Run::Staged(run),
};

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(id_list::delete_all(stage, "CustomFields", FieldId, fields::delete, code))
}

fn code(error: DeleteFieldsError) -> Fault {
    match error {
        DeleteFieldsError::Denied(denied) => denied.into(),
        DeleteFieldsError::Store(error) => Fault::internal(&error),
    }
}
