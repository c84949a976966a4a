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

/// A leader's place among the batches under way. Given up under the lock that showed nobody waiting, so that nobody can come in between and be left
/// without a leader.
struct Place {
    gathering: Arc<Gathering>,
    is_held: bool,
}

impl Place {
    /// Takes up to `n` of those who wait; gives the place up when there is nobody.
    fn next_batch(&mut self, n: usize) -> Vec<(Joiner, Answer)> {
        let Ok(mut waiting) = self.gathering.waiting.lock() else { return Vec::new() };
        let n = waiting.joiners.len().min(n);
        if n == 0 {
            waiting.n_under_way -= 1;
            self.is_held = false;
        }
        waiting.joiners.drain(..n).collect()
    }
}

impl Drop for Place {
    /// A leader that ends in the middle (the server stops, a panic) leaves nobody waiting for it.
    fn drop(&mut self) {
        if self.is_held
            && let Ok(mut waiting) = self.gathering.waiting.lock()
        {
            waiting.n_under_way -= 1;
            if waiting.n_under_way == 0 {
                waiting.joiners.clear();
            }
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
        let (core, mut place) = (core.clone(), Place { gathering: Arc::clone(gathering), is_held: true });
        tokio::spawn(async move { work_off(&core, &mut place).await });
    }
    answered.await.unwrap_or_else(|_| Err(Unavailable::closed()))
}

async fn work_off(core: &Core, place: &mut Place) {
    let at_most = BATCH.min(core.settings().database.group_commit.max(1));
    loop {
        let batch = place.next_batch(at_most);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::Sample;
    use crate::domain::subscribers::subscribe::NewSubscription;
    use crate::model::ids::ListId;

    fn joiner(list: ListId, email: String) -> Joiner {
        let new = NewSubscription {
            list,
            email,
            ip: "192.0.2.9".to_owned(),
            values: Vec::new(),
            enforces_required: false,
            source_ref: String::new(),
            updates_existing: false,
        };
        let origin = Origin { ip: String::new(), user_agent: String::new(), channel: "test", source: Source::Api };
        Joiner { new, origin: Arc::new(origin) }
    }

    #[test]
    fn a_place_is_given_up_where_nobody_waits_and_ends_whom_it_leaves() {
        let gathering = Arc::new(Gathering::default());
        let hold = |n| {
            gathering.waiting.lock().expect("lock").n_under_way = n;
            Place { gathering: Arc::clone(&gathering), is_held: true }
        };
        let mut place = hold(1);
        assert!(place.next_batch(5).is_empty());
        assert_eq!(gathering.waiting.lock().expect("lock").n_under_way, 0, "in the same moment");
        drop(place);
        let place = hold(1);
        let (answer, mut answered) = oneshot::channel();
        gathering.waiting.lock().expect("lock").joiners.push((joiner(ListId(1), String::new()), answer));
        drop(place);
        assert!(answered.try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Closed));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn everybody_is_answered_however_they_come() {
        let sample = Sample::open().await;
        for round in 0..50 {
            let tasks: Vec<_> = (0..7)
                .map(|i| {
                    let (core, list) = (sample.core.clone(), sample.list);
                    tokio::spawn(async move { core.join(joiner(list, format!("{round}-{i}@example.com"))).await })
                })
                .collect();
            for task in tasks {
                let answered = tokio::time::timeout(std::time::Duration::from_secs(10), task).await.expect("in time");
                assert!(answered.expect("task").expect("store").is_some());
            }
        }
    }
}
