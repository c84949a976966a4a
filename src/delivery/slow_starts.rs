//! Warm-ups at work: a node takes shares of a new sender domain's daily messages and hands them out one by one.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::desk::Desk;
use crate::domain::core::Unavailable;
use crate::domain::destinations;
use crate::domain::warm_ups::{self, Allowance, WarmUpError};
use crate::model::time::UtcTime;

/// Whether a domain has a warm-up is looked up anew after this time.
const FRESH: Duration = Duration::from_secs(60);
/// More domains are forgotten, all at once.
const MANY: usize = 10_000;

/// Why nothing is known of a domain's warm-up.
#[derive(Debug, thiserror::Error)]
pub(super) enum SlowStartError {
    #[error("the warm-up could not be read")]
    WarmUp(#[from] WarmUpError),
    #[error("the warm-up could not be read")]
    Store(#[from] Unavailable),
}

/// What a node knows of a domain.
#[derive(Debug, Clone, Copy)]
enum Known {
    UnboundedUntil(Instant),
    Left(u64),
    NoneUntil(Instant),
}

/// A sender domain and a group of destinations.
type Pair = (String, &'static str);

/// Lets mail of new sender domains through as far as their day goes.
pub(super) struct SlowStarts {
    desk: Desk,
    known: Mutex<HashMap<Pair, Known>>,
    /// Who holds it takes the next share; the others wait for that.
    refill: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for SlowStarts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SlowStarts").finish_non_exhaustive()
    }
}

impl SlowStarts {
    pub fn new(desk: Desk) -> Self {
        Self { desk, known: Mutex::default(), refill: tokio::sync::Mutex::default() }
    }

    /// Takes one message of the day that the domain has for the recipient's group of destinations. Some: how long until there is one again.
    pub async fn pass(&self, domain: &str, recipient: &str) -> Result<Option<Duration>, SlowStartError> {
        let pair = (domain.to_owned(), destinations::group_of(recipient));
        if let Some(answer) = self.pass_by_known(&pair) {
            return Ok(answer);
        }
        let _turn = self.refill.lock().await;
        loop {
            if let Some(answer) = self.pass_by_known(&pair) {
                return Ok(answer);
            }
            let known = self.look_up(pair.clone()).await?;
            let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if all.len() >= MANY {
                all.clear();
            }
            all.insert(pair.clone(), known);
        }
    }

    fn pass_by_known(&self, pair: &Pair) -> Option<Option<Duration>> {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match all.get_mut(pair)? {
            Known::UnboundedUntil(until) => (*until > now).then_some(None),
            Known::Left(0) => None,
            Known::Left(n) => {
                *n -= 1;
                Some(None)
            }
            Known::NoneUntil(until) => (*until > now).then(|| Some(*until - now)),
        }
    }

    async fn look_up(&self, (domain, group): Pair) -> Result<Known, SlowStartError> {
        let name = domain.clone();
        let unbounded = || Known::UnboundedUntil(Instant::now() + FRESH);
        if self.desk.read(move |cx| Ok::<_, SlowStartError>(warm_ups::find_cap(cx, &name, group)?)).await?.is_none() {
            return Ok(unbounded());
        }
        Ok(match self.desk.write(move |cx| Ok::<_, SlowStartError>(warm_ups::take(cx, &domain, group)?)).await? {
            Allowance::Unbounded => unbounded(),
            Allowance::Some(n) => Known::Left(n),
            Allowance::NoneUntil(then) => {
                let micros = u64::try_from(then.0 - UtcTime::now().0).unwrap_or(0);
                // Looked at again in between: the operator may have ended the warm-up.
                Known::NoneUntil(
                    Instant::now() + Duration::from_micros(micros).clamp(Duration::from_secs(1), FRESH * 10),
                )
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::Sample;

    #[tokio::test]
    async fn nodes_share_a_day_and_nobody_exceeds_it() {
        let sample = Sample::open().await;
        let begun = sample.write(|cx| Ok(warm_ups::begin(cx, "example.org", 50).is_ok()));
        assert!(begun.await.expect("store"));
        let nodes = [0, 1].map(|_| SlowStarts::new(Desk::new(sample.core.clone())));
        let mut n_passed = 0;
        for turn in 0..120 {
            match nodes[turn % 2].pass("example.org", "a@example.com").await.expect("pass") {
                None => n_passed += 1,
                Some(pause) => assert!(pause <= FRESH * 10),
            }
        }
        assert!((48..=50).contains(&n_passed), "{n_passed}");
        for _ in 0..10 {
            assert_eq!(nodes[0].pass("other.example", "a@example.com").await.expect("pass"), None);
        }
    }
}
