//! One small Tokio runtime per database thread: the connection's socket is driven by the thread that waits for it, without a hand-over.

use std::future::Future;

use diesel_async::async_connection_wrapper::BlockOn;
use tokio::runtime::{Builder, Runtime};

thread_local! {
    static RUNTIME: Runtime =
        Builder::new_current_thread().enable_all().build().expect("a runtime without threads needs only memory");
}

/// Waits on the calling thread's own runtime.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// Tells Diesel's wrapper to wait on the calling thread's runtime. A connection therefore stays on the thread that opened it.
#[derive(Debug)]
pub struct ThisThread;

impl BlockOn for ThisThread {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        block_on(future)
    }

    fn get_runtime() -> Self {
        Self
    }
}
