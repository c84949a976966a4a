//! The loop that every worker runs in: rounds of work, rests between them, an end when asked. A panic costs one round.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;

use crate::domain::core::{Core, Unavailable};
use crate::domain::cx::{Actor, Ctx, Origin};
use crate::domain::workload::WorkError;
use crate::model::states::Source;

/// Between looks at an empty queue.
pub(super) const IDLE: Duration = Duration::from_millis(250);
/// After a failed round.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// What to do after a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// There may be more: at once.
    Again,
    /// Rest first.
    Rest(Duration),
}

/// One background worker.
pub(super) trait Worker: Send + 'static {
    /// Its name in logs.
    const NAME: &'static str;

    /// Does one bounded piece of work.
    fn round(&mut self) -> impl Future<Output = Result<Pace, WorkError>> + Send;

    /// Hands back what is held, before the end.
    fn close(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// Runs a worker until `stopped` says so.
pub(super) async fn run<W: Worker>(mut worker: W, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let rest = match AssertUnwindSafe(worker.round()).catch_unwind().await {
            Ok(Ok(Pace::Again)) => {
                tokio::task::yield_now().await;
                continue;
            }
            Ok(Ok(Pace::Rest(span))) => span,
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, worker = W::NAME, "a round of work failed");
                AFTER_FAILURE
            }
            Err(_) => {
                tracing::error!(worker = W::NAME, "a worker panicked; it goes on");
                AFTER_FAILURE
            }
        };
        // Asked to stop, asked by nobody any more, or rested: the loop's condition tells.
        if let Ok(Err(_)) = tokio::time::timeout(rest, stopped.changed()).await {
            break;
        }
    }
    worker.close().await;
}

/// A worker's way to the domain, as [`Actor::System`].
#[derive(Clone)]
pub(super) struct Desk {
    pub core: Core,
    origin: Arc<Origin>,
}

impl Desk {
    pub fn new(core: Core) -> Self {
        let origin =
            Origin { ip: String::new(), user_agent: String::new(), channel: "worker", source: Source::Unknown };
        Self { core, origin: Arc::new(origin) }
    }

    /// Runs `f` on a connection that only reads.
    pub async fn read<T, E, F>(&self, f: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Unavailable> + Send + 'static,
        F: FnOnce(&mut Ctx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.core.read(Arc::clone(&self.origin), move |cx| f(as_system(cx))).await
    }

    /// Runs `f` in a transaction.
    pub async fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Unavailable> + Send + 'static,
        F: FnOnce(&mut Ctx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.core.write(Arc::clone(&self.origin), move |cx| f(as_system(cx))).await
    }
}

fn as_system<'c, 'a>(cx: &'c mut Ctx<'a>) -> &'c mut Ctx<'a> {
    cx.actor = Actor::System;
    cx
}
