//! `User.Login`: checks name and password and opens a session. Wire: OE-3.

use crate::dialects::kit::value::Object;
use crate::dialects::oempro::call::{Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::wire::Codes;
use crate::domain::accounts;
use crate::domain::passwords::{Given, Verdict};

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
    let mut need = stage.params.need();
    let name = need.text("Username", 1).to_owned();
    let password = need.text("Password", 2).to_owned();
    need.done()?;
    let given = if stage.params.truth("PasswordEncrypted") == Some(true) { Given::Md5 } else { Given::Plain };
    let account = stage
        .read(move |call| accounts::find_for_login(call.cx, &name).map_err(|error| Fault::internal(&error)))
        .await?;
    let verifier = std::sync::Arc::clone(stage.core.verifier());
    let Some(account) = account.filter(|account| account.is_enabled) else {
        stage.off_thread(move || verifier.waste(&password)).await?;
        return Err(Fault::code(3));
    };
    let checked = account.password_hash.clone();
    let new_hash = if verifier.remembers(&checked, given, &password) {
        None
    } else {
        let stored = checked.clone();
        match stage.off_thread(move || verifier.verify(&stored, given, &password)).await? {
            Verdict::Match => None,
            Verdict::MatchRehashed(new) => Some(new),
            Verdict::Mismatch => return Err(Fault::code(3)),
        }
    };
    stage
        .write(move |call| {
            let opened = accounts::log_in(call.cx, account.id, &checked, new_hash.as_deref());
            let (token, account) = opened.map_err(|error| Fault::internal(&error))?.ok_or_else(|| Fault::code(3))?;
            let info = Object::new()
                .put("UserID", call.wire.id(account.id.0))
                .put("EmailAddress", &account.email)
                .put("Username", &account.username);
            Ok(Reply::new().put("SessionID", token).put("UserInfo", info))
        })
        .await
}
