//! Working a batch off: one bounded piece after the other, each its own transaction that queues mails and notes how far it came. A crash in between costs
//! nothing: the piece was done or was not, and the next one goes on behind the last contact that was looked at.

use std::time::Duration;

use crate::domain::contacts;
use crate::domain::cx::Ctx;
use crate::domain::messages::versions;
use crate::domain::projects;
use crate::domain::sendings::render::Prepared;
use crate::domain::workload::{Job, WorkError, numbers};
use crate::model::ids::SendingId;
use crate::model::states::{MailPurpose, SendingState};
use crate::store::StoreError;
use crate::store::rows::selections;
use crate::store::rows::sendings::SendingRow;

/// Contacts looked at in one piece.
const PIECE: i64 = 200;

/// Does one piece of a claimed batch and prolongs the lease, or ends it; true when there is more. For the worker.
///
/// # Errors
/// [`WorkError`].
pub fn step(cx: &mut Ctx<'_>, job: &Job, lease: Duration) -> Result<bool, WorkError> {
    cx.administrator()?;
    let Some([id]) = numbers(&job.payload) else { return Err(StoreError::Unreadable("jobs.payload").into()) };
    let has_more = match cx.tx.take_sending(SendingId(id))? {
        None => false,
        Some(sending) => piece(cx, &sending)?,
    };
    if has_more {
        cx.tx.renew_job(job.id, cx.now.plus(lease), &job.payload)?;
    } else {
        cx.tx.finish_job(job.id, cx.now)?;
    }
    Ok(has_more)
}

/// Puts a batch that met an error back for later, however often that happens; one that nobody can read is given up. For the worker.
///
/// # Errors
/// [`WorkError`].
pub fn set_back(cx: &mut Ctx<'_>, job: &Job, error: &WorkError, pause: Duration) -> Result<(), WorkError> {
    cx.administrator()?;
    let text = error.to_string();
    if !matches!(error, WorkError::Store(StoreError::Unreadable(_))) {
        return Ok(cx.tx.delay_job(job.id, cx.now.plus(pause), job.n_tries, &text)?);
    }
    if let Some([id]) = numbers(&job.payload) {
        cx.tx.end_sending(SendingId(id), SendingState::Failed, cx.now, &text)?;
    }
    Ok(cx.tx.fail_job(job.id, cx.now, &text)?)
}

/// True when there is more.
fn piece(cx: &mut Ctx<'_>, sending: &SendingRow) -> Result<bool, WorkError> {
    let fail = |cx: &mut Ctx<'_>, why: &str| -> Result<bool, WorkError> {
        cx.tx.end_sending(sending.id, SendingState::Failed, cx.now, why)?;
        Ok(false)
    };
    let Some(list) = cx.tx.find_list(sending.account_id, sending.list_id)? else {
        return fail(cx, "the project is gone");
    };
    let project = projects::of_list(cx, list)?;
    let Some(message) = versions::find(cx, sending.account_id, sending.list_id, sending.message_id)? else {
        return fail(cx, "the message is gone");
    };
    let selection = selections::from_text(&sending.filter)?;
    let rows = cx.tx.select_subscribers(project.id(), &selection, sending.after_number, PIECE)?;
    let Some(last) = rows.last().map(|row| row.number) else {
        cx.tx.end_sending(sending.id, SendingState::Done, cx.now, "")?;
        tracing::info!(
            sending.id = %sending.id, n_mails = sending.n_queued, "batch {} is done: {} mails", sending.id, sending.n_queued
        );
        return Ok(false);
    };
    let found = i64::try_from(rows.len()).unwrap_or(PIECE);
    let keys: Vec<&str> = rows.iter().map(|row| row.email_key.as_str()).collect();
    let suppressed = cx.tx.find_suppressed(project.account(), project.id(), &keys)?;
    let prepared = Prepared::new(cx, &project, message, None, &[], MailPurpose::BatchSending)?;
    let mut n_queued = 0;
    for (place, contact) in (0_i64..).zip(contacts::with_details(cx, &project, rows)?) {
        if !suppressed.contains(&place) && prepared.queue(cx, &contact)?.is_ok() {
            n_queued += 1;
        }
    }
    cx.tx.advance_sending(sending.id, last, found, n_queued, found - n_queued)?;
    Ok(true)
}
