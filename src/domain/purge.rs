//! Purges: what is left behind a deleted list, account or field goes in bounded pieces, each its own transaction.
//!
//! Every piece leaves the rest findable, so a purge that a crash cut short goes on where it was. The consent log stays: it is the proof.

use std::time::Duration;

use crate::domain::access::Denied;
use crate::domain::core::Unavailable;
use crate::domain::cx::Ctx;
use crate::domain::outbox::queue_job;
use crate::domain::workload::Job;
use crate::model::ids::{AccountId, FieldId, JobId, ListId, SubscriberNumber};
use crate::model::states::JobKind;
use crate::store::StoreError;
use crate::store::rows::field_values;

/// Rows that one piece removes at most, but for a few beside them.
const PIECE: i64 = 500;
/// Pieces of imported text are large, so fewer go at once.
const TEXT_PIECE: i64 = 50;

/// Why a purge stopped.
#[derive(Debug, thiserror::Error)]
pub enum PurgeError {
    /// The job says nothing that can be purged.
    #[error("job {0} has an unreadable payload")]
    Unreadable(JobId),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
    /// See [`Unavailable`].
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// How far a purge is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Call [`step`] again with this payload.
    More(String),
    /// Nothing is left; the job is marked done.
    Done,
}

/// Queues the removal of what a deleted list held. Mark the list deleted in the same transaction.
///
/// # Errors
/// [`StoreError`] only.
pub fn queue_list(cx: &mut Ctx<'_>, account: AccountId, list: ListId) -> Result<JobId, StoreError> {
    queue_job(cx, account, JobKind::PurgeList, list.to_string())
}

/// Queues the removal of everything a deleted account owned. Mark the account deleted in the same transaction.
///
/// # Errors
/// [`StoreError`] only.
pub fn queue_account(cx: &mut Ctx<'_>, account: AccountId) -> Result<JobId, StoreError> {
    queue_job(cx, account, JobKind::PurgeAccount, account.to_string())
}

/// Queues the removal of a field's values and its row. `list`: the one it belongs to, [`ListId::NONE`] for every list of the account.
/// The row may be deleted at once.
///
/// # Errors
/// [`StoreError`] only.
pub fn queue_field(cx: &mut Ctx<'_>, account: AccountId, field: FieldId, list: ListId) -> Result<JobId, StoreError> {
    queue_job(cx, account, JobKind::PurgeField, format!("{field} {list}"))
}

/// Does one piece of a claimed purge: removes some rows and prolongs the lease, or marks the job done.
///
/// # Errors
/// [`PurgeError`].
pub fn step(cx: &mut Ctx<'_>, job: &Job, lease: Duration) -> Result<Progress, PurgeError> {
    cx.administrator()?;
    let ids: Vec<i64> = job
        .payload
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| PurgeError::Unreadable(job.id))?;
    let (is_done, payload) = match (job.kind, ids.as_slice()) {
        (JobKind::PurgeList, [list]) => (list_piece(cx, ListId(*list))?, job.payload.clone()),
        (JobKind::PurgeAccount, [account]) => (account_piece(cx, AccountId(*account))?, job.payload.clone()),
        (JobKind::PurgeField, [field, rest @ ..]) => {
            let walk = FieldWalk::read(job.account_id, FieldId(*field), rest).ok_or(PurgeError::Unreadable(job.id))?;
            field_piece(cx, walk)?
        }
        _ => return Err(PurgeError::Unreadable(job.id)),
    };
    if is_done {
        cx.tx.finish_job(job.id, cx.now)?;
        return Ok(Progress::Done);
    }
    cx.tx.renew_job(job.id, cx.now.plus(lease), &payload)?;
    Ok(Progress::More(payload))
}

