//! Purges: what is left behind a deleted list, account, field or opt-in goes in bounded pieces, each its own transaction.
//!
//! Every piece leaves the rest findable, so a purge that a crash cut short goes on where it was. The consent log stays: it is the proof.

use std::time::Duration;

use crate::domain::access::Denied;
use crate::domain::core::Unavailable;
use crate::domain::cx::Ctx;
use crate::domain::field_values as global_values;
use crate::domain::outbox::queue_job;
use crate::domain::workload::Job;
use crate::model::ids::{AccountId, FieldId, JobId, ListId, OptInId, SubscriberNumber};
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

/// Queues the removal of what contacts said to an opt-in. Remove its row in the same transaction.
///
/// # Errors
/// [`StoreError`] only.
pub fn queue_opt_in(cx: &mut Ctx<'_>, account: AccountId, list: ListId, id: OptInId) -> Result<JobId, StoreError> {
    queue_job(cx, account, JobKind::PurgeOptIn, format!("{list} {id} 0"))
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
        (JobKind::PurgeOptIn, [list, opt_in, after]) => {
            let last = cx.tx.purge_said(ListId(*list), OptInId(*opt_in), SubscriberNumber(*after), PIECE)?;
            (last.is_none(), format!("{list} {opt_in} {}", last.unwrap_or(SubscriberNumber::NONE)))
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
    // The marks of its sorted shelves would not follow the rows that go; nobody pages through a deleted list.
    cx.tx.drop_marks(list)?;
    if subscribers_piece(cx, account, list)? > 0
        || cx.tx.purge_suppressions(account, list, PIECE)? > 0
        || cx.tx.purge_import_chunks(list, TEXT_PIECE)? > 0
        || cx.tx.purge_data_rows(list, PIECE)? > 0
        || cx.tx.purge_devices(list, PIECE)? > 0
        || cx.tx.purge_messages_of_list(account, list, TEXT_PIECE)? > 0
        || cx.tx.purge_recipients_of_list(list, PIECE)? > 0
    {
        return Ok(false);
    }
    cx.tx.purge_tables(list)?;
    cx.tx.purge_mobile_apps(list)?;
    cx.tx.purge_webhooks_of_list(list)?;
    cx.tx.purge_list_row(list)?;
    Ok(true)
}

/// Removes the first subscribers of a list, and with the last subscription of an address its global values. Answers how many went.
fn subscribers_piece(cx: &mut Ctx<'_>, account: AccountId, list: ListId) -> Result<usize, StoreError> {
    if !global_values::has_global_fields(cx, account)? {
        return cx.tx.purge_subscribers(list, PIECE);
    }
    cx.tx.hold_lists(&[list], "", true)?;
    let gone = cx.tx.list_first_addresses(list, PIECE)?;
    let n_gone = cx.tx.purge_subscribers(list, PIECE)?;
    let keys: Vec<&str> = gone.iter().map(String::as_str).collect();
    global_values::forget_unknown(cx, account, &keys)?;
    Ok(n_gone)
}

/// True once nothing of the account is left. Its lists go first, whether they were deleted before or not.
fn account_piece(cx: &mut Ctx<'_>, account: AccountId) -> Result<bool, StoreError> {
    if let Some(list) = cx.tx.next_list_of_account(account, ListId::NONE)? {
        list_piece(cx, list)?;
        return Ok(false);
    }
    if cx.tx.purge_account_suppressions(account, PIECE)? > 0
        || cx.tx.purge_global_values(account, PIECE)? > 0
        || cx.tx.purge_campaigns(account, PIECE)? > 0
        || cx.tx.purge_messages(account, TEXT_PIECE)? > 0
        || cx.tx.purge_sessions(account, PIECE)? > 0
    {
        return Ok(false);
    }
    cx.tx.purge_webhooks(account)?;
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
    if cx.tx.purge_values_of_field(field, PIECE)? > 0 || cx.tx.delete_holders_of_field(field, PIECE)? > 0 {
        return Ok((false, walk.payload()));
    }
    // Otherwise a subscriber that changes between our look and our writing would lose the change.
    cx.tx.hold_lists(&[walk.list], "", false)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::Sample;
    use crate::domain::suppression::{self, Scope};
    use crate::model::email_address::EmailAddress;
    use crate::model::states::SuppressionReason;
    use crate::model::time::UtcTime;
    use crate::store::rows::field_values::FieldValues;

    const LEASE: Duration = Duration::from_secs(60);

    /// Runs the one queued purge of this kind to its end and answers how many pieces it took.
    async fn run(sample: &Sample, kind: JobKind) -> usize {
        let claim = move |cx: &mut Ctx<'_>| crate::domain::workload::claim_jobs(cx, kind, 1, LEASE);
        let mut job = sample.write(claim).await.expect("claim").pop().expect("a queued purge");
        let mut n_pieces = 0;
        loop {
            n_pieces += 1;
            let at_hand = job.clone();
            match sample.write(move |cx| step(cx, &at_hand, LEASE).map_err(crate::domain::sample::of_purge)).await {
                Ok(Progress::More(payload)) => job.payload = payload,
                Ok(Progress::Done) => return n_pieces,
                Err(error) => panic!("{error}"),
            }
        }
    }

    #[tokio::test]
    async fn a_purged_list_leaves_nothing_and_touches_no_other() {
        let sample = Sample::open().await;
        let (account, list) = (sample.account, sample.list);
        let other = sample.another_list().await;
        sample.subscribe(list, 3_000, &FieldValues::new()).await;
        sample.subscribe(other, 2, &FieldValues::new()).await;
        sample
            .write(move |cx| {
                let email = EmailAddress::parse("gone@example.com").expect("address");
                suppression::suppress(cx, Scope::List(account, list), &email, SuppressionReason::User)?;
                suppression::suppress(cx, Scope::Account(account), &email, SuppressionReason::User)?;
                assert!(cx.tx.mark_list_deleted(account, list, cx.now)?);
                Ok(queue_list(cx, account, list)?)
            })
            .await
            .expect("queue");
        assert!(run(&sample, JobKind::PurgeList).await > 3_000 / PIECE as usize);
        sample
            .write(move |cx| {
                assert!(cx.tx.list_field_texts(list, SubscriberNumber::NONE, 1)?.is_empty());
                assert!(cx.tx.find_list_totals(list)?.is_none());
                assert!(cx.tx.find_list_owner(list)?.is_none());
                assert_eq!(cx.tx.purge_suppressions(account, list, 10)?, 0);
                assert_eq!(cx.tx.list_field_texts(other, SubscriberNumber::NONE, 10)?.len(), 2);
                assert_eq!(cx.tx.purge_suppressions(account, ListId::NONE, 10)?, 1);
                Ok(())
            })
            .await
            .expect("look");
    }

    #[tokio::test]
    async fn a_purged_account_leaves_nothing() {
        let sample = Sample::open().await;
        let (account, list) = (sample.account, sample.list);
        sample.subscribe(list, 10, &FieldValues::new()).await;
        sample
            .write(move |cx| {
                cx.tx.set_global_value(account, "a@example.com", FieldId(9), "x", cx.now)?;
                crate::domain::sessions::open(cx, crate::domain::sessions::Login::Account(account))?;
                Ok(queue_account(cx, account)?)
            })
            .await
            .expect("queue");
        run(&sample, JobKind::PurgeAccount).await;
        sample
            .write(move |cx| {
                assert!(cx.tx.find_account_rights(account)?.is_none());
                assert!(cx.tx.find_notice_address(account)?.is_none());
                assert!(cx.tx.next_list_of_account(account, ListId::NONE)?.is_none());
                assert!(cx.tx.list_global_values(account, &["a@example.com"])?.is_empty());
                assert_eq!(cx.tx.sweep_sessions(UtcTime(i64::MAX), 10)?, 0);
                Ok(())
            })
            .await
            .expect("look");
    }

    #[tokio::test]
    async fn a_purged_field_is_gone_from_every_subscriber_and_other_fields_stay() {
        let sample = Sample::open().await;
        let (account, list) = (sample.account, sample.list);
        let values = FieldValues::from([(FieldId(5), "gone".to_owned()), (FieldId(6), "stays".to_owned())]);
        sample.subscribe(list, 1_200, &values).await;
        for only in [list, ListId::NONE] {
            let field = if only == list { FieldId(5) } else { FieldId(6) };
            sample.write(move |cx| Ok(queue_field(cx, account, field, only)?)).await.expect("queue");
            run(&sample, JobKind::PurgeField).await;
            let expected = if only == list { r#"{"6":"stays"}"# } else { "{}" };
            sample
                .write(move |cx| {
                    let texts = cx.tx.list_field_texts(list, SubscriberNumber::NONE, 2_000)?;
                    assert_eq!(texts.len(), 1_200);
                    assert!(texts.iter().all(|(_, text)| text == expected));
                    Ok(())
                })
                .await
                .expect("look");
        }
    }
}
