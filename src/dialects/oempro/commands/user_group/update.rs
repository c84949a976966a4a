//! `UserGroup.Update`: changes a group. Wire: OE-11.10, version 4's numbers.

use crate::dialects::oempro::call::{Call, Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::user_groups::{self, GroupError, SaveGroupError, Settings, columns_of};
use crate::model::ids::UserGroupId;

use super::form::{self, Groups, Numbers};
use super::probe;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "UserGroup.Update",
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
        (20, "User group ID is missing"),
        (21, "User group not found"),
        (22, "E-mail limit is missing"),
        (23, "Trial expiration is missing"),
        (24, "Send method is invalid"),
        (25, "SMTP security is invalid"),
        (26, "SMTP authentication is invalid"),
        (27, "Delivery settings test failed"),
    ],
    run: Run::Staged(run),
};

const NUMBERS: Numbers = Numbers { no_email_limit: 22, no_trial_end: 23, bad_method: 24, bad_secure: 25, bad_auth: 26 };

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(async move {
        let (_, (_, _, delivery)) = stage.read(read).await?;
        if !probe::passes(&delivery, stage.core.settings().outgoing.allow_private).await {
            return Err(Fault::code(27));
        }
        stage
            .write(|call| {
                let (id, (group, billing, delivery)) = read(call)?;
                user_groups::update(call.cx, id, &group, &billing, &delivery).map_err(code)?;
                Ok(Reply::new())
            })
            .await
    })
}

fn read(call: &mut Call<'_, '_>) -> Result<(UserGroupId, Groups), Fault> {
    let mut need = call.params.need();
    form::ask(&mut need, NUMBERS);
    let id = UserGroupId(need.id("UserGroupID", 20));
    need.done()?;
    let Settings { group, billing, delivery } = user_groups::get(call.cx, id).map_err(code_of_get)?;
    Ok((id, form::read(call.params, (columns_of(&group), billing, delivery), NUMBERS)?))
}

fn code(error: SaveGroupError) -> Fault {
    match error {
        SaveGroupError::NoTheme(_) => Fault::code(19),
        SaveGroupError::NoGroup(_) => Fault::code(21),
        SaveGroupError::Denied(denied) => denied.into(),
        SaveGroupError::Store(error) => Fault::internal(&error),
    }
}

fn code_of_get(error: GroupError) -> Fault {
    match error {
        GroupError::NoGroup(_) => Fault::code(21),
        // Only of deletions.
        error @ (GroupError::IsDefault(_) | GroupError::IsLast) => Fault::internal(&error),
        GroupError::Denied(denied) => denied.into(),
        GroupError::Store(error) => Fault::internal(&error),
    }
}