/// Puts a purge that met an error back for later, however often that happens.
///
/// # Errors
/// [`PurgeError`].
pub fn postpone(cx: &mut Ctx<'_>, job: &Job, pause: Duration, error: &str) -> Result<(), PurgeError> {
    cx.administrator()?;
    Ok(cx.tx.delay_job(job.id, cx.now.plus(pause), job.n_tries, error)?)
}

/// Gives up a job that nobody can read.
///
/// # Errors
/// [`PurgeError`].
pub fn give_up(cx: &mut Ctx<'_>, job: &Job, error: &str) -> Result<(), PurgeError> {
    cx.administrator()?;
    Ok(cx.tx.fail_job(job.id, cx.now, error)?)
}

/// True once nothing of the list is left.
fn list_piece(cx: &mut Ctx<'_>, list: ListId) -> Result<bool, StoreError> {
    let Some(account) = cx.tx.find_list_owner(list)? else { return Ok(true) };
    if cx.tx.purge_subscribers(list, PIECE)? > 0
        || cx.tx.purge_suppressions(account, list, PIECE)? > 0
        || cx.tx.purge_import_chunks(list, TEXT_PIECE)? > 0
    {
        return Ok(false);
    }
    cx.tx.purge_list_row(list)?;
    Ok(true)
}

/// True once nothing of the account is left. Its lists go first, whether they were deleted before or not.
fn account_piece(cx: &mut Ctx<'_>, account: AccountId) -> Result<bool, StoreError> {
    if let Some(list) = cx.tx.next_list_of_account(account, ListId::NONE)? {
        list_piece(cx, list)?;
        return Ok(false);
    }
    if cx.tx.purge_account_suppressions(account, PIECE)? > 0
        || cx.tx.purge_global_values(account, PIECE)? > 0
        || cx.tx.purge_messages(account, TEXT_PIECE)? > 0
        || cx.tx.purge_sessions(account, PIECE)? > 0
    {
        return Ok(false);
    }
    cx.tx.purge_account_row(account)?;
    Ok(true)
}

/// Where the purge of a field is: its payload is `<field> <list or 0> <list reached> <number reached>`, the last two absent at first.
struct FieldWalk {
    account: AccountId,
    field: FieldId,
    only: ListId,
    list: ListId,
    after: SubscriberNumber,
}

impl FieldWalk {
    fn read(account: AccountId, field: FieldId, rest: &[i64]) -> Option<Self> {
        let (only, list, after) = match rest {
            [] => (0, 0, 0),
            [only] => (*only, *only, 0),
            [only, list, after] => (*only, *list, *after),
            _ => return None,
        };
        Some(Self { account, field, only: ListId(only), list: ListId(list), after: SubscriberNumber(after) })
    }

    fn payload(&self) -> String {
        format!("{} {} {} {}", self.field, self.only, self.list, self.after)
    }
}

/// Whether it is done, and otherwise the payload to go on with.
fn field_piece(cx: &mut Ctx<'_>, mut walk: FieldWalk) -> Result<(bool, String), StoreError> {
    let field = walk.field;
    if cx.tx.purge_values_of_field(field, PIECE)? > 0 || cx.tx.purge_uniques_of_field(field, PIECE)? > 0 {
        return Ok((false, walk.payload()));
    }
    let texts = cx.tx.list_field_texts(walk.list, walk.after, PIECE)?;
    for (number, text) in &texts {
        let mut values = field_values::from_text(text)?;
        if values.remove(&field).is_some() {
            cx.tx.set_field_text(walk.list, *number, &field_values::to_text(&values))?;
        }
    }
    if let Some((last, _)) = texts.last() {
        walk.after = *last;
        return Ok((false, walk.payload()));
    }
    if walk.only == ListId::NONE
        && let Some(next) = cx.tx.next_list_of_account(walk.account, walk.list)?
    {
        walk.list = next;
        walk.after = SubscriberNumber::NONE;
        return Ok((false, walk.payload()));
    }
    cx.tx.purge_field_row(field)?;
    Ok((true, String::new()))
}
