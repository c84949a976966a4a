//! What leaves later: mails and jobs become durable rows in the transaction that causes them; workers do them after the commit.

use crate::domain::cx::Ctx;
use crate::model::ids::{AccountId, JobId, ListId, MailId, SubscriberNumber};
use crate::model::states::{HookEvent, JobKind, MailPurpose, QueueState};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::queues::{NewJobRow, NewMailRow};

/// A mail to one person. Header values must not hold line breaks; the worker refuses such mails.
#[derive(Debug, Clone)]
pub struct NewMail {
    /// Whose mail it is; [`AccountId::NONE`] for the server's own.
    pub account: AccountId,
    /// The list it is about; [`ListId::NONE`] for none.
    pub list: ListId,
    /// The subscriber it is about; [`SubscriberNumber::NONE`] for none.
    pub number: SubscriberNumber,
    /// Why it is sent.
    pub purpose: MailPurpose,
    /// Sender's name; empty for the server's.
    pub from_name: String,
    /// Sender's address; empty for the server's.
    pub from_email: String,
    /// Where answers go; empty for the sender.
    pub reply_to: String,
    /// The recipient.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// Body as text.
    pub plain: String,
    /// Body as HTML; empty for none.
    pub html: String,
}

/// Queues a mail.
///
/// # Errors
/// [`StoreError`] only.
pub fn queue_mail(cx: &mut Ctx<'_>, mail: NewMail) -> Result<MailId, StoreError> {
    let or_default = |text: String, default: &str| if text.is_empty() { default.to_owned() } else { text };
    let row = NewMailRow {
        account_id: mail.account,
        list_id: mail.list,
        number: mail.number,
        purpose: mail.purpose,
        from_name: or_default(mail.from_name, &cx.settings.mail.from_name),
        from_email: or_default(mail.from_email, &cx.settings.mail.from_email),
        reply_to: mail.reply_to,
        to_email: mail.to,
        subject: mail.subject,
        plain_body: mail.plain,
        html_body: mail.html,
        state: QueueState::Pending,
        due_at: cx.now,
        n_tries: 0,
        last_error: String::new(),
        created_at: cx.now,
    };
    cx.tx.insert_mail(&row)
}

/// Queues work that is no mail. What `payload` holds is agreed between the caller and the kind's worker.
///
/// # Errors
/// [`StoreError`] only.
pub fn queue_job(cx: &mut Ctx<'_>, account: AccountId, kind: JobKind, payload: String) -> Result<JobId, StoreError> {
    queue_job_at(cx, account, kind, payload, cx.now)
}

/// [`queue_job`] for work that is to begin later.
///
/// # Errors
/// [`StoreError`] only.
pub fn queue_job_at(
    cx: &mut Ctx<'_>,
    account: AccountId,
    kind: JobKind,
    payload: String,
    due_at: UtcTime,
) -> Result<JobId, StoreError> {
    let row = NewJobRow {
        account_id: account,
        kind,
        payload,
        state: QueueState::Pending,
        due_at,
        n_tries: 0,
        last_error: String::new(),
        created_at: cx.now,
    };
    cx.tx.insert_job(&row)
}

/// Queues a call to every hook of a list for this event. Payload: `<hook id> <list id> <subscriber number>`.
///
/// # Errors
/// [`StoreError`] only.
pub fn queue_hooks(
    cx: &mut Ctx<'_>,
    list: ListId,
    number: SubscriberNumber,
    event: HookEvent,
) -> Result<(), StoreError> {
    for hook in cx.tx.list_hooks_for(list, event)? {
        queue_job(cx, hook.account_id, JobKind::ListHook, format!("{} {list} {number}", hook.id))?;
    }
    Ok(())
}

/// [`queue_hooks`] for many subscribers of a list that joined or left together.
///
/// # Errors
/// [`StoreError`] only.
pub fn queue_hooks_of_all(
    cx: &mut Ctx<'_>,
    list: ListId,
    numbers: &[SubscriberNumber],
    event: HookEvent,
) -> Result<(), StoreError> {
    for hook in cx.tx.list_hooks_for(list, event)? {
        for number in numbers {
            queue_job(cx, hook.account_id, JobKind::ListHook, format!("{} {list} {number}", hook.id))?;
        }
    }
    Ok(())
}
