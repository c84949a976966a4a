//! `UserGroup.Create`: adds a group with limits, prices, permissions and delivery. Wire: OE-11.9.

use crate::dialects::oempro::call::{Call, Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::user_groups::{self, SaveGroupError};

use super::form::{self, Groups, Numbers};
use super::probe;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "UserGroup.Create",
    auth: Auth::Admin,
    codes: Codes::Array,
    texts: &[
        (1, "User group name is missing"),
        (2, "Subscriber area logout URL is missing"),
        (3, "Permissions are missing"),
        (4, "Payment system is missing"),
        (5, "Subscriber limit is missing"),
        (6, "List limit is missing"),
        (7, "Campaign limit is missing"),
        (8, "Theme ID is missing"),
        (9, "Payment campaigns per recipient is missing"),
        (10, "Payment campaigns per campaign cost is missing"),
        (11, "Payment auto responders charge amount is missing"),
        (12, "Payment auto responders per recipient is missing"),
        (13, "Payment design preview charge amount is missing"),
        (14, "Payment design preview charge per request is missing"),
        (15, "Payment system charge amount is missing"),
        (16, "Payment pricing range is missing"),
        (17, "Force unsubscription link is missing"),
        (18, "Force reject link is missing"),
        (19, "Theme not found"),
        (20, "E-mail limit is missing"),
        (21, "Trial expiration is missing"),
        (22, "Send method is invalid"),
        (23, "SMTP security is invalid"),
        (24, "SMTP authentication is invalid"),
        (25, "Delivery settings test failed"),
    ],
    run: Run::Staged(run),
};

const NUMBERS: Numbers = Numbers { no_email_limit: 20, no_trial_end: 21, bad_method: 22, bad_secure: 23, bad_auth: 24 };

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(async move {
        let (_, _, delivery) = stage.read(read).await?;
        if !probe::passes(&delivery, stage.core.settings().outgoing.allow_private).await {
            return Err(Fault::code(25));
        }
        stage
            .write(|call| {
                let (group, billing, delivery) = read(call)?;
                let id = user_groups::create(call.cx, &group, &billing, &delivery).map_err(code)?;
                Ok(Reply::new().put("UserGroupID", id.0))
            })
            .await
    })
}

fn read(call: &mut Call<'_, '_>) -> Result<Groups, Fault> {
    let mut need = call.params.need();
    form::ask(&mut need, NUMBERS);
    need.done()?;
    form::read(call.params, user_groups::blank(call.cx, ""), NUMBERS)
}

fn code(error: SaveGroupError) -> Fault {
    match error {
        SaveGroupError::NoTheme(_) => Fault::code(19),
        // Only of changes.
        error @ SaveGroupError::NoGroup(_) => Fault::internal(&error),
        SaveGroupError::Denied(denied) => denied.into(),
        SaveGroupError::Store(error) => Fault::internal(&error),
    }
}
