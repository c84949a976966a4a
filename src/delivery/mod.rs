//! What happens after a commit: queued mails leave, hooks and webhooks are called, purges run, batches are worked off, old rows are swept, lists
//! are filled on schedule. Each is one loop owned by [`Workers`].

mod calls;
mod capture;
mod classify;
mod desk;
mod dkim;
mod eml;
mod hooks;
mod list_sync;
mod mails;
pub mod post;
mod purges;
mod relays;
pub mod retry;
mod sendings;
mod signers;
pub mod signing_keys;
mod slow_starts;
mod sweeper;
mod throttle;
pub mod transport;
mod web_service;
mod webhooks;

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::domain::core::Core;
use crate::domain::webhooks::WebhookCall;
use crate::domain::workload::HookCall;
use crate::outgoing::{Client, OutgoingError};
use desk::Desk;

/// A worker that has not ended this long after it was asked to is cut off; its leases return by themselves.
const STOP_PATIENCE: Duration = Duration::from_secs(20);

/// The running background workers.
pub struct Workers {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts them on the current Tokio runtime.
    ///
    /// # Errors
    /// When outgoing calls cannot be set up.
    pub fn start(core: &Core) -> Result<Self, OutgoingError> {
        let client = Client::new(&core.settings().outgoing)?;
        let (stop, stopped) = watch::channel(false);
        let desk = Desk::new(core.clone());
        let tasks = vec![
            tokio::spawn(desk::run(mails::Mails::new(desk.clone()), stopped.clone())),
            tokio::spawn(desk::run(calls::Calls::<HookCall>::new(desk.clone(), client.clone()), stopped.clone())),
            tokio::spawn(desk::run(calls::Calls::<WebhookCall>::new(desk.clone(), client), stopped.clone())),
            tokio::spawn(desk::run(purges::Purges::new(desk.clone()), stopped.clone())),
            tokio::spawn(desk::run(sendings::Sendings::new(desk.clone()), stopped.clone())),
            tokio::spawn(desk::run(sweeper::Sweeper::new(desk), stopped.clone())),
            tokio::spawn(list_sync::run(core.clone(), stopped)),
        ];
        Ok(Self { stop, tasks })
    }

    /// Asks the workers to end after what they hold, and waits for that, but not for ever.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let deadline = tokio::time::Instant::now() + STOP_PATIENCE;
        for task in &mut self.tasks {
            if tokio::time::timeout_at(deadline, &mut *task).await.is_err() {
                task.abort();
                tracing::warn!("a worker did not end in time and was cut off");
            }
        }
    }
}

impl Drop for Workers {
    /// Without [`Workers::stop`] the workers still end, only unwatched.
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outbox;
    use crate::domain::purge;
    use crate::domain::sample::{self, Sample};
    use crate::domain::workload;
    use crate::model::states::JobKind;

    #[tokio::test]
    async fn workers_do_what_is_queued_and_end_when_asked() {
        let sample = Sample::open().await;
        let (account, list) = (sample.account, sample.list);
        sample.subscribe(list, 10, &Default::default()).await;
        let workers = Workers::start(&sample.core).expect("workers");
        sample
            .write(move |cx| {
                purge::queue_list(cx, account, list)?;
                // A hook that is gone has nobody to tell.
                outbox::queue_job(cx, account, JobKind::ListHook, format!("99 {list} 1"))?;
                Ok(outbox::queue_mail(cx, sample::mail("a@example.com"))?)
            })
            .await
            .expect("queue");
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        loop {
            let is_open = sample.write(sample::has_open_work).await.expect("look");
            if !is_open {
                break;
            }
            assert!(tokio::time::Instant::now() < deadline, "the queues did not become empty");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        workers.stop().await;
        assert_eq!(std::fs::read_dir(sample.core.settings().outbox()).expect("outbox").count(), 1);
        sample.write(|cx| Ok(outbox::queue_mail(cx, sample::mail("b@example.com"))?)).await.expect("queue");
        assert!(sample.write(workload::is_mail_due).await.expect("look"), "nobody works any more");
    }
}
