//! What the workers ask of the domain: work under a lease, and how it ended. A crash returns work when its lease ends: tried twice, never lost.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::access::Denied;
use crate::domain::campaigns::supervise;
use crate::domain::cx::Ctx;
use crate::domain::guessing;
use crate::domain::mobile;
use crate::domain::outbox::{self, NewMail};
use crate::domain::returns;
use crate::model::ids::{FieldId, HookId, JobId, ListId, SubscriberNumber};
use crate::model::states::{JobKind, MailPurpose, QueueState};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::field_values;
use crate::store::rows::lists::{HookRow, ListRow};
use crate::store::rows::queues::JobRow;
use crate::store::rows::subscribers::SubscriberRow;

/// A claimed job. `n_tries` counts this one.
pub type Job = JobRow;

/// Done rows are kept this long, so that what happened can be looked up.
const KEEP_DONE: Duration = Duration::from_secs(7 * 24 * 3600);
/// Rows given up are kept this long.
const KEEP_FAILED: Duration = Duration::from_secs(30 * 24 * 3600);
/// Rows that one sweeping transaction removes at most.
pub const SWEEP_PIECE: i64 = 500;
/// Errors are kept up to this many characters.
const MAX_ERROR_CHARS: usize = 500;

/// Why a worker got no further.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
    /// See [`crate::domain::core::Unavailable`].
    #[error(transparent)]
    Unavailable(#[from] crate::domain::core::Unavailable),
}

/// How a try ended when it did not succeed.
#[derive(Debug, Clone)]
pub enum Setback {
    /// Try again; after `max_tries` tries it is given up.
    Again {
        /// What went wrong.
        error: String,
        /// Tries in all.
        max_tries: i64,
    },
    /// Another try would end alike.
    Final {
        /// What went wrong.
        error: String,
    },
}

/// A call to a web address that a list's owner registered.
#[derive(Debug, Clone)]
pub struct HookCall {
    /// The job behind it.
    pub job: Job,
    /// What is called, and for which event.
    pub hook: HookRow,
    /// The list it happened on.
    pub list: ListRow,
    /// Whom it happened to, as they stand now.
    pub subscriber: SubscriberRow,
    /// The subscriber's values, list-wide and global.
    pub values: BTreeMap<FieldId, String>,
}

