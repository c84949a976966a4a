//! Mails and jobs: queued by the transaction that causes them, finished by the workers. Claims differ per backend: `claims.rs` there.

use diesel::prelude::*;

use super::Conn;
use crate::store::cached::cached;
use crate::model::ids::{AccountId, HookId, JobId, ListId, MailId, NodeId};
use crate::model::states::{HookEvent, JobKind, QueueState};
use crate::model::time::UtcTime;
use crate::store::rows::lists::HookRow;
use crate::store::rows::queues::{MailDelay, NewJobRow, NewMailRow};
use crate::store::schema::{accounts, jobs, list_hooks, mails};

/// Queues a mail.
pub fn insert_mail(conn: &mut Conn, mail: &NewMailRow) -> QueryResult<MailId> {
    diesel::insert_into(mails::table).values(mail).returning(mails::id).get_result(conn)
}

/// Queues a job.
pub fn insert_job(conn: &mut Conn, job: &NewJobRow) -> QueryResult<JobId> {
    diesel::insert_into(jobs::table).values(job).returning(jobs::id).get_result(conn)
}

/// The hooks of a list for one kind of event, oldest first.
pub fn list_hooks_for(conn: &mut Conn, list: ListId, event: HookEvent) -> QueryResult<Vec<HookRow>> {
    list_hooks::table
        .filter(list_hooks::list_id.eq(list))
        .filter(list_hooks::event.eq(event))
        .order(list_hooks::id)
        .select(HookRow::as_select())
        .load(conn)
}

/// One hook, whatever list it belongs to.
pub fn find_hook_to_call(conn: &mut Conn, id: HookId) -> QueryResult<Option<HookRow>> {
    list_hooks::table.filter(list_hooks::id.eq(id)).select(HookRow::as_select()).get_result(conn).optional()
}

/// The address that notices to an account go to; `None` when it is gone.
pub fn find_notice_address(conn: &mut Conn, account: AccountId) -> QueryResult<Option<String>> {
    accounts::table
        .filter(accounts::id.eq(account))
        .filter(accounts::deleted_at.is_null())
        .select(accounts::email)
        .get_result(conn)
        .optional()
}

/// The sender address of a mail; `None` when it is known no more.
pub fn find_mail_sender(conn: &mut Conn, id: MailId) -> QueryResult<Option<String>> {
    mails::table.filter(mails::id.eq(id)).select(mails::from_email).get_result(conn).optional()
}

