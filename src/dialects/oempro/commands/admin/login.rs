//! `Admin.Login`: checks an administrator's name and password, or key, and opens a session. Wire: OE-3.15, OE-3.18.
//!
//! As with `User.Login` the captcha changes nothing, so 4 and 5 are never answered; nor is 101, since there is no second factor.

use crate::dialects::oempro::call::{Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::login;
use crate::dialects::oempro::login::Candidate;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::rows;
use crate::dialects::oempro::wire::Codes;
use crate::domain::guessing::Target;
use crate::domain::operators;
use crate::domain::password_reset::{Owner, target};

/// The registry row.
pub const COMMAND: Command = Command {
    name: "Admin.Login",
    auth: Auth::None,
    codes: Codes::OfLogin,
    texts: &[(1, "Username is missing"), (2, "Password is missing"), (3, "Invalid login information")],
    run: Run::Staged(run),
};

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(log_in(stage))
}

async fn log_in(stage: &Stage) -> Result<Reply, Fault> {
    let params = &stage.params;
    let key = params.text_or_empty("AdminAPIKey").to_owned();
    if !key.is_empty() && params.text("Username").is_none() && params.text("Password").is_none() {
        return log_in_by_key(stage, key).await;
    }
    let mut need = params.need();
    let name = need.text("Username", 1).to_owned();
    let password = need.text("Password", 2).to_owned();
    need.done()?;
    let checked = login::check(stage, &password, move |call| {
        let operator = operators::find_for_login(call.cx, &name).map_err(|error| Fault::internal(&error))?;
        let target = match &operator {
            Some(operator) => target(call.cx, Owner::Operator(operator.id)),
            None => Target::new(call.cx, "operator", &name.trim().to_lowercase()),
        };
        let enabled = operator.as_ref().filter(|operator| operator.is_enabled);
        let stored = enabled.map(|operator| operator.password_hash.clone());
        Ok(Candidate { target, found: operator, stored })
    });
    let checked = checked.await?.ok_or_else(|| Fault::code(3))?;
    stage
        .write(move |call| {
            let opened = operators::log_in(call.cx, checked.found.id, &checked.hash, checked.new_hash.as_deref());
            let (token, operator) = opened.map_err(|error| Fault::internal(&error))?.ok_or_else(|| Fault::code(3))?;
            checked.forgive(call)?;
            Ok(Reply::new().put("SessionID", token).put("AdminInfo", rows::accounts::operator(&operator, &call.wire)))
        })
        .await
}

async fn log_in_by_key(stage: &Stage, key: String) -> Result<Reply, Fault> {
    stage
        .write(move |call| {
            let opened = operators::log_in_by_key(call.cx, &key).map_err(|error| Fault::internal(&error))?;
            let (token, operator) = opened.ok_or_else(|| Fault::code(3))?;
            Ok(Reply::new().put("SessionID", token).put("AdminInfo", rows::accounts::operator(&operator, &call.wire)))
        })
        .await
}
