//! `CustomFields.Delete`: deletes fields by id. Wire: OE-9.

use crate::dialects::oempro::call::{Reply, Stage};
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
    Box::pin(delete(stage))
}

/// In stages, because any number of ids may come: each batch is a transaction, and each field is deleted as a whole.
async fn delete(stage: &Stage) -> Result<Reply, Fault> {
    let ids = stage
        .read(|call| {
            let mut need = call.params.need();
            need.text("CustomFields", 1);
            need.done()?;
            Ok(id_list::ids(call.params, "CustomFields"))
        })
        .await?;
    for batch in id_list::batches(ids, FieldId) {
        stage.write(move |call| fields::delete(call.cx, &batch).map_err(code)).await?;
    }
    Ok(Reply::new())
}

fn code(error: DeleteFieldsError) -> Fault {
    match error {
        DeleteFieldsError::Denied(denied) => denied.into(),
        DeleteFieldsError::Store(error) => Fault::internal(&error),
    }
}
