//! The first step: a text arrives piece by piece and waits for its mapping.

use std::time::Duration;

use super::{OwnerError, owner};
use crate::domain::access::Denied;
use crate::domain::cx::Ctx;
use crate::model::ids::{AccountId, ImportId, ListId};
use crate::model::states::{ImportKind, ImportState, ImportTarget};
use crate::store::StoreError;
use crate::store::rows::imports::NewImportRow;

/// Handed-over text that nobody asked to import is kept this long.
const KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
/// Pieces deleted in one transaction.
const DELETED_AT_ONCE: i64 = 64;

/// What is to be imported.
#[derive(Debug, Clone)]
pub struct NewImport {
    /// Where the data comes from.
    pub kind: ImportKind,
    /// What it fills.
    pub target: ImportTarget,
    /// The file's name; empty for none.
    pub file_name: String,
    /// Between the fields, as the text had it; for the record only.
    pub terminator: String,
    /// Around the fields, as the text had it; for the record only.
    pub encloser: String,
}

/// An import that is being handed over. Whoever holds one has passed [`open`], so the functions that take one ask no further.
#[derive(Debug, Clone, Copy)]
pub struct Receiving {
    id: ImportId,
    account: AccountId,
}

impl Receiving {
    /// The import.
    #[must_use]
    pub fn id(&self) -> ImportId {
        self.id
    }

    /// The account it belongs to.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }
}

/// Why nothing can be handed over.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The account has no list with this id.
    #[error("no list {0}")]
    NoList(ListId),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OwnerError> for OpenError {
    fn from(error: OwnerError) -> Self {
        match error {
            OwnerError::Denied(denied) => Self::Denied(denied),
            OwnerError::Store(error) => Self::Store(error),
        }
    }
}

/// The account that may import into this list; asked before data is fetched from slow places.
///
/// # Errors
/// [`OpenError`].
pub fn check(cx: &mut Ctx<'_>, list: ListId) -> Result<AccountId, OpenError> {
    owner(cx, list)?.ok_or(OpenError::NoList(list))
}

/// Makes an import whose text is about to arrive.
///
/// # Errors
/// [`OpenError`].
pub fn open(cx: &mut Ctx<'_>, list: ListId, new: NewImport) -> Result<Receiving, OpenError> {
    let account = check(cx, list)?;
    let row = NewImportRow {
        account_id: account,
        list_id: list,
        kind: new.kind,
        target: new.target,
        state: ImportState::Receiving,
        file_name: new.file_name,
        field_terminator: new.terminator,
        field_encloser: new.encloser,
        n_columns: 0,
        n_rows: 0,
        n_imported: 0,
        n_duplicates: 0,
        n_failed: 0,
        actor: cx.actor_name(),
        ip: cx.origin.ip.clone(),
        created_at: cx.now,
    };
    Ok(Receiving { id: cx.tx.insert_import(&row)?, account })
}

/// Keeps pieces; the first one gets number `seq`.
///
/// # Errors
/// [`StoreError`] only.
pub fn receive(cx: &mut Ctx<'_>, import: &Receiving, seq: i64, pieces: &[String]) -> Result<(), StoreError> {
    (seq..).zip(pieces).try_for_each(|(seq, piece)| cx.tx.insert_import_chunk(import.id, seq, piece))
}

/// Everything has arrived: the import waits for its mapping.
///
/// # Errors
/// [`StoreError`] only.
pub fn close(cx: &mut Ctx<'_>, import: &Receiving, n_columns: usize) -> Result<(), StoreError> {
    cx.tx.close_import_receiving(import.id, i64::try_from(n_columns).unwrap_or(i64::MAX))
}

/// Deletes a part of an import that could not be handed over whole; true when nothing is left to delete.
///
/// # Errors
/// [`StoreError`] only.
pub fn abandon(cx: &mut Ctx<'_>, import: &Receiving) -> Result<bool, StoreError> {
    clear(cx, import.id)
}

/// Deletes a part of what was handed over long ago and never imported; true when nothing is left to delete. For the product's own workers: what
/// it deletes, no one asked for.
///
/// # Errors
/// [`StoreError`] only.
pub fn clear_stale(cx: &mut Ctx<'_>) -> Result<bool, StoreError> {
    let before = cx.now.minus(KEPT_FOR);
    match cx.tx.list_stale_imports(before, 1)?.first() {
        None => Ok(true),
        Some(id) => clear(cx, *id).map(|_| false),
    }
}

fn clear(cx: &mut Ctx<'_>, id: ImportId) -> Result<bool, StoreError> {
    if cx.tx.delete_import_chunks(id, DELETED_AT_ONCE)? > 0 {
        return Ok(false);
    }
    cx.tx.drop_import(id, cx.now)?;
    Ok(true)
}