/// Whether a mail can be claimed: due, or left behind by a lease that ended.
pub fn is_mail_due(conn: &mut Conn, now: UtcTime) -> QueryResult<bool> {
    for state in [QueueState::Pending, QueueState::Leased] {
        let due = mails::table.filter(mails::state.eq(state)).filter(mails::due_at.le(now));
        if due.select(mails::id).limit(1).get_result::<MailId>(conn).optional()?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a job of this kind can be claimed.
pub fn is_job_due(conn: &mut Conn, kind: JobKind, now: UtcTime) -> QueryResult<bool> {
    for state in [QueueState::Pending, QueueState::Leased] {
        let due = jobs::table.filter(jobs::kind.eq(kind)).filter(jobs::state.eq(state)).filter(jobs::due_at.le(now));
        if due.select(jobs::id).limit(1).get_result::<JobId>(conn).optional()?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The first and the last mail there is.
pub fn find_mail_span(conn: &mut Conn) -> QueryResult<Option<(MailId, MailId)>> {
    let ids = mails::table.select(mails::id);
    let Some(first) = ids.order(mails::id).limit(1).get_result(conn).optional()? else { return Ok(None) };
    let last = ids.order(mails::id.desc()).limit(1).get_result(conn).optional()?;
    Ok(last.map(|last| (first, last)))
}

/// Makes those waiting mails due now that are due later, of these numbers.
pub fn hasten_mails(conn: &mut Conn, first: MailId, last: MailId, now: UtcTime) -> QueryResult<()> {
    let numbered = mails::table.filter(mails::id.between(first, last));
    let later = numbered.filter(mails::state.eq(QueueState::Pending)).filter(mails::due_at.gt(now));
    diesel::update(later).set(mails::due_at.eq(now)).execute(conn).map(drop)
}

/// The first and the last job there is.
pub fn find_job_span(conn: &mut Conn) -> QueryResult<Option<(JobId, JobId)>> {
    let ids = jobs::table.select(jobs::id);
    let Some(first) = ids.order(jobs::id).limit(1).get_result(conn).optional()? else { return Ok(None) };
    let last = ids.order(jobs::id.desc()).limit(1).get_result(conn).optional()?;
    Ok(last.map(|last| (first, last)))
}

/// Makes those waiting jobs due now that are due later, of these numbers.
pub fn hasten_jobs(conn: &mut Conn, first: JobId, last: JobId, now: UtcTime) -> QueryResult<()> {
    let numbered = jobs::table.filter(jobs::id.between(first, last));
    let later = numbered.filter(jobs::state.eq(QueueState::Pending)).filter(jobs::due_at.gt(now));
    diesel::update(later).set(jobs::due_at.eq(now)).execute(conn).map(drop)
}

/// Begins the leases of these mails anew where they ended.
pub fn renew_mails(conn: &mut Conn, ids: &[MailId], now: UtcTime, until: UtcTime) -> QueryResult<()> {
    let ended = mails::table.filter(mails::id.eq_any(ids.to_vec())).filter(mails::due_at.le(now));
    diesel::update(ended.filter(mails::state.eq(QueueState::Leased)))
        .set((mails::due_at.eq(until), mails::leased_until.eq(until)))
        .execute(conn)
        .map(drop)
}

/// Ends a mail that is out. Its bodies go at once: they may hold passwords and links that open something.
pub fn finish_mail(conn: &mut Conn, id: MailId, at: UtcTime, reply: &str) -> QueryResult<()> {
    cached!(diesel::update(mails::table.filter(mails::id.eq(id))).set((
        mails::state.eq(QueueState::Done),
        mails::finished_at.eq(at),
        mails::leased_until.eq(None::<UtcTime>),
        mails::reply.eq(reply),
        mails::last_error.eq(""),
        mails::plain_body.eq(""),
        mails::html_body.eq(""),
    )))
    .run(conn)
}

/// Ends a mail that does not go out: given up or not wanted. Its bodies stay until the row is swept, so that its owner can see what it was.
pub fn drop_mail(
    conn: &mut Conn,
    id: MailId,
    node: NodeId,
    state: QueueState,
    at: UtcTime,
    error: &str,
) -> QueryResult<bool> {
    let leased = mails::table.filter(mails::state.eq(QueueState::Leased)).filter(mails::leased_by.eq(node));
    diesel::update(leased.filter(mails::id.eq(id)))
        .set((
            mails::state.eq(state),
            mails::finished_at.eq(at),
            mails::leased_until.eq(None::<UtcTime>),
            mails::last_error.eq(error),
        ))
        .execute(conn)
        .map(|n| n > 0)
}

/// Puts a mail back until `due`, with this many tries behind it.
pub fn delay_mail(conn: &mut Conn, id: MailId, node: NodeId, delay: &MailDelay<'_>) -> QueryResult<()> {
    let leased = mails::table.filter(mails::state.eq(QueueState::Leased)).filter(mails::leased_by.eq(node));
    diesel::update(leased.filter(mails::id.eq(id)))
        .set((
            mails::state.eq(QueueState::Pending),
            mails::due_at.eq(delay.due_at),
            mails::leased_until.eq(None::<UtcTime>),
            mails::n_tries.eq(delay.n_tries),
            mails::is_uncertain.eq(delay.is_uncertain),
            mails::last_error.eq(delay.error),
        ))
        .execute(conn)
        .map(drop)
}

/// Marks a job done.
pub fn finish_job(conn: &mut Conn, id: JobId, at: UtcTime) -> QueryResult<()> {
    diesel::update(jobs::table.filter(jobs::id.eq(id)))
        .set((
            jobs::state.eq(QueueState::Done),
            jobs::finished_at.eq(at),
            jobs::leased_until.eq(None::<UtcTime>),
            jobs::last_error.eq(""),
        ))
        .execute(conn)
        .map(drop)
}

/// Puts a job back until `due`, with this many tries behind it.
pub fn delay_job(conn: &mut Conn, id: JobId, due: UtcTime, n_tries: i64, error: &str) -> QueryResult<()> {
    diesel::update(jobs::table.filter(jobs::id.eq(id)))
        .set((
            jobs::state.eq(QueueState::Pending),
            jobs::due_at.eq(due),
            jobs::leased_until.eq(None::<UtcTime>),
            jobs::n_tries.eq(n_tries),
            jobs::last_error.eq(error),
        ))
        .execute(conn)
        .map(drop)
}

/// Gives a job up.
pub fn fail_job(conn: &mut Conn, id: JobId, at: UtcTime, error: &str) -> QueryResult<()> {
    diesel::update(jobs::table.filter(jobs::id.eq(id)))
        .set((
            jobs::state.eq(QueueState::Failed),
            jobs::finished_at.eq(at),
            jobs::leased_until.eq(None::<UtcTime>),
            jobs::last_error.eq(error),
        ))
        .execute(conn)
        .map(drop)
}

/// Notes how far a leased job came and prolongs its lease.
pub fn renew_job(conn: &mut Conn, id: JobId, until: UtcTime, payload: &str) -> QueryResult<()> {
    diesel::update(jobs::table.filter(jobs::id.eq(id)))
        .set((jobs::due_at.eq(until), jobs::leased_until.eq(until), jobs::payload.eq(payload)))
        .execute(conn)
        .map(drop)
}

/// Removes up to `n` mails in this end state that ended before `before`; answers how many.
pub fn delete_ended_mails(conn: &mut Conn, state: QueueState, before: UtcTime, n: i64) -> QueryResult<usize> {
    // A row ends after it was due, so the index on (state, due_at) narrows the search.
    let old: Vec<MailId> = mails::table
        .filter(mails::state.eq(state))
        .filter(mails::due_at.lt(before))
        .filter(mails::finished_at.lt(before))
        .order(mails::due_at)
        .select(mails::id)
        .limit(n)
        .load(conn)?;
    super::enclosures::delete_mail_messages(conn, &old)?;
    diesel::delete(mails::table.filter(mails::id.eq_any(old))).execute(conn)
}

/// Removes up to `n` jobs of this kind in this end state that ended before `before`; answers how many.
pub fn delete_ended_jobs(
    conn: &mut Conn,
    kind: JobKind,
    state: QueueState,
    before: UtcTime,
    n: i64,
) -> QueryResult<usize> {
    let old: Vec<JobId> = jobs::table
        .filter(jobs::kind.eq(kind))
        .filter(jobs::state.eq(state))
        .filter(jobs::due_at.lt(before))
        .filter(jobs::finished_at.lt(before))
        .order(jobs::due_at)
        .select(jobs::id)
        .limit(n)
        .load(conn)?;
    diesel::delete(jobs::table.filter(jobs::id.eq_any(old))).execute(conn)
}
