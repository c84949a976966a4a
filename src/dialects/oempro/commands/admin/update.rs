//! `Admin.Update`: an administrator changes itself. Wire: OE-11.8.
//!
//! Version 4 answers 3 without a Password, 5.x keeps the stored one; the latter, so that a client of either need not know the password. Code 5, which is
//! reserved and never used, answers a user name or address that another administrator has: no code is documented for it.

use crate::dialects::oempro::call::{Call, Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::login;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::rows::user_groups::MASK;
use crate::dialects::oempro::wire::Codes;
use crate::domain::operators::{self, OwnChanges, SaveOperatorError};
use crate::model::ids::OperatorId;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "Admin.Update",
    auth: Auth::Admin,
    codes: Codes::Array,
    texts: &[
        (1, "Name is missing"),
        (2, "Username is missing"),
        (4, "Email address is missing"),
        (5, "Username or email address is already in use"),
        (6, "Administrator ID is missing"),
        (7, "Email address is invalid"),
        (8, "You may not change another administrator's account"),
    ],
    run: Run::Staged(run),
};

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(async move {
        let stored = stage.read(check).await?;
        // The mask comes back from clients that send a whole record.
        let given = stage.params.text("Password").filter(|password| *password != MASK);
        let password_hash = match given {
            Some(password) => login::hash_if_changed(stage, stored, password).await?,
            None => None,
        };
        stage
            .write(move |call| {
                let params = call.params;
                let changes = OwnChanges {
                    name: params.text_or_empty("Name").to_owned(),
                    username: params.text_or_empty("Username").to_owned(),
                    email: params.text_or_empty("EmailAddress").to_owned(),
                    password_hash,
                };
                let id = OperatorId(params.id("AdminID").unwrap_or(0));
                operators::update_self(call.cx, id, changes).map_err(code)?;
                Ok(Reply::new())
            })
            .await
    })
}

/// Checks what is asked before anything is hashed; answers the stored hash.
fn check(call: &mut Call<'_, '_>) -> Result<String, Fault> {
    let mut need = call.params.need();
    need.text("Name", 1);
    need.text("Username", 2);
    need.text("EmailAddress", 4);
    let id = need.id("AdminID", 6);
    need.done()?;
    let own = operators::current(call.cx).map_err(code)?;
    if own.id.0 == id { Ok(own.password_hash) } else { Err(Fault::code(8)) }
}

fn code(error: SaveOperatorError) -> Fault {
    match error {
        SaveOperatorError::BadEmail(_) => Fault::code(7),
        SaveOperatorError::UsernameTaken(_) | SaveOperatorError::EmailTaken(_) => Fault::code(5),
        SaveOperatorError::NotYourself(_) => Fault::code(8),
        SaveOperatorError::Denied(denied) => denied.into(),
        SaveOperatorError::Store(error) => Fault::internal(&error),
    }
}