/// Whether any job of these kinds can be claimed. Cheap, and needs no transaction.
///
/// # Errors
/// [`WorkError`].
pub fn is_job_due(cx: &mut Ctx<'_>, kinds: &[JobKind]) -> Result<bool, WorkError> {
    cx.administrator()?;
    for kind in kinds {
        if cx.tx.is_job_due(*kind, cx.now)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Claims up to `n` due jobs of one kind for the length of the lease, those of ended leases first. Order is not promised.
///
/// # Errors
/// [`WorkError`].
pub fn claim_jobs(cx: &mut Ctx<'_>, kind: JobKind, n: i64, lease: Duration) -> Result<Vec<Job>, WorkError> {
    cx.administrator()?;
    let (now, until) = (cx.now, cx.now.plus(lease));
    let mut claimed = cx.tx.claim_jobs(kind, QueueState::Leased, n, now, until)?;
    let rest = n.saturating_sub(i64::try_from(claimed.len()).unwrap_or(n));
    claimed.extend(cx.tx.claim_jobs(kind, QueueState::Pending, rest, now, until)?);
    Ok(claimed)
}

/// Claims up to `n` hook calls. Jobs whose hook, list or subscriber is gone have nothing left to tell and are marked done.
///
/// # Errors
/// [`WorkError`].
pub fn claim_hook_calls(cx: &mut Ctx<'_>, n: i64, lease: Duration) -> Result<Vec<HookCall>, WorkError> {
    let mut calls = Vec::new();
    for job in claim_jobs(cx, JobKind::ListHook, n, lease)? {
        let id = job.id;
        match hook_call(cx, job)? {
            Some(call) => calls.push(call),
            None => cx.tx.finish_job(id, cx.now)?,
        }
    }
    Ok(calls)
}

fn hook_call(cx: &mut Ctx<'_>, job: Job) -> Result<Option<HookCall>, WorkError> {
    let Some([hook, list, number]) = numbers(&job.payload) else {
        return Err(StoreError::Unreadable("jobs.payload").into());
    };
    let (list, number) = (ListId(list), SubscriberNumber(number));
    let Some(hook) = cx.tx.find_hook_to_call(HookId(hook))?.filter(|hook| hook.list_id == list) else {
        return Ok(None);
    };
    let Some(list) = cx.tx.find_list(hook.account_id, list)? else { return Ok(None) };
    let Some(subscriber) = cx.tx.find_subscriber(list.id, number)? else { return Ok(None) };
    let mut values: BTreeMap<_, _> = field_values::from_text(&subscriber.fields)?.into_iter().collect();
    let global = cx.tx.list_global_values(hook.account_id, &[subscriber.email_key.as_str()])?;
    values.extend(global.into_iter().map(|(_, field, value)| (field, value)));
    Ok(Some(HookCall { job, hook, list, subscriber, values }))
}

/// A hook was called and said yes.
///
/// # Errors
/// [`WorkError`].
pub fn finish_job(cx: &mut Ctx<'_>, job: JobId) -> Result<(), WorkError> {
    cx.administrator()?;
    Ok(cx.tx.finish_job(job, cx.now)?)
}

/// Puts a job back untried, to come up again after `pause`.
///
/// # Errors
/// [`WorkError`].
pub fn put_back_job(cx: &mut Ctx<'_>, job: &Job, pause: Duration) -> Result<(), WorkError> {
    cx.administrator()?;
    let n_tries = (job.n_tries - 1).max(0);
    Ok(cx.tx.delay_job(job.id, cx.now.plus(pause), n_tries, "")?)
}

/// A hook call did not succeed. When it is given up and the list asks for it, the list's owner is told by mail.
///
/// # Errors
/// [`WorkError`].
pub fn set_back_hook(cx: &mut Ctx<'_>, call: &HookCall, setback: &Setback) -> Result<(), WorkError> {
    cx.administrator()?;
    match verdict(setback, call.job.n_tries, cx.now) {
        Verdict::Later(due, error) => cx.tx.delay_job(call.job.id, due, call.job.n_tries, &error)?,
        Verdict::Never(error) => {
            cx.tx.fail_job(call.job.id, cx.now, &error)?;
            if call.list.notify_integration_failure {
                notify_owner(cx, call, &error)?;
            }
        }
    }
    Ok(())
}

/// A job did not succeed: it comes up again, or is given up.
///
/// # Errors
/// [`WorkError`].
pub fn set_back_job(cx: &mut Ctx<'_>, job: &Job, setback: &Setback) -> Result<(), WorkError> {
    cx.administrator()?;
    match verdict(setback, job.n_tries, cx.now) {
        Verdict::Later(due, error) => cx.tx.delay_job(job.id, due, job.n_tries, &error)?,
        Verdict::Never(error) => cx.tx.fail_job(job.id, cx.now, &error)?,
    }
    Ok(())
}

fn notify_owner(cx: &mut Ctx<'_>, call: &HookCall, error: &str) -> Result<(), StoreError> {
    let Some(to) = cx.tx.find_notice_address(call.hook.account_id)? else { return Ok(()) };
    let list_name: String = call.list.name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let plain = format!(
        "The web service of a list could not be told of a change and is given up.\r\n\r\n\
         List: {list_name} ({})\r\nAddress called: {}\r\nSubscriber: {} ({})\r\nTries: {}\r\nLast error: {error}\r\n",
        call.list.id, call.hook.url, call.subscriber.email, call.subscriber.number, call.job.n_tries,
    );
    let notice = NewMail {
        account: call.hook.account_id,
        list: call.list.id,
        number: SubscriberNumber::NONE,
        purpose: MailPurpose::Notice,
        from_name: String::new(),
        from_email: String::new(),
        reply_to: String::new(),
        to,
        subject: format!("Web service of list {list_name} failed"),
        plain,
        html: String::new(),
    };
    outbox::queue_mail(cx, notice).map(drop)
}

/// Removes one piece of what is over: expired sessions and password requests, old failed logins, rows of the
/// queues after their keeping time.
/// Answers how many rows went; 0 when nothing is left.
///
/// # Errors
/// [`WorkError`].
pub fn sweep(cx: &mut Ctx<'_>) -> Result<usize, WorkError> {
    cx.administrator()?;
    let (now, n) = (cx.now, SWEEP_PIECE);
    let mut removed = cx.tx.sweep_sessions(now, n)?;
    removed += cx.tx.sweep_password_requests(now, n)?;
    removed += guessing::sweep(cx, n)?;
    removed += mobile::sweep(cx, n)?;
    removed += returns::sweep(cx, n)?;
    removed += supervise::sweep(cx, n)?;
    for (state, keep) in
        [(QueueState::Done, KEEP_DONE), (QueueState::Failed, KEEP_FAILED), (QueueState::Skipped, KEEP_FAILED)]
    {
        let before = now.minus(keep);
        removed += cx.tx.delete_ended_mails(state, before, n)?;
        for kind in JobKind::ALL {
            removed += cx.tx.delete_ended_jobs(*kind, state, before, n)?;
        }
    }
    Ok(removed)
}

/// The whole numbers of a payload, when there are exactly `N`.
pub(in crate::domain) fn numbers<const N: usize>(payload: &str) -> Option<[i64; N]> {
    let read: Vec<i64> = payload.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    read.try_into().ok()
}

enum Verdict {
    Later(UtcTime, String),
    Never(String),
}

/// An error as far as it is kept.
pub(in crate::domain) fn cut(error: &str) -> String {
    error.chars().take(MAX_ERROR_CHARS).collect()
}

fn verdict(setback: &Setback, n_tries: i64, now: UtcTime) -> Verdict {
    match setback {
        Setback::Again { error, max_tries } if n_tries < *max_tries => {
            Verdict::Later(now.plus(pause_after(n_tries)), cut(error))
        }
        Setback::Again { error, .. } | Setback::Final { error } => Verdict::Never(cut(error)),
    }
}

/// The wait after the nth try: 30 seconds, doubled with each, 4 hours at most. Twelve tries therefore span some 12 hours.
fn pause_after(n_tries: i64) -> Duration {
    let doublings = u32::try_from((n_tries - 1).clamp(0, 20)).unwrap_or(20);
    Duration::from_secs((30_u64 << doublings).min(4 * 3600))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mail_queue::{self, Mail};
    use crate::domain::sample::{self, Sample};
    use crate::store::rows::queues::MailDelay;

    #[test]
    fn pauses_grow_and_are_bounded() {
        assert_eq!(pause_after(1), Duration::from_secs(30));
        assert_eq!(pause_after(3), Duration::from_secs(120));
        assert_eq!(pause_after(60), Duration::from_secs(4 * 3600));
        let span: Duration = (1..12).map(pause_after).sum();
        assert!(span > Duration::from_secs(8 * 3600) && span < Duration::from_secs(24 * 3600), "{span:?}");
    }

    #[test]
    fn payloads_are_read_whole_or_not_at_all() {
        assert_eq!(numbers::<3>("1 2 3"), Some([1, 2, 3]));
        assert_eq!(numbers::<3>("1 2"), None);
        assert_eq!(numbers::<1>("x"), None);
    }

    async fn claim(sample: &Sample, lease: Duration) -> Vec<Mail> {
        sample.write(move |cx| mail_queue::claim(cx, sample::NODE, 10, lease, &[])).await.expect("claim")
    }

    #[tokio::test]
    async fn a_hook_that_fails_is_tried_again_then_given_up_with_a_notice() {
        let sample = Sample::open().await;
        let (account, list) = (sample.account, sample.list);
        let call = sample
            .write(move |cx| {
                outbox::queue_job(cx, account, JobKind::ListHook, format!("1 {list} 1"))?;
                let job = claim_jobs(cx, JobKind::ListHook, 1, Duration::ZERO)?.pop().expect("job");
                let mut list = cx.tx.find_list(account, list)?.expect("list");
                list.notify_integration_failure = true;
                Ok(sample::hook_call(job, list, "http://192.0.2.1/"))
            })
            .await
            .expect("claim");
        let setback = Setback::Again { error: "no answer".to_owned(), max_tries: 2 };
        let (first, again) = (call.clone(), setback.clone());
        sample.write(move |cx| set_back_hook(cx, &first, &again)).await.expect("set back");
        assert!(!sample.write(|cx| is_job_due(cx, JobKind::ALL)).await.expect("look"), "waits for its pause");
        assert!(claim(&sample, Duration::ZERO).await.is_empty(), "no notice yet");

        let second = HookCall { job: Job { n_tries: 2, ..call.job }, ..call };
        sample.write(move |cx| set_back_hook(cx, &second, &setback)).await.expect("give up");
        let notices = claim(&sample, Duration::ZERO).await;
        assert_eq!(notices.len(), 1);
        assert_eq!((notices[0].to_email.as_str(), notices[0].purpose), ("owner@example.org", MailPurpose::Notice));
        assert!(notices[0].plain_body.contains("no answer"));
    }

    #[tokio::test]
    async fn what_is_over_is_swept_and_what_is_not_stays() {
        let sample = Sample::open().await;
        let account = sample.account;
        sample
            .write(move |cx| {
                let id = outbox::queue_mail(cx, sample::mail("old@example.com"))?;
                mail_queue::claim(cx, sample::NODE, 1, Duration::from_secs(60), &[])?;
                outbox::queue_mail(cx, sample::mail("new@example.com"))?;
                let now = cx.now;
                cx.now = now.minus(Duration::from_secs(8 * 24 * 3600));
                let delay = MailDelay { due_at: cx.now, n_tries: 0, is_uncertain: false, error: "" };
                cx.tx.delay_mail(id, sample::NODE, &delay)?;
                cx.tx.finish_mail(id, cx.now, "250 ok")?;
                crate::domain::sessions::open(cx, crate::domain::sessions::Login::Account(account))?;
                cx.now = now.plus(Duration::from_secs(40 * 24 * 3600));
                assert_eq!(sweep(cx)?, 2);
                Ok(())
            })
            .await
            .expect("sweep");
        assert_eq!(claim(&sample, Duration::ZERO).await.len(), 1);
    }
}
