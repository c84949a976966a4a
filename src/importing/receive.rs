//! The first step's loop: pieces arrive from a source and are kept, a few a transaction.

use std::fs::File;
use std::io::{Cursor, Read};
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::domain::core::{Core, Unavailable};
use crate::domain::cx::Origin;
use crate::domain::imports::{self, Receiving};
use crate::importing::text::{self, Layout, Shape, TextError};
use crate::store::StoreError;

/// Pieces that wait to be kept.
const PIECES_WAITING: usize = 8;
/// Pieces kept in one transaction.
const PIECES_AT_ONCE: usize = 4;

/// Why a text was not received. What arrived of it has been deleted again.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The text is at fault.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The store is at fault.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// A thread of ours ended badly.
    #[error("reading ended badly")]
    Broken,
}

impl From<StoreError> for ReceiveError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Where a text comes from.
pub enum Source {
    /// From memory.
    Text(String),
    /// From an open file.
    File(File),
}

/// Keeps a whole text and closes the import.
///
/// # Errors
/// [`ReceiveError`].
pub async fn text(
    core: &Core,
    origin: &Arc<Origin>,
    import: Receiving,
    source: Source,
    layout: Layout,
) -> Result<Shape, ReceiveError> {
    let max_bytes = core.settings().import.max_file_bytes;
    let (sender, pieces) = mpsc::channel(PIECES_WAITING);
    let reading = tokio::task::spawn_blocking(move || {
        let reader: Box<dyn Read> = match source {
            Source::Text(text) => Box::new(Cursor::new(text)),
            Source::File(file) => Box::new(file),
        };
        text::cut(reader, layout, max_bytes, |piece| sender.blocking_send(piece).map_err(|_| TextError::Gone))
    });
    let kept = keep(core, origin, import, pieces).await;
    let read = reading.await.map_err(|_| ReceiveError::Broken);
    let outcome = kept.and_then(|()| read?.map_err(ReceiveError::from));
    close(core, origin, import, outcome).await
}

/// Keeps pieces until their sender is gone.
///
/// # Errors
/// [`ReceiveError::Unavailable`].
pub(super) async fn keep(
    core: &Core,
    origin: &Arc<Origin>,
    import: Receiving,
    mut pieces: mpsc::Receiver<String>,
) -> Result<(), ReceiveError> {
    let mut seq = 1;
    loop {
        let mut waiting = Vec::new();
        if pieces.recv_many(&mut waiting, PIECES_AT_ONCE).await == 0 {
            return Ok(());
        }
        let first = seq;
        seq += waiting.len() as i64;
        let kept = core.write(Arc::clone(origin), move |cx| -> Result<(), ReceiveError> {
            Ok(imports::receive(cx, &import, first, &waiting)?)
        });
        kept.await?;
    }
}

/// Ends the first step: well, or by deleting what arrived.
///
/// # Errors
/// What `outcome` holds, or [`ReceiveError::Unavailable`].
pub(super) async fn close<E>(
    core: &Core,
    origin: &Arc<Origin>,
    import: Receiving,
    outcome: Result<Shape, E>,
) -> Result<Shape, E>
where
    E: From<Unavailable> + From<StoreError> + Send + 'static,
{
    match outcome {
        Ok(shape) => {
            let n_columns = shape.n_columns;
            let closed = core
                .write(Arc::clone(origin), move |cx| -> Result<(), E> { Ok(imports::close(cx, &import, n_columns)?) });
            closed.await.map(|()| shape)
        }
        Err(error) => {
            loop {
                let part =
                    core.write(Arc::clone(origin), move |cx| -> Result<bool, E> { Ok(imports::abandon(cx, &import)?) });
                // What cannot be deleted now is cleared with other stale imports.
                if part.await.unwrap_or(true) {
                    return Err(error);
                }
            }
        }
    }
}
