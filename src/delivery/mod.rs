//! What happens after a commit: queued mails leave, hooks and webhooks are called, purges run, batches are worked off, old rows are swept, lists
//! are filled on schedule. Each is one loop owned by [`Workers`].

mod attempt;
mod calls;
mod classify;
mod clock_watch;
mod desk;
mod dkim;
pub mod dns;
mod gauges;
mod hooks;
pub mod inbound;
mod list_sync;
mod mails;
pub mod mime;
mod nodes;
mod planner;
pub mod post;
pub mod probe;
mod purges;
mod recipients;
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
mod worker;

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::domain::core::Core;
use crate::domain::webhooks::WebhookCall;
use crate::domain::workload::HookCall;
use crate::outgoing::{Client, OutgoingError};
use desk::Desk;
use nodes::Pulse;
use post::{Post, PostError};

/// A worker that has not ended this long after it was asked to is cut off; its leases return by themselves.
const STOP_PATIENCE: Duration = Duration::from_secs(20);
/// Threads of the workers' runtime: mails are put together and protocols spoken beside the threads that answer calls.
const THREADS: usize = 2;

/// Why no work is done in the background.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Calls to other servers cannot be set up.
    #[error(transparent)]
    Outgoing(#[from] OutgoingError),
    /// Mail has no way to leave.
    #[error(transparent)]
    Post(#[from] PostError),
    /// Returned mail cannot be taken where the settings say.
    #[error("cannot take returned mail at {address}")]
    Listen {
        /// Where.
        address: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The system gives no threads.
    #[error("cannot start the threads of the workers")]
    Threads(#[from] std::io::Error),
}

/// The running background workers.
pub struct Workers {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    post: Option<Post>,
    /// Their own; taken when it is shut down.
    runtime: Option<Runtime>,
}

impl Workers {
    /// Starts them on a runtime of their own.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(core: &Core) -> Result<Self, StartError> {
        let client = Client::new(&core.settings().outgoing)?;
        let (stop, stopped) = watch::channel(false);
        let desk = Desk::new(core.clone());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("delivery")
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        // From here on a failure shuts the runtime down in the way that is allowed here.
        let mut workers = Self { stop, tasks: Vec::new(), post: None, runtime: Some(runtime) };
        let _entered = handle.enter();
        let post = Post::new(core)?;
        workers.post = Some(post.clone());
        let (node, pulse) = (nodes::new_node(), Pulse::default());
        let single = worker::Line::new(desk.clone(), post.clone(), mails::Mails { node }, pulse.clone());
        let many = worker::Line::new(desk.clone(), post, recipients::Recipients::new(node), pulse.clone());
        workers.tasks = vec![
            tokio::spawn(desk::run(nodes::Nodes::new(desk.clone(), node, pulse), stopped.clone())),
            tokio::spawn(desk::run(single, stopped.clone())),
            tokio::spawn(desk::run(calls::Calls::<HookCall>::new(desk.clone(), client.clone()), stopped.clone())),
            tokio::spawn(desk::run(calls::Calls::<WebhookCall>::new(desk.clone(), client), stopped.clone())),
            tokio::spawn(desk::run(purges::Purges::new(desk.clone()), stopped.clone())),
            tokio::spawn(desk::run(planner::Planner::new(desk.clone(), node), stopped.clone())),
            tokio::spawn(desk::run(many, stopped.clone())),
            tokio::spawn(desk::run(sendings::Sendings::new(desk.clone()), stopped.clone())),
            tokio::spawn(desk::run(sweeper::Sweeper::new(desk), stopped.clone())),
            tokio::spawn(list_sync::run(core.clone(), stopped.clone())),
        ];
        if core.settings().metrics.enabled {
            workers.tasks.push(tokio::spawn(desk::run(gauges::Gauges::new(Desk::new(core.clone())), stopped.clone())));
        }
        workers.tasks.extend(inbound::start(core, &stopped)?);
        Ok(workers)
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
        if let Some(post) = &self.post {
            post.close().await;
        }
    }
}

impl Drop for Workers {
    /// Without [`Workers::stop`] the workers are cut off where they stand; their leases return by themselves.
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(runtime) = self.runtime.take() {
            // Waiting for threads is not allowed where other tasks run.
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mail_queue;
    use crate::domain::outbox;
    use crate::domain::purge;
    use crate::domain::sample::{self, Sample};
    use crate::model::states::{CampaignState, JobKind};

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
        assert!(sample.write(mail_queue::is_due).await.expect("look"), "nobody works any more");
    }

    #[tokio::test]
    async fn a_started_campaign_is_planned_sent_and_closed() {
        let sample = Sample::open().await;
        sample.subscribe(sample.list, 10, &Default::default()).await;
        let workers = Workers::start(&sample.core).expect("workers");
        let id = sample.start_campaign(&[sample.list]).await;
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        while sample.campaign(id).await.0.state != CampaignState::Sent {
            assert!(tokio::time::Instant::now() < deadline, "the campaign did not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        workers.stop().await;
        assert_eq!(std::fs::read_dir(sample.core.settings().outbox()).expect("outbox").count(), 10);
    }
}
