//! `Subscribers.Delete`: removes subscribers from a list, or from what suppresses them. Wire: OE-8.

use crate::dialects::oempro::call::{Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::subscribers::delete::{self, AT_ONCE, DeleteError};
use crate::model::ids::{ListId, SubscriberNumber};

/// The registry row. Version 5's rules (codes 3, 4, 6, 7) are not offered; without `Subscribers` the answer is code 1.
pub const COMMAND: Command = Command {
    name: "Subscribers.Delete",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[
        (1, "Subscriber IDs are missing"),
        (2, "Subscriber list ID is missing"),
        (5, "Invalid subscriber list ID"),
        (8, "Subscriber IDs must be numbers"),
    ],
    run: Run::Staged(run),
};

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(remove(stage))
}

/// In pieces, so that a call with many ids does not hold up others. A repeat after a failure finds the rest.
async fn remove(stage: &Stage) -> Result<Reply, Fault> {
    // Who may not call it must not learn which parameters it wants.
    stage.read(|_| Ok(())).await?;
    let mut need = stage.params.need();
    let ids = stage.params.ids("Subscribers");
    need.that(ids.as_ref().map_or(true, |ids| !ids.is_empty()), 1);
    let list = ListId(need.id("SubscriberListID", 2));
    need.done()?;
    let ids = ids.map_err(|_| Fault::code(8))?;
    let is_suppressed = stage.params.truth("Suppressed") == Some(true);
    stage.read(move |call| delete::check(call.cx, list).map(drop).map_err(code)).await?;
    for piece in ids.chunks(AT_ONCE) {
        let numbers: Vec<SubscriberNumber> = piece.iter().copied().map(SubscriberNumber).collect();
        stage
            .write(move |call| {
                let removed = if is_suppressed {
                    delete::lift_suppressions(call.cx, list, &numbers)
                } else {
                    delete::delete(call.cx, list, &numbers)
                };
                removed.map(drop).map_err(code)
            })
            .await?;
    }
    Ok(Reply::new())
}

fn code(error: DeleteError) -> Fault {
    match error {
        DeleteError::NoList(_) => Fault::code(5),
        DeleteError::Denied(denied) => denied.into(),
        DeleteError::Store(error) => Fault::internal(&error),
    }
}
