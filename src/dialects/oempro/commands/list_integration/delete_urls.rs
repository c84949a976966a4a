//! `ListIntegration.DeleteURLs`: web services are told no more. Wire: OE-9.

use crate::dialects::oempro::call::{Reply, Stage};
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
    Box::pin(delete(stage))
}

/// In stages, because any number of ids may come.
async fn delete(stage: &Stage) -> Result<Reply, Fault> {
    let ids = stage
        .read(|call| {
            let mut need = call.params.need();
            need.text("URLs", 1);
            need.done()?;
            Ok(id_list::ids(call.params, "URLs"))
        })
        .await?;
    for batch in id_list::batches(ids, HookId) {
        stage.write(move |call| hooks::remove(call.cx, &batch).map_err(code)).await?;
    }
    Ok(Reply::new())
}

fn code(error: RemoveHooksError) -> Fault {
    match error {
        RemoveHooksError::Denied(denied) => denied.into(),
        RemoveHooksError::Store(error) => Fault::internal(&error),
    }
}
