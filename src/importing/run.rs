//! The second step's loop: pieces are read and checked ahead, and a few wait at the writer, so that it never waits for us.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::domain::core::{Core, Unavailable};
use crate::domain::cx::Origin;
use crate::domain::imports::{self, AddError, Piece, PieceBuilder, Run, Totals};
use crate::importing::text;
use crate::store::StoreError;

/// Checked pieces that wait for the writer.
const PIECES_AHEAD: usize = 4;
/// Pieces at the writer at once. SQLite commits those that wait together; more would only make others wait.
const PIECES_WRITING: usize = 3;
/// Tries for a piece that failed for a reason that may pass (a deadlock, a subscription of the same address at the same time).
const TRIES: u32 = 4;

/// Why an import stopped. What was added stays; repeating the second step goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// See [`AddError`].
    #[error(transparent)]
    Add(#[from] AddError),
    /// The store is at fault.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// A piece is not readable, or a thread of ours ended badly.
    #[error("reading a piece ended badly")]
    Broken,
}

impl From<StoreError> for RunError {
    fn from(error: StoreError) -> Self {
        Self::Add(AddError::Store(error))
    }
}

/// Adds every piece of an import and ends it. It goes on when the caller that asked for it is gone.
///
/// # Errors
/// [`RunError`].
pub async fn to_its_end(core: &Core, origin: &Arc<Origin>, run: Run) -> Result<Totals, RunError> {
    let (core, origin, run) = (core.clone(), Arc::clone(origin), Arc::new(run));
    let working = tokio::spawn(async move {
        let outcome = work(&core, &origin, &run).await;
        if let Err(error) = &outcome {
            let (import, list) = (run.id(), run.list());
            tracing::warn!(error = error as &dyn std::error::Error, import.id = %import, list.id = %list, "an import stopped");
            let given_up = core.write(origin, move |cx| -> Result<(), RunError> { Ok(imports::give_up(cx, &run)?) });
            // Not given back, it is free again when its lease ends.
            drop(given_up.await);
        }
        outcome
    });
    working.await.map_err(|_| RunError::Broken)?
}

async fn work(core: &Core, origin: &Arc<Origin>, run: &Arc<Run>) -> Result<Totals, RunError> {
    let started = std::time::Instant::now();
    let (sender, mut pieces) = mpsc::channel(PIECES_AHEAD);
    let reading = tokio::spawn(read_ahead(core.clone(), Arc::clone(origin), Arc::clone(run), sender));
    let added = add_all(core, origin, run, &mut pieces).await;
    drop(pieces);
    let read = reading.await.map_err(|_| RunError::Broken);
    added?;
    read??;
    let finished = Arc::clone(run);
    let totals =
        core.write(Arc::clone(origin), move |cx| -> Result<Totals, RunError> { Ok(imports::finish(cx, &finished)?) });
    let totals = totals.await?;
    let (n, list, took) = (totals.n_imported, run.list(), started.elapsed());
    tracing::info!(n_imported = n, list.id = %list, took_ms = took.as_millis() as u64, "imported {n} rows into list {list}");
    Ok(totals)
}

/// Reads pieces in their order and checks their rows on another thread.
async fn read_ahead(
    core: Core,
    origin: Arc<Origin>,
    run: Arc<Run>,
    sender: mpsc::Sender<Piece>,
) -> Result<(), RunError> {
    let mut seq = 0;
    loop {
        let asked = Arc::clone(&run);
        let next = core.read(Arc::clone(&origin), move |cx| -> Result<Option<(i64, String)>, RunError> {
            Ok(imports::next_piece(cx, &asked, seq)?)
        });
        let Some((found, text)) = next.await? else { return Ok(()) };
        seq = found;
        let checked = Arc::clone(&run);
        let piece = tokio::task::spawn_blocking(move || check(&checked, seq, &text));
        let piece = piece.await.map_err(|_| RunError::Broken)??;
        if sender.send(piece).await.is_err() {
            return Ok(()); // adding has failed and says so itself
        }
    }
}

fn check(run: &Run, seq: i64, text: &str) -> Result<Piece, RunError> {
    let mut piece = PieceBuilder::new(run, seq);
    text::rows(text, |row| piece.add(|column| row.get(column))).map_err(|_| RunError::Broken)?;
    Ok(piece.finish())
}

/// Adds pieces as they come, in their order, a few at once.
async fn add_all(
    core: &Core,
    origin: &Arc<Origin>,
    run: &Arc<Run>,
    pieces: &mut mpsc::Receiver<Piece>,
) -> Result<(), RunError> {
    let mut writing: VecDeque<JoinHandle<Result<(), RunError>>> = VecDeque::new();
    while let Some(piece) = pieces.recv().await {
        if writing.len() >= PIECES_WRITING
            && let Some(oldest) = writing.pop_front()
        {
            oldest.await.map_err(|_| RunError::Broken)??;
        }
        let (core, origin, run) = (core.clone(), Arc::clone(origin), Arc::clone(run));
        writing.push_back(tokio::spawn(async move { add(&core, &origin, &run, Arc::new(piece)).await }));
    }
    for one in writing {
        one.await.map_err(|_| RunError::Broken)??;
    }
    Ok(())
}

async fn add(core: &Core, origin: &Arc<Origin>, run: &Arc<Run>, piece: Arc<Piece>) -> Result<(), RunError> {
    let mut tries = 1;
    loop {
        let (run, piece) = (Arc::clone(run), Arc::clone(&piece));
        let added = core
            .write(Arc::clone(origin), move |cx| -> Result<(), RunError> { Ok(imports::add_piece(cx, &run, &piece)?) });
        match added.await {
            Err(RunError::Add(AddError::Store(_)) | RunError::Unavailable(_)) if tries < TRIES => {
                tokio::time::sleep(std::time::Duration::from_millis(50 << tries)).await;
                tries += 1;
            }
            outcome => return outcome,
        }
    }
}
