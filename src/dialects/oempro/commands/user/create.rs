//! `User.Create`: adds an account. Wire: OE-11.1.
//!
//! Version 4 asks for ReputationLevel (code 5) and LastName (code 7), 5.x for neither, and takes CompanyName for FirstName. Clients of version 4 send
//! all of them, so the looser rule of 5.x serves both. Code 16 is never answered: there is no licence that limits accounts.

use crate::dialects::oempro::call::{Call, Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::login;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::rows::accounts::reputation_of;
use crate::dialects::oempro::wire::Codes;
use crate::domain::accounts::{self, Profile, SaveAccountError, one_line};
use crate::model::ids::UserGroupId;

use super::fields;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "User.Create",
    auth: Auth::Admin,
    codes: Codes::Array,
    texts: &[
        (1, "User group ID is missing"),
        (2, "Email address is missing"),
        (3, "Username is missing"),
        (4, "Password is missing"),
        (6, "First name or company name is missing"),
        (8, "Time zone is missing"),
        (9, "Language is missing"),
        (10, "Email address is invalid"),
        (11, "User group not found"),
        (12, "Username is already in use"),
        (13, "Email address is already in use"),
        (14, "Language is not available"),
        (15, "Reputation level is invalid"),
    ],
    run: Run::Staged(run),
};

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(async move {
        // The credential is checked by this first stage, before anything is hashed.
        let password = stage.read(check).await?;
        let hash = login::hash(stage, &password).await?;
        stage.write(move |call| create(call, hash)).await
    })
}

/// Checks what can be checked without the database; answers the password.
fn check(call: &mut Call<'_, '_>) -> Result<String, Fault> {
    let params = call.params;
    let mut need = params.need();
    need.id("RelUserGroupID", 1);
    need.text("EmailAddress", 2);
    need.text("Username", 3);
    let password = need.text("Password", 4).to_owned();
    need.that(params.text("FirstName").is_some() || params.text("CompanyName").is_some(), 6);
    need.text("TimeZone", 8);
    let language = need.text("Language", 9);
    need.done()?;
    if !is_language(language) {
        return Err(Fault::code(14));
    }
    match params.text("ReputationLevel") {
        Some(word) if reputation_of(word).is_none() => Err(Fault::code(15)),
        _ => Ok(password),
    }
}

fn create(call: &mut Call<'_, '_>, hash: String) -> Result<Reply, Fault> {
    let params = call.params;
    let group = UserGroupId(params.id("RelUserGroupID").unwrap_or(0));
    let username = params.text_or_empty("Username");
    let mut account = accounts::blank(call.cx, group, username, params.text_or_empty("EmailAddress"), hash);
    let mut profile = Profile::default();
    fields::read(params, &call.wire, &mut account, &mut profile);
    // Whoever makes an account does not backdate it; only User.Update has the parameter.
    account.created_at = call.cx.now;
    account.sign_up_ip = one_line(params.text_or_empty("SignUpIPAddress"));
    if let Some(id) = params.text("SSOID") {
        profile.sso_id = one_line(id);
    }
    let id = accounts::create(call.cx, &account, &profile).map_err(code)?;
    Ok(Reply::new().put("UserID", id.0))
}

/// The old platform looked for the language's files. There are none to look for, so every well-formed code counts as installed: `en`, `pt-br`, `zh_TW`.
fn is_language(text: &str) -> bool {
    let (language, region) = text.split_once(['-', '_']).unwrap_or((text, "us"));
    (2..=3).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && (2..=4).contains(&region.len())
        && region.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn code(error: SaveAccountError) -> Fault {
    match error {
        SaveAccountError::BadEmail(_) => Fault::code(10),
        SaveAccountError::NoGroup(_) => Fault::code(11),
        SaveAccountError::UsernameTaken(_) => Fault::code(12),
        SaveAccountError::EmailTaken(_) => Fault::code(13),
        // Only of changes.
        error @ (SaveAccountError::NoAccount(_) | SaveAccountError::NotYourself(_) | SaveAccountError::BadKey) => {
            Fault::internal(&error)
        }
        SaveAccountError::Denied(denied) => denied.into(),
        SaveAccountError::Store(error) => Fault::internal(&error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_codes() {
        for good in ["en", "tr", "pt-br", "zh_TW", "fil"] {
            assert!(is_language(good), "{good}");
        }
        for bad in ["", "e", "english", "e1", "en-", "en-verylong", "../x"] {
            assert!(!is_language(bad), "{bad}");
        }
    }
}
