//! Secrets the server makes for itself once and keeps in the database, so that all nodes share them.

use crate::domain::cx::Ctx;
use crate::domain::secrets::{digest, new_session_token};
use crate::store::StoreError;

/// The row behind `EncryptedSaltedListID` and signed links.
const LINK_SECRET: &str = "link_secret";

/// The secret that links are signed with, made at its first use. Needs a context that writes.
///
/// # Errors
/// [`StoreError`] only.
pub fn get_link_secret(cx: &mut Ctx<'_>) -> Result<String, StoreError> {
    match cx.tx.find_server_secret(LINK_SECRET)? {
        Some(secret) => Ok(secret),
        None => cx.tx.keep_server_secret(LINK_SECRET, &digest(&new_session_token())),
    }
}

/// Reads something trivial, to see whether the store answers.
///
/// # Errors
/// [`StoreError`] when it does not.
pub fn probe(cx: &mut Ctx<'_>) -> Result<(), StoreError> {
    cx.tx.find_server_secret(LINK_SECRET).map(drop)
}
