//! Contents of `queries/queues.rs`.

use crate::model::ids::{JobId, ListId, MailId};
use crate::model::states::HookEvent;
use crate::store::rows::lists::HookRow;
use crate::store::rows::queues::{NewJobRow, NewMailRow};

queries! { queues {
    /// Queues a mail.
    fn insert_mail(mail: &NewMailRow) -> MailId;
    /// Queues a job.
    fn insert_job(job: &NewJobRow) -> JobId;
    /// The hooks of a list for one kind of event, oldest first.
    fn list_hooks_for(list: ListId, event: HookEvent) -> Vec<HookRow>;
} }
