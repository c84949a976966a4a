//! Leasing queue rows on PostgreSQL: rows that another node is just leasing are passed over, so that nodes share without waiting.

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Conn;
use crate::model::ids::{JobId, MailId, NodeId};
use crate::model::states::{JobKind, QueueState};
use crate::model::time::UtcTime;
use crate::store::rows::queues::{JobRow, MailRow};
use crate::store::schema::{jobs, mails};

/// Leases mails. A leased row is due again when its lease ends; nobody knows then whether its mail is out.
pub fn claim_mails(
    conn: &mut Conn,
    node: NodeId,
    state: QueueState,
    n: i64,
    now: UtcTime,
    until: UtcTime,
) -> QueryResult<Vec<MailRow>> {
    let due: Vec<MailId> = mails::table
        .filter(mails::state.eq(state))
        .filter(mails::due_at.le(now))
        .order(mails::due_at)
        .select(mails::id)
        .limit(n)
        .for_update()
        .skip_locked()
        .load(conn)?;
    let was_leased = state == QueueState::Leased;
    diesel::update(mails::table.filter(mails::id.eq_any(due)))
        .set((
            mails::state.eq(QueueState::Leased),
            mails::due_at.eq(until),
            mails::leased_until.eq(until),
            mails::leased_by.eq(node),
            mails::n_tries.eq(mails::n_tries + 1),
            mails::is_uncertain.eq(mails::is_uncertain.or(was_leased.into_sql::<Bool>())),
        ))
        .returning(MailRow::as_returning())
        .get_results(conn)
}

/// Several processes may work the queues of one database off.
pub fn may_have_company(_: &mut Conn) -> QueryResult<bool> {
    Ok(true)
}

/// Leases jobs. A leased row is due again when its lease ends.
pub fn claim_jobs(
    conn: &mut Conn,
    kind: JobKind,
    state: QueueState,
    n: i64,
    now: UtcTime,
    until: UtcTime,
) -> QueryResult<Vec<JobRow>> {
    let due: Vec<JobId> = jobs::table
        .filter(jobs::kind.eq(kind))
        .filter(jobs::state.eq(state))
        .filter(jobs::due_at.le(now))
        .order(jobs::due_at)
        .select(jobs::id)
        .limit(n)
        .for_update()
        .skip_locked()
        .load(conn)?;
    diesel::update(jobs::table.filter(jobs::id.eq_any(due)))
        .set((
            jobs::state.eq(QueueState::Leased),
            jobs::due_at.eq(until),
            jobs::leased_until.eq(until),
            jobs::n_tries.eq(jobs::n_tries + 1),
        ))
        .returning(JobRow::as_returning())
        .get_results(conn)
}
