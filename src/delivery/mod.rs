//! What happens after a commit: queued mails leave, hooks are called, purges run, old rows are swept, lists
//! are filled on schedule. Each is one loop owned by [`Workers`].

mod capture;
mod desk;
mod eml;
mod hooks;
mod list_sync;
mod mails;
mod purges;
mod sweeper;
mod web_service;

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::domain::core::Core;
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
            tokio::spawn(desk::run(hooks::Hooks::new(desk.clone(), client), stopped.clone())),
            tokio::spawn(desk::run(purges::Purges::new(desk.clone()), stopped.clone())),
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
