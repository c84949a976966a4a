//! One lane: a token bucket that slows down when it is told to and recovers by halves.

use std::time::{Duration, Instant};

/// A slowed lane sends twice as much after each such time.
const RECOVERY: Duration = Duration::from_secs(600);
/// A lane without a bound has recovered at this rate, a second.
const AS_GOOD_AS_FREE: f64 = 1_000.0;
/// What passed is counted over this time.
const WINDOW: Duration = Duration::from_secs(10);
/// A lane is not halved again sooner: what was under way when it was says nothing new.
const BETWEEN_CUTS: Duration = Duration::from_secs(10);
/// The least that halving leaves, a second.
const LEAST: f64 = 1.0;
/// A parcel is never put off for longer by its place in the line.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// How much passes.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    /// Messages a second when nothing is wrong; `None` for no bound.
    base: Option<f64>,
    tokens: f64,
    filled_at: Instant,
    slowed: Option<Slowed>,
    stopped_until: Option<Instant>,
    /// Places given to those who were put off, up to here.
    booked: Instant,
    pub used_at: Instant,
    /// What passed since then, and in the whole window before it.
    window_at: Instant,
    n_in_window: u32,
    last_rate: f64,
    cut_at: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Slowed {
    rate: f64,
    /// Then twice as much passes.
    until: Instant,
}

impl Lane {
    pub fn new(base: Option<f64>, now: Instant) -> Self {
        Self {
            base,
            tokens: base.map_or(0.0, burst),
            filled_at: now,
            slowed: None,
            stopped_until: None,
            booked: now,
            used_at: now,
            window_at: now,
            n_in_window: 0,
            last_rate: 0.0,
            cut_at: None,
        }
    }

    /// How long until the next may pass; zero for now.
    pub fn wait(&mut self, now: Instant) -> Duration {
        if let Some(until) = self.stopped_until {
            if until > now {
                return until - now;
            }
            self.stopped_until = None;
        }
        let Some(rate) = self.rate(now) else { return Duration::ZERO };
        let since = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.tokens = (self.tokens + since * rate).min(burst(rate));
        self.filled_at = now;
        // A little less than one is one: rounding must not cost a second wait.
        if self.tokens >= 1.0 - 1e-6 { Duration::ZERO } else { Duration::from_secs_f64((1.0 - self.tokens) / rate) }
    }

    /// One passes.
    pub fn pass(&mut self, now: Instant) {
        self.tokens -= 1.0;
        self.used_at = now;
        let span = now.saturating_duration_since(self.window_at);
        if span >= WINDOW {
            self.last_rate = f64::from(self.n_in_window) / span.as_secs_f64();
            self.window_at = now;
            self.n_in_window = 0;
        }
        self.n_in_window += 1;
    }

    /// When one who cannot pass should come again: each in its own place, so that they do not all come at once.
    pub fn book(&mut self, now: Instant, wait: Duration) -> Duration {
        let step = self.rate(now).map_or(Duration::ZERO, |rate| Duration::from_secs_f64(1.0 / rate));
        let place = (self.booked + step).max(now + wait);
        self.booked = place.min(now + LONGEST_WAIT.max(wait));
        self.booked - now
    }

    /// No more than this for this time.
    pub fn slow_to(&mut self, rate: f64, span: Duration, now: Instant) {
        let until = now + span;
        if self.rate(now).is_none_or(|current| current > rate) {
            self.tokens = 0.0;
            self.filled_at = now;
            self.slowed = Some(Slowed { rate, until });
        } else if let Some(slowed) = &mut self.slowed {
            slowed.until = slowed.until.max(until);
        }
    }

    /// Half of what passed lately.
    pub fn halve(&mut self, now: Instant) {
        if self.cut_at.is_some_and(|at| now.saturating_duration_since(at) < BETWEEN_CUTS) {
            return;
        }
        self.cut_at = Some(now);
        let span = now.saturating_duration_since(self.window_at).max(Duration::from_secs(1));
        let passed = self.last_rate.max(f64::from(self.n_in_window) / span.as_secs_f64());
        let current = self.rate(now).map_or(passed, |rate| rate.min(passed.max(LEAST * 2.0)));
        self.slow_to((current / 2.0).max(LEAST), Duration::from_secs(60), now);
    }

    /// Nothing for this time.
    pub fn stop(&mut self, span: Duration, now: Instant) {
        self.stopped_until = Some(self.stopped_until.map_or(now + span, |until| until.max(now + span)));
    }

    /// Whether it is as it was in the beginning.
    pub fn is_at_ease(&mut self, now: Instant) -> bool {
        !self.is_slowed(now) && !self.is_stopped(now)
    }

    /// Whether less passes than when nothing is wrong.
    pub fn is_slowed(&mut self, now: Instant) -> bool {
        self.rate(now) != self.base
    }

