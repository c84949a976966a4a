//! Secrets the server makes for itself once and keeps in the database, so that all nodes share them.

use crate::domain::cx::Ctx;
use crate::domain::secrets::{digest, new_session_token};
use crate::store::StoreError;

/// The row behind `EncryptedSaltedListID` and signed links.
const LINK_SECRET: &str = "link_secret";

/// The secret that links are signed with, if it was made.
///
/// # Errors
/// [`StoreError`] only.
pub fn find_link_secret(cx: &mut Ctx<'_>) -> Result<Option<String>, StoreError> {
    cx.tx.find_server_secret(LINK_SECRET)
}

/// Makes the secret that links are signed with and answers it, or the one that another node made meanwhile.
///
/// # Errors
/// [`StoreError`] only.
pub fn make_link_secret(cx: &mut Ctx<'_>) -> Result<String, StoreError> {
    cx.tx.keep_server_secret(LINK_SECRET, &digest(&new_session_token()))
}

/// Reads something trivial, to see whether the store answers.
///
/// # Errors
/// [`StoreError`] when it does not.
pub fn probe(cx: &mut Ctx<'_>) -> Result<(), StoreError> {
    cx.tx.find_server_secret(LINK_SECRET).map(drop)
}
