//! `User.Update`: changes an account. Wire: OE-11.4.
//!
//! What only an administrator changes (group, reputation, status, credits) stays as it is when an account sends it: clients send whole records back.
//! The preview service of version 4 (codes 3 and 4) is gone; its account and key are kept as they are given, so neither is answered, nor is 4 for a
//! second factor, which does not exist. Code 6 (5.x) also answers an address that is malformed and a key that cannot be used, for which no code is
//! documented, and 5 a group that does not exist.

use crate::dialects::oempro::call::{Call, Reply, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::dialects::oempro::login;
use crate::dialects::oempro::registry::{Answer, Auth, Command, Run};
use crate::dialects::oempro::rows::user_groups::MASK;
use crate::dialects::oempro::wire::Codes;
use crate::domain::accounts::{self, AccountError, Besides, By, SaveAccountError};
use crate::domain::cx::Actor;
use crate::model::ids::AccountId;

use super::fields;

/// The registry row.
pub const COMMAND: Command = Command {
    name: "User.Update",
    auth: Auth::UserOrAdmin,
    codes: Codes::Array,
    texts: &[
        (1, "User ID is missing"),
        (2, "You may not change this user account"),
        (5, "User or user group not found"),
        (6, "Email address, username or API key cannot be used"),
    ],
    run: Run::Staged(run),
};

fn run(stage: &Stage) -> Answer<'_> {
    Box::pin(async move {
        let stored = stage.read(stored_hash).await?;
        // The mask comes back from clients that send a whole record.
        let given = stage.params.text("Password").filter(|password| *password != MASK);
        let new_hash = match given {
            Some(password) => login::hash_if_changed(stage, stored, password).await?,
            None => None,
        };
        // Shown with another credential the key is the new one; alone it is the credential, and the front door took it for that (OE-11.4).
        let key_is_data = stage.presented.api_key.is_empty();
        stage.write(move |call| update(call, new_hash, key_is_data)).await
    })
}

/// Finds the account and answers its stored hash, so that nobody has others' accounts hashed.
fn stored_hash(call: &mut Call<'_, '_>) -> Result<String, Fault> {
    let mut need = call.params.need();
    let id = AccountId(need.id("UserID", 1));
    need.done()?;
    let is_operator = matches!(call.cx.actor, Actor::Operator(_));
    let found = if is_operator { accounts::get(call.cx, By::Id(id)) } else { accounts::current(call.cx) };
    let account = found.map_err(code_of_get)?.account;
    if account.id == id { Ok(account.password_hash) } else { Err(Fault::code(2)) }
}

fn update(call: &mut Call<'_, '_>, new_hash: Option<String>, key_is_data: bool) -> Result<Reply, Fault> {
    let (params, wire) = (call.params, &call.wire);
    let id = AccountId(params.id("UserID").unwrap_or(0));
    let besides = Besides {
        api_key: params.text("APIKey").filter(|_| key_is_data),
        last_activity_at: fields::moment(params, "LastActivityDateTime", wire),
    };
    let updated = accounts::update(call.cx, id, besides, |account, profile| {
        fields::read(params, wire, account, profile);
        if let Some(email) = params.text("EmailAddress") {
            email.clone_into(&mut account.email);
        }
        if let Some(username) = params.text("Username") {
            username.clone_into(&mut account.username);
        }
        if let Some(hash) = new_hash {
            account.password_hash = hash;
        }
    });
    updated.map_err(code)?;
    Ok(Reply::new())
}

fn code(error: SaveAccountError) -> Fault {
    match error {
        SaveAccountError::NotYourself(_) => Fault::code(2),
        SaveAccountError::NoAccount(_) | SaveAccountError::NoGroup(_) => Fault::code(5),
        SaveAccountError::BadEmail(_)
        | SaveAccountError::UsernameTaken(_)
        | SaveAccountError::EmailTaken(_)
        | SaveAccountError::BadKey => Fault::code(6),
        SaveAccountError::Denied(denied) => denied.into(),
        SaveAccountError::Store(error) => Fault::internal(&error),
    }
}

fn code_of_get(error: AccountError) -> Fault {
    match error {
        AccountError::NoAccount => Fault::code(5),
        AccountError::Denied(denied) => denied.into(),
        AccountError::Store(error) => Fault::internal(&error),
    }
}
