//! `Lists.Delete`: deletes lists by id. Wire: OE-9.

use crate::dialects::oempro::call::{Reply, Stage};
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
    Box::pin(delete(stage))
}

/// In stages, because any number of ids may come: each batch is a transaction, and each list is deleted as a whole.
async fn delete(stage: &Stage) -> Result<Reply, Fault> {
    let ids = stage
        .read(|call| {
            let mut need = call.params.need();
            need.text("Lists", 1);
            need.done()?;
            Ok(id_list::ids(call.params, "Lists"))
        })
        .await?;
    for batch in id_list::batches(ids, ListId) {
        stage.write(move |call| lists::delete(call.cx, &batch).map_err(code)).await?;
    }
    Ok(Reply::new())
}

fn code(error: DeleteListsError) -> Fault {
    match error {
        DeleteListsError::Denied(denied) => denied.into(),
        DeleteListsError::Store(error) => Fault::internal(&error),
    }
}
