//! The loop that brings a queue's mails out: some are claimed, many are attempted at once, their endings are recorded in groups.
//!
//! What is claimed and not yet recorded is bounded, and follows the speed: about as much as went out in the last second, so that a paused campaign
//! stops soon and a slow relay holds little. A graceful stop puts back what nobody began with; only what a crash leaves comes back as uncertain.

use std::collections::{BTreeSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::attempt::{History, Means, attempt};
use super::desk::{Desk, IDLE, Pace, Worker};
use super::nodes::Pulse;
use super::post::Post;
use crate::domain::attempts::Ending;
use crate::domain::cx::Ctx;
use crate::domain::letters::Letter;
use crate::domain::workload::WorkError;
use crate::model::time::UtcTime;
use crate::telemetry::metrics;

/// Endings recorded at once at most.
const GROUP: usize = 200;
/// An ending waits no longer than this to be recorded.
const GROUP_SPAN: Duration = Duration::from_millis(200);
/// After a claim that brought nothing though something was due.
const BETWEEN_EMPTY_CLAIMS: Duration = Duration::from_millis(20);
/// At the end, attempts under way get this long.
const CLOSE_PATIENCE: Duration = Duration::from_secs(15);
/// A mail whose attempt panicked comes up again after this.
const AFTER_PANIC: Duration = Duration::from_secs(300);

/// A queue of mails.
pub(super) trait Source: Send + Sync + 'static {
    /// Its name in logs.
    const NAME: &'static str;
    /// A claimed mail.
    type Row: Clone + Send + Sync + 'static;

    /// Whether anything can be claimed. Cheap, and needs no transaction.
    fn is_due(&self, cx: &mut Ctx<'_>) -> Result<bool, WorkError>;

    /// Claims up to `n` mails for the length of the lease. Those in `held` are in hand here: none of them comes back, whatever the clock says.
    fn claim(&self, cx: &mut Ctx<'_>, n: i64, lease: Duration, held: &[i64]) -> Result<Vec<Self::Row>, WorkError>;

    /// The number of a claimed mail.
    fn number(row: &Self::Row) -> i64;

    /// The letter of a claimed mail, or how it ends without one.
    fn letter(&self, row: &Self::Row) -> Result<Letter, Ending>;

    /// What is known of earlier tries.
    fn history(&self, row: &Self::Row) -> History;

    /// Notes how a group of mails ended.
    fn record(&self, cx: &mut Ctx<'_>, ended: &[(Self::Row, Ending)]) -> Result<(), WorkError>;

    /// Puts mails back that nobody began with.
    fn release(&self, cx: &mut Ctx<'_>, rows: &[Self::Row]) -> Result<(), WorkError>;
}

/// The worker of one queue.
pub(super) struct Line<S: Source> {
    desk: Desk,
    source: Arc<S>,
    means: Means,
    /// Attempts under way at most.
    at_once: usize,
    /// Claimed and not begun with: a mail takes up room only while it is attempted.
    waiting: VecDeque<S::Row>,
    running: JoinSet<(S::Row, Ending)>,
    ended: Vec<(S::Row, Ending)>,
    /// What was claimed and is not recorded yet.
    held: BTreeSet<i64>,
    /// Since when the oldest of `ended` waits.
    waiting_since: Option<Instant>,
    /// Nothing more is looked for before then.
    next_look: Instant,
    speed: Speed,
    pulse: Pulse,
    n_deaths: u64,
}

impl<S: Source> Line<S> {
    pub fn new(desk: Desk, post: Post, source: S, pulse: Pulse) -> Self {
        let settings = Arc::clone(desk.core.settings());
        let at_once = settings.queue.at_once.max(1);
        let speed = Speed::new(at_once, settings.queue.claimed_ahead.max(1));
        Self {
            desk,
            source: Arc::new(source),
            means: Means::new(post, &settings),
            at_once,
            waiting: VecDeque::new(),
            running: JoinSet::new(),
            ended: Vec::new(),
            held: BTreeSet::new(),
            waiting_since: None,
            next_look: Instant::now(),
            speed,
            n_deaths: pulse.n_deaths(),
            pulse,
        }
    }

    /// Begins with nothing that is claimed.
    #[cfg(test)]
    pub fn close_every_place(&mut self) {
        self.at_once = 0;
    }

    /// Mails that are claimed and not recorded.
    pub fn n_held(&self) -> usize {
        self.waiting.len() + self.running.len() + self.ended.len()
    }

    /// Claims what there is room for.
    async fn take_in(&mut self) -> Result<(), WorkError> {
        let ahead = self.speed.ahead(Instant::now());
        let room = ahead.saturating_sub(self.n_held());
        // Small claims cost as much as large ones.
        let is_worth_it = room * 4 >= ahead || self.waiting.is_empty() && self.running.is_empty();
        if room == 0 || !is_worth_it || Instant::now() < self.next_look {
            return Ok(());
        }
        let source = Arc::clone(&self.source);
        if !self.desk.read(move |cx| source.is_due(cx)).await? {
            self.next_look = Instant::now() + IDLE;
            return Ok(());
        }
        let (source, lease) = (Arc::clone(&self.source), self.means.settings.queue.lease());
        let n = i64::try_from(room).unwrap_or(i64::MAX);
        let in_hand: Vec<i64> = self.held.iter().copied().collect();
        let rows = self.desk.write(move |cx| source.claim(cx, n, lease, &in_hand)).await?;
        self.held.extend(rows.iter().map(S::number));
        if rows.is_empty() {
            // Whatever was due went to others, or is not wanted any more: there may be more behind it.
            self.next_look = Instant::now() + BETWEEN_EMPTY_CLAIMS;
        }
        self.waiting.extend(rows);
        Ok(())
    }

    /// After others took this node for dead they have what it did not begin with.
    fn let_go(&mut self) {
        let n_deaths = self.pulse.n_deaths();
        if n_deaths != self.n_deaths {
            self.n_deaths = n_deaths;
            for row in self.waiting.drain(..) {
                self.held.remove(&S::number(&row));
            }
        }
    }

    /// Begins with as many as there are places for, unless others may take this node for dead and do the same work.
    fn begin(&mut self) {
        self.let_go();
        while self.running.len() < self.at_once
            && self.pulse.is_alive()
            && let Some(row) = self.waiting.pop_front()
        {
            self.running.spawn(one(Arc::clone(&self.source), self.means.clone(), row));
        }
    }

    /// Takes in the ends of attempts until a group is full, the oldest waited long enough, or there is room for a claim.
    async fn gather(&mut self) {
        let until = self.waiting_since.unwrap_or_else(Instant::now) + GROUP_SPAN;
        while self.ended.len() < GROUP {
            self.begin();
            match tokio::time::timeout_at(until, self.running.join_next()).await {
                Ok(Some(Ok(over))) => self.take_over(over),
                // The runtime ends; the lease brings the mail back.
                Ok(Some(Err(error))) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        worker = S::NAME,
                        "an attempt was cut off"
                    );
                }
                Ok(None) | Err(_) => return,
            }
        }
    }

    fn take_over(&mut self, (row, ending): (S::Row, Ending)) {
        self.speed.count(Instant::now());
        self.waiting_since.get_or_insert_with(Instant::now);
        self.ended.push((row, ending));
    }

    /// Records what has ended. What cannot be recorded now is kept for the next time.
    async fn record(&mut self) -> Result<(), WorkError> {
        if self.ended.is_empty() {
            return Ok(());
        }
        let (source, ended) = (Arc::clone(&self.source), Arc::new(std::mem::take(&mut self.ended)));
        let handed_over = Arc::clone(&ended);
        let outcome = self.desk.write(move |cx| source.record(cx, &handed_over)).await;
        if outcome.is_ok() {
            self.waiting_since = None;
            for (row, _) in ended.iter() {
                self.held.remove(&S::number(row));
            }
            tell::<S>(&ended);
        } else {
            self.ended = Arc::try_unwrap(ended).unwrap_or_else(|shared| shared.to_vec());
        }
        metrics::under_way(S::NAME, self.n_held());
        outcome
    }
}

impl<S: Source> Worker for Line<S> {
    const NAME: &'static str = S::NAME;

    async fn round(&mut self) -> Result<Pace, WorkError> {
        self.let_go();
        if self.pulse.is_alive() {
            self.take_in().await?;
        }
        self.begin();
        if self.running.is_empty() && self.ended.is_empty() {
            return Ok(Pace::Rest(IDLE));
        }
        self.gather().await;
        self.record().await?;
        Ok(Pace::Again)
    }

    async fn close(&mut self) {
        let until = Instant::now() + CLOSE_PATIENCE;
        let untouched = Vec::from(std::mem::take(&mut self.waiting));
        while let Ok(Some(over)) = tokio::time::timeout_at(until, self.running.join_next()).await {
            match over {
                Ok(over) => self.take_over(over),
                Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "an attempt was cut off"),
            }
        }
        let source = Arc::clone(&self.source);
        let released = self.desk.write(move |cx| source.release(cx, &untouched)).await;
        if let Err(error) = self.record().await.and(released) {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                worker = S::NAME,
                "mails wait for their leases to end"
            );
        }
        self.running.abort_all();
    }
}

