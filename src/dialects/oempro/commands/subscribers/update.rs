//! `Subscribers.Update`: changes custom field values of many subscribers in one call. Wire: OE-8 (one client).

use crate::dialects::oempro::call::{Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::field_params;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::subscribers::Selector;
use crate::domain::subscribers::find::{self, FindError};
use crate::domain::subscribers::update::{SubscriberChange, UpdateError, update};
use crate::model::ids::{ListId, SubscriberNumber};

/// The registry row.
pub const COMMAND: Command = Command {
    name: "Subscribers.Update",
    auth: Auth::UserOrSubscriber,
    codes: Codes::Scalar,
    texts: &[
        (1, "Subscriber list ID is missing"),
        (2, "Subscriber IDs or email addresses are missing"),
        (3, "Invalid subscriber list ID"),
        (4, "Some subscribers were not updated"),
    ],
    run: Run::Staged(run),
};

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(update_all(stage))
}

/// One transaction each: what cannot be changed does not keep back the others, and the answer tells that there was such a one.
async fn update_all(stage: &Stage) -> Result<Reply, Fault> {
    stage.read(|_| Ok(())).await?;
    let mut need = stage.params.need();
    let list = ListId(need.id("SubscriberListID", 1));
    let all = selectors(stage);
    need.that(!all.is_empty(), 2);
    need.done()?;
    stage.read(move |call| find::check_list(call.cx, list).map_err(code_of_list)).await?;
    let mut first_failure: Option<Fault> = None;
    for who in all {
        let changed = stage
            .write(move |call| {
                let change = SubscriberChange {
                    values: field_params::inside_fields(call.params),
                    refuses_unknown_fields: true,
                    ..SubscriberChange::default()
                };
                match update(call.cx, list, &who, &change) {
                    Ok(_) => Ok(None),
                    Err(UpdateError::Denied(denied)) => Err(denied.into()),
                    Err(UpdateError::Store(error)) => Err(Fault::internal(&error)),
                    Err(UpdateError::Field(problem)) => Ok(Some(field_params::fault(4, &problem, false))),
                    Err(
                        UpdateError::NoList(_)
                        | UpdateError::NoSubscriber
                        | UpdateError::BadAddress
                        | UpdateError::AddressTaken
                        | UpdateError::UnknownField(_),
                    ) => Ok(Some(Fault::code(4))),
                }
            })
            .await?;
        first_failure = first_failure.or(changed);
    }
    first_failure.map_or_else(|| Ok(Reply::new()), Err)
}

fn selectors(stage: &Stage) -> Vec<Selector> {
    let split = |name: &str| -> Vec<String> {
        let pieces = stage.params.texts(name).into_iter().flat_map(|text| text.split(','));
        pieces.map(str::trim).filter(|piece| !piece.is_empty()).map(str::to_owned).collect()
    };
    // What is no number is nobody's, and so is counted as not changed.
    let by_number =
        split("SubscriberIDs").into_iter().map(|id| Selector::Number(SubscriberNumber(id.parse().unwrap_or(0))));
    by_number.chain(split("EmailAddresses").into_iter().map(Selector::Address)).collect()
}

fn code_of_list(error: FindError) -> Fault {
    match error {
        FindError::NoList(_) => Fault::code(3),
        FindError::NoSubscriber => Fault::code(4),
        FindError::Denied(denied) => denied.into(),
        FindError::Store(error) => Fault::internal(&error),
    }
}