    /// Whether nothing passes.
    pub fn is_stopped(&self, now: Instant) -> bool {
        self.stopped_until.is_some_and(|until| until > now)
    }

    fn rate(&mut self, now: Instant) -> Option<f64> {
        while let Some(slowed) = &mut self.slowed {
            if now < slowed.until {
                return Some(slowed.rate);
            }
            slowed.rate *= 2.0;
            slowed.until += RECOVERY;
            if slowed.rate >= self.base.unwrap_or(AS_GOOD_AS_FREE) {
                self.slowed = None;
            }
        }
        self.base
    }
}

/// What may pass at once after a pause: a tenth of a second's worth, at least one.
fn burst(rate: f64) -> f64 {
    (rate / 10.0).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many pass within a time when all come as soon as they may.
    fn n_passing(lane: &mut Lane, start: Instant, span: Duration) -> u32 {
        let (mut now, mut n) = (start, 0);
        loop {
            let wait = lane.wait(now);
            now += wait;
            if now > start + span {
                return n;
            }
            if wait.is_zero() {
                lane.pass(now);
                n += 1;
                assert!(n < 100_000, "no bound");
            }
        }
    }

    #[test]
    fn no_more_passes_than_allowed_over_time() {
        let start = Instant::now();
        for (rate, seconds, expected) in [(10.0, 10, 100..=102), (0.5, 60, 30..=32), (1000.0, 1, 1000..=1101)] {
            let n = n_passing(&mut Lane::new(Some(rate), start), start, Duration::from_secs(seconds));
            assert!(expected.contains(&n), "{rate} a second for {seconds} s: {n}");
        }
        assert_eq!(Lane::new(None, start).wait(start), Duration::ZERO);
    }

    #[test]
    fn a_slowed_lane_recovers_by_halves() {
        let start = Instant::now();
        let mut lane = Lane::new(Some(1.0), start);
        lane.slow_to(1.0 / 60.0, Duration::from_secs(90 * 60), start);
        assert_eq!(n_passing(&mut lane, start, Duration::from_secs(90 * 60 - 1)), 89);
        let at = |minutes: u64| start + Duration::from_secs(minutes * 60);
        for (minutes, per_minute) in [(91, 2.0), (101, 4.0), (111, 8.0), (121, 16.0), (131, 32.0), (141, 60.0)] {
            let rate = lane.rate(at(minutes)).expect("bounded") * 60.0;
            assert!((rate - per_minute).abs() < 1e-6, "after {minutes} min: {rate}");
        }
        assert!(lane.is_at_ease(at(141)));
    }

    #[test]
    fn a_lane_without_a_bound_is_halved_by_what_passed() {
        let start = Instant::now();
        let mut lane = Lane::new(None, start);
        for n in 0..1_000 {
            lane.pass(start + Duration::from_millis(n));
        }
        let now = start + Duration::from_secs(1);
        lane.halve(now);
        assert!((lane.rate(now).expect("bounded") - 500.0).abs() < 1.0);
        lane.halve(now);
        assert!((lane.rate(now).expect("bounded") - 500.0).abs() < 1.0, "answers to what was under way count once");
    }

    #[test]
    fn a_lane_that_was_told_421_for_an_hour_recovers_once_it_is_no_more() {
        let start = Instant::now();
        let at = |minutes: u64| start + Duration::from_secs(minutes * 60);
        for base in [Some(100.0), None] {
            let mut lane = Lane::new(base, start);
            for minute in 0..60 {
                lane.pass(at(minute));
                lane.halve(at(minute));
            }
            assert_eq!(lane.rate(at(59)), Some(LEAST), "it never gets less than that");
            assert_eq!(lane.rate(at(60)), Some(LEAST * 2.0));
            assert_eq!(lane.rate(at(150)), base, "then twice as much each ten minutes");
            assert!(lane.is_at_ease(at(150)));
        }
    }

    #[test]
    fn a_stopped_lane_opens_again() {
        let start = Instant::now();
        let mut lane = Lane::new(None, start);
        lane.stop(Duration::from_secs(7_200), start);
        assert_eq!(lane.wait(start), Duration::from_secs(7_200));
        assert_eq!(lane.wait(start + Duration::from_secs(7_200)), Duration::ZERO);
    }

    #[test]
    fn those_put_off_come_back_one_after_the_other() {
        let start = Instant::now();
        let mut lane = Lane::new(Some(0.1), start);
        lane.pass(start);
        let seconds: Vec<u64> = (0..3)
            .map(|_| {
                let wait = lane.wait(start);
                lane.book(start, wait).as_secs()
            })
            .collect();
        assert_eq!(seconds, [10, 20, 30]);
    }
}