/// A line in the log for each group.
fn tell<S: Source>(ended: &[(S::Row, Ending)]) {
    let n_of = |word: &str| ended.iter().filter(|(_, ending)| word_of(ending) == word).count();
    let (n_sent, n_later, n_failed) = (n_of("sent"), n_of("later") + n_of("uncertain"), n_of("failed"));
    let n_skipped = n_of("skipped");
    tracing::info!(
        queue = S::NAME,
        n_sent,
        n_later,
        n_failed,
        n_skipped,
        "{}: {n_sent} sent, {n_later} for later, {n_failed} given up, {n_skipped} not wanted any more",
        S::NAME
    );
}

/// An ending in one word, for the counts.
const fn word_of(ending: &Ending) -> &'static str {
    match ending {
        Ending::Sent { .. } => "sent",
        Ending::Later { is_uncertain: false, .. } => "later",
        Ending::Later { is_uncertain: true, .. } => "uncertain",
        Ending::Failed { .. } => "failed",
        Ending::Skipped { .. } => "skipped",
    }
}

/// One attempt. A panic costs this one and no other.
async fn one<S: Source>(source: Arc<S>, means: Means, row: S::Row) -> (S::Row, Ending) {
    let started = Instant::now();
    let work = async {
        match source.letter(&row) {
            Ok(letter) => attempt(&means, letter, &source.history(&row)).await,
            Err(ending) => ending,
        }
    };
    let ending = AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(worker = S::NAME, "an attempt panicked; its mail comes up again");
        Ending::Later {
            due_at: UtcTime::now().plus(AFTER_PANIC),
            reply: "the attempt ended by an error of the program".to_owned(),
            is_try: true,
            is_uncertain: true,
        }
    });
    metrics::attempted(S::NAME, word_of(&ending), started.elapsed());
    (row, ending)
}

