//! Mails and jobs: queued by the transaction that causes them.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{JobId, ListId, MailId};
use crate::model::states::HookEvent;
use crate::store::rows::lists::HookRow;
use crate::store::rows::queues::{NewJobRow, NewMailRow};
use crate::store::schema::{jobs, list_hooks, mails};

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
