//! Contents of `queries/queues.rs` and of the backends' `claims.rs`.

use crate::model::ids::{AccountId, HookId, JobId, ListId, MailId, NodeId};
use crate::model::states::{HookEvent, JobKind, QueueState};
use crate::model::time::UtcTime;
use crate::store::rows::lists::HookRow;
use crate::store::rows::queues::{JobRow, MailDelay, MailRow, NewJobRow, NewMailRow};

queries! { queues {
    /// Queues a mail.
    fn insert_mail(mail: &NewMailRow) -> MailId;
    /// Queues a job.
    fn insert_job(job: &NewJobRow) -> JobId;
    /// The hooks of a list for one kind of event, oldest first.
    fn list_hooks_for(list: ListId, event: HookEvent) -> Vec<HookRow>;
    /// One hook, whatever list it belongs to.
    fn find_hook_to_call(id: HookId) -> Option<HookRow>;
    /// The address that notices to an account go to; `None` when it is gone.
    fn find_notice_address(account: AccountId) -> Option<String>;
    /// The sender address of a mail; `None` when it is known no more.
    fn find_mail_sender(id: MailId) -> Option<String>;
    /// Whether a mail can be claimed: due, or left behind by a lease that ended.
    fn is_mail_due(now: UtcTime) -> bool;
    /// Whether a job of this kind can be claimed.
    fn is_job_due(kind: JobKind, now: UtcTime) -> bool;
    /// The first and the last mail there is.
    fn find_mail_span() -> Option<(MailId, MailId)>;
    /// Makes those waiting mails due now that are due later, of these numbers.
    fn hasten_mails(first: MailId, last: MailId, now: UtcTime) -> ();
    /// The first and the last job there is.
    fn find_job_span() -> Option<(JobId, JobId)>;
    /// Makes those waiting jobs due now that are due later, of these numbers.
    fn hasten_jobs(first: JobId, last: JobId, now: UtcTime) -> ();
    /// Begins the leases of these mails anew where they ended.
    fn renew_mails(ids: &[MailId], now: UtcTime, until: UtcTime) -> ();
    /// Ends a mail that is out and empties its bodies.
    fn finish_mail(id: MailId, at: UtcTime, reply: &str) -> ();
    /// Ends a mail that does not go out, if this node has it leased; false when it has not.
    fn drop_mail(id: MailId, node: NodeId, state: QueueState, at: UtcTime, error: &str) -> bool;
    /// Puts a mail back until it is due again, if this node has it leased.
    fn delay_mail(id: MailId, node: NodeId, delay: &MailDelay<'_>) -> ();
    /// Marks a job done.
    fn finish_job(id: JobId, at: UtcTime) -> ();
    /// Puts a job back until `due`, with this many tries behind it.
    fn delay_job(id: JobId, due: UtcTime, n_tries: i64, error: &str) -> ();
    /// Gives a job up.
    fn fail_job(id: JobId, at: UtcTime, error: &str) -> ();
    /// Notes how far a leased job came and prolongs its lease.
    fn renew_job(id: JobId, until: UtcTime, payload: &str) -> ();
    /// Removes up to `n` mails in this end state that ended before `before`; answers how many.
    fn delete_ended_mails(state: QueueState, before: UtcTime, n: i64) -> usize;
    /// Removes up to `n` jobs of this kind in this end state that ended before `before`; answers how many.
    fn delete_ended_jobs(kind: JobKind, state: QueueState, before: UtcTime, n: i64) -> usize;
} }

queries! { claims {
    /// Whether other processes may work off the same queues.
    fn may_have_company() -> bool;
    /// Leases up to `n` mails of this state that are due at `now` for a node, until `until`; counts a try. Order is not promised.
    fn claim_mails(node: NodeId, state: QueueState, n: i64, now: UtcTime, until: UtcTime) -> Vec<MailRow>;
    /// Leases up to `n` jobs of this kind and state that are due at `now`, until `until`; counts a try. Order is not promised.
    fn claim_jobs(kind: JobKind, state: QueueState, n: i64, now: UtcTime, until: UtcTime) -> Vec<JobRow>;
} }