/// How many mails went out in the last whole second, and how many are claimed ahead for it.
struct Speed {
    least: usize,
    most: usize,
    second: Instant,
    n_now: usize,
    n_last: usize,
}

impl Speed {
    fn new(at_once: usize, claimed_ahead: usize) -> Self {
        let most = claimed_ahead.max(at_once);
        Self { least: (at_once * 2).min(most), most, second: Instant::now(), n_now: 0, n_last: 0 }
    }

    fn count(&mut self, now: Instant) {
        self.turn(now);
        self.n_now += 1;
    }

    fn turn(&mut self, now: Instant) {
        let passed = now.duration_since(self.second);
        if passed >= Duration::from_secs(1) {
            self.n_last = if passed < Duration::from_secs(2) { self.n_now } else { 0 };
            (self.n_now, self.second) = (0, now);
        }
    }

    /// How many are claimed ahead at this speed.
    fn ahead(&mut self, now: Instant) -> usize {
        self.turn(now);
        self.n_last.max(self.n_now).clamp(self.least, self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_claimed_ahead_follows_the_speed_between_its_bounds() {
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        let mut speed = Speed::new(10, 100);
        assert_eq!(speed.ahead(start), 20, "two for each place to begin with");
        (0..50).for_each(|_| speed.count(after(500)));
        assert_eq!(speed.ahead(after(600)), 50);
        assert_eq!(speed.ahead(after(1_500)), 50, "the last second counts");
        (0..500).for_each(|_| speed.count(after(1_600)));
        assert_eq!(speed.ahead(after(1_700)), 100);
        assert_eq!(speed.ahead(after(9_000)), 20, "nothing went out for long");
        assert_eq!(Speed::new(10, 5).ahead(start), 10, "every place is filled");
    }
}
