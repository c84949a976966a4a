//! `ListIntegration.TestURL`: calls a web service and says whether it answered. Wire: OE-9.

use crate::dialects::oempro::call::{Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::hooks;
use crate::outgoing::{Client, OutgoingError};

/// The registry row. The one code is also the answer for an address that may not be called, does not answer, or answers with an error: the
/// platform's page names no other, and 5.x answers in the envelope only. Statuses 200 to 299 are good.
pub const COMMAND: Command = Command {
    name: "ListIntegration.TestURL",
    auth: Auth::User,
    codes: Codes::Array,
    texts: &[(1, "URL is missing or does not answer")],
    run: Run::Staged(run),
};

/// What is posted: a call about nobody, so that a service can tell it from a subscription.
const EMPTY_CALL: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<WebServiceData></WebServiceData>";

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(test(stage))
}

/// The call is made outside any transaction.
async fn test(stage: &Stage) -> Result<Reply, Fault> {
    let url = stage
        .read(|call| {
            hooks::require_permission(call.cx)?;
            let mut need = call.params.need();
            let url = need.text("URL", 1).to_owned();
            need.done()?;
            Ok(url)
        })
        .await?;
    let client = Client::new(&stage.core.settings().outgoing).map_err(code)?;
    let status = client.post_form(&url, &[("WebServiceData", EMPTY_CALL)]).await.map_err(code)?;
    if (200..300).contains(&status) { Ok(Reply::new()) } else { Err(Fault::code(1)) }
}

fn code(error: OutgoingError) -> Fault {
    match error {
        OutgoingError::BadUrl(_) | OutgoingError::NotPublic(_) | OutgoingError::NoAnswer(_) => Fault::code(1),
        OutgoingError::Setup(_) => Fault::internal(&error),
    }
}
