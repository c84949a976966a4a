//! Gathers people who join at the same moment, so that they join together: while one batch is being committed, the next one gathers. Alone, nobody
//! waits for anybody.

use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;

use crate::domain::core::{Core, Unavailable};
use crate::domain::cx::Origin;
use crate::domain::subscribers::together::{Joined, Joiner, join_together};
use crate::model::states::Source;

/// People in one batch at most; fewer where the settings group fewer writes.
const BATCH: usize = 256;
/// Batches under way at most: one is being committed while the other is being made.
const AT_ONCE: usize = 2;

type Answer = oneshot::Sender<Result<Option<Joined>, Unavailable>>;

/// Those who wait, and how many batches are under way.
#[derive(Default)]
pub(super) struct Gathering {
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    joiners: Vec<(Joiner, Answer)>,
    n_under_way: usize,
}

/// Ends a batch's place even when its task is dropped or panics.
struct Place(Arc<Gathering>);

impl Drop for Place {
    fn drop(&mut self) {
        if let Ok(mut waiting) = self.0.waiting.lock() {
            waiting.n_under_way -= 1;
        }
    }
}

/// Lets somebody join, together with whoever else asks meanwhile. `None` when something special applies: the full rules decide then. To be called on a
/// Tokio runtime.
///
/// # Errors
/// [`Unavailable`] when the store failed; nothing is done then.
pub(super) async fn join(
    core: &Core,
    gathering: &Arc<Gathering>,
    joiner: Joiner,
) -> Result<Option<Joined>, Unavailable> {
    let (answer, answered) = oneshot::channel();
    let leads = {
        let mut waiting = gathering.waiting.lock().map_err(|_| Unavailable::closed())?;
        waiting.joiners.push((joiner, answer));
        let leads = waiting.n_under_way < AT_ONCE;
        waiting.n_under_way += usize::from(leads);
        leads
    };
    if leads {
        // A task of its own: the caller may go away, others wait for the batch.
        let (core, place) = (core.clone(), Place(Arc::clone(gathering)));
        tokio::spawn(async move { work_off(&core, &place).await });
    }
    answered.await.unwrap_or_else(|_| Err(Unavailable::closed()))
}

async fn work_off(core: &Core, place: &Place) {
    loop {
        let batch: Vec<(Joiner, Answer)> = match place.0.waiting.lock() {
            Ok(mut waiting) => {
                let n = waiting.joiners.len().min(BATCH).min(core.settings().database.group_commit.max(1));
                waiting.joiners.drain(..n).collect()
            }
            Err(_) => return,
        };
        if batch.is_empty() {
            return;
        }
        let (joiners, answers): (Vec<Joiner>, Vec<Answer>) = batch.into_iter().unzip();
        let origin =
            Origin { ip: String::new(), user_agent: String::new(), channel: "together", source: Source::Unknown };
        let outcome: Result<_, Unavailable> =
            core.write(Arc::new(origin), move |cx| join_together(cx, &joiners).map_err(Unavailable::from)).await;
        match outcome {
            Ok(all) => {
                for (answer, one) in answers.into_iter().zip(all) {
                    // A caller that went away no longer cares.
                    drop(answer.send(Ok(one)));
                }
            }
            // Each finds out for itself by the full rules, so that one bad apple does not refuse the others.
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a batch of subscriptions is done one by one");
                for answer in answers {
                    drop(answer.send(Ok(None)));
                }
            }
        }
    }
}
