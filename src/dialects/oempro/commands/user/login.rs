//! `User.Login`: checks name and password, or a key, and opens a session. Wire: OE-3.
//!
//! `RememberMe`, `Captcha` and `DisableCaptcha` change nothing (OE-3.7), so codes 4 and 5 are never answered; nor is 6, since there is no second
//! factor to be wrong.

use crate::dialects::oempro::call::{Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::login;
use crate::dialects::oempro::login::{Candidate, Checked};
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::rows;
use crate::dialects::oempro::wire::Codes;
use crate::domain::accounts::{self, Account};
use crate::domain::guessing::Target;
use crate::domain::password_reset::{Owner, target};

/// The registry row.
pub const COMMAND: Command = Command {
    name: "User.Login",
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
    let key = params.text_or_empty("APIKey").to_owned();
    if !key.is_empty() && params.text("Username").is_none() && params.text("Password").is_none() {
        return log_in_by_key(stage, key).await;
    }
    let mut need = params.need();
    let name = need.text("Username", 1).to_owned();
    let password = need.text("Password", 2).to_owned();
    need.done()?;
    let checked = login::check(stage, &password, move |call| {
        let account = accounts::find_for_login(call.cx, &name).map_err(|error| Fault::internal(&error))?;
        let target = match &account {
            Some(account) => target(call.cx, Owner::Account(account.id)),
            None => Target::new(call.cx, "account", &name.trim().to_lowercase()),
        };
        let stored = account.as_ref().filter(|account| account.is_enabled).map(|account| account.password_hash.clone());
        Ok(Candidate { target, found: account, stored })
    });
    open(stage, checked.await?.ok_or_else(|| Fault::code(3))?).await
}

async fn open(stage: &Stage, checked: Checked<Account>) -> Result<Reply, Fault> {
    stage
        .write(move |call| {
            let opened = accounts::log_in(call.cx, checked.found.id, &checked.hash, checked.new_hash.as_deref());
            let (token, record) = opened.map_err(|error| Fault::internal(&error))?.ok_or_else(|| Fault::code(3))?;
            checked.forgive(call)?;
            let wire = call.wire.with(&record.account.wire_options);
            Ok(Reply::new().put("SessionID", token).put("UserInfo", rows::accounts::own_record(&record, &wire)))
        })
        .await
}

async fn log_in_by_key(stage: &Stage, key: String) -> Result<Reply, Fault> {
    stage
        .write(move |call| {
            let opened = accounts::log_in_by_key(call.cx, &key).map_err(|error| Fault::internal(&error))?;
            let (token, record) = opened.ok_or_else(|| Fault::code(3))?;
            let wire = call.wire.with(&record.account.wire_options);
            Ok(Reply::new().put("SessionID", token).put("UserInfo", rows::accounts::own_record(&record, &wire)))
        })
        .await
}
