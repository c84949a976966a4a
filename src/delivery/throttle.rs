//! How fast mail goes out: lanes for each relay, sender domain and destination, all of which a parcel must pass (ML-3.4).

mod lane;
pub(super) mod sites;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::classify::{Class, class_of};
use super::transport::Reply;
use lane::Lane;
use sites::Site;

/// A parcel waits this long for its turn here; when it would take longer, it goes back into the queue.
const PATIENCE: Duration = Duration::from_secs(2);
/// More lanes are kept only while they matter.
const MANY: usize = 10_000;
/// A lane nobody used for so long, and that is at ease, is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(600);

/// A lane's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// A relay, by its name.
    Relay(String),
    /// A sender domain.
    Sender(String),
    /// A destination, by its name or, of those that are not known, by its first mail server.
    Site(String),
}

/// A lane to be passed, and how much it lets through a second when nothing is wrong.
pub(super) type Passed = (Key, Option<f64>);

/// The lanes.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    lanes: Mutex<HashMap<Key, Lane>>,
}

impl Throttle {
    /// Waits for the turn in all of these lanes, or answers when to come again.
    pub async fn turn(&self, keys: &[Passed]) -> Result<(), Duration> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = Instant::now();
            let Some(wait) = self.pass(keys, now) else { return Ok(()) };
            if now + wait > deadline {
                return Err(self.book(keys, now, wait));
            }
            tokio::time::sleep(wait.max(Duration::from_millis(1))).await;
        }
    }

    /// Takes a turn in all lanes; or in none, and answers how long it takes until there is one.
    fn pass(&self, keys: &[Passed], now: Instant) -> Option<Duration> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let longest = keys.iter().map(|key| lane(&mut lanes, key, now).wait(now)).max().unwrap_or_default();
        if !longest.is_zero() {
            return Some(longest);
        }
        for key in keys {
            lane(&mut lanes, key, now).pass(now);
        }
        if lanes.len() > MANY {
            lanes.retain(|_, lane| now.saturating_duration_since(lane.used_at) < FORGOTTEN || !lane.is_at_ease(now));
        }
        None
    }

    fn book(&self, keys: &[Passed], now: Instant, wait: Duration) -> Duration {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let places = keys.iter().filter_map(|key| {
            let lane = lane(&mut lanes, key, now);
            let own = lane.wait(now);
            (!own.is_zero()).then(|| lane.book(now, own))
        });
        places.max().unwrap_or(wait)
    }

    /// How many lanes of each sort are slowed and stopped.
    pub fn troubled(&self) -> [(&'static str, usize, usize); 3] {
        let now = Instant::now();
        let mut found = [("relay", 0, 0), ("sender", 0, 0), ("destination", 0, 0)];
        for (key, lane) in self.lanes.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            let (_, n_slowed, n_stopped) = match key {
                Key::Relay(_) => &mut found[0],
                Key::Sender(_) => &mut found[1],
                Key::Site(_) => &mut found[2],
            };
            if lane.is_stopped(now) {
                *n_stopped += 1;
            } else if lane.is_slowed(now) {
                *n_slowed += 1;
            }
        }
        found
    }

    /// Notes what a relay said: when it asks for less, it gets half.
    pub fn note_relay(&self, key: &Passed, reply: &Reply) {
        if is_plea(reply) {
            let now = Instant::now();
            let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
            lane(&mut lanes, key, now).halve(now);
        }
    }

    /// Notes what a destination said.
    pub fn note_site(&self, key: &Passed, site: &Site, reply: &Reply) {
        let text = reply.text.to_lowercase();
        let stop = site.stop.as_ref().filter(|stop| stop.texts.iter().any(|phrase| text.contains(phrase.as_str())));
        let class = class_of(reply);
        if stop.is_none() && !is_plea(reply) {
            return;
        }
        let now = Instant::now();
        let minutes = |n: u64| Duration::from_secs(n * 60);
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lane(&mut lanes, key, now);
        match (stop, class) {
            (Some(stop), _) => lane.stop(minutes(stop.minutes), now),
            (None, Class::Throttled) => lane.slow_to(site.slow.per_minute / 60.0, minutes(site.slow.minutes), now),
            (None, _) => lane.halve(now),
        }
    }
}

/// Whether a reply asks for less mail, for now. What a server puts off by another code than 421 is about that mail.
fn is_plea(reply: &Reply) -> bool {
    reply.code == 421 || (reply.code < 500 && class_of(reply) == Class::Throttled)
}

fn lane<'a>(lanes: &'a mut HashMap<Key, Lane>, (key, base): &Passed, now: Instant) -> &'a mut Lane {
    if !lanes.contains_key(key) {
        lanes.insert(key.clone(), Lane::new(*base, now));
    }
    lanes.get_mut(key).expect("it was put in above")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: u16, enhanced: (u8, u16, u16), text: &str) -> Reply {
        Reply { code, enhanced: Some(enhanced), text: text.to_owned() }
    }

    #[test]
    fn every_lane_must_be_free_and_none_is_charged_before() {
        let throttle = Throttle::default();
        let now = Instant::now();
        let slow = (Key::Sender("slow.example".to_owned()), Some(0.1));
        let fast = (Key::Relay("fast".to_owned()), Some(1.0));
        assert_eq!(throttle.pass(&[fast.clone(), slow.clone()], now), None);
        let later = now + Duration::from_secs(1);
        assert_eq!(throttle.pass(&[fast.clone(), slow], later), Some(Duration::from_secs(9)));
        assert_eq!(throttle.pass(&[fast], later), None, "the free lane was not charged");
    }

    #[tokio::test]
    async fn a_short_wait_is_waited_and_a_long_one_goes_back() {
        let throttle = Throttle::default();
        let quick = [(Key::Relay("a".to_owned()), Some(50.0))];
        for _ in 0..10 {
            assert_eq!(throttle.turn(&quick).await, Ok(()));
        }
        let slow = [(Key::Relay("b".to_owned()), Some(0.01))];
        assert_eq!(throttle.turn(&slow).await, Ok(()));
        let pauses =
            [throttle.turn(&slow).await, throttle.turn(&slow).await].map(|turn| turn.expect_err("full").as_secs());
        assert!((98..=100).contains(&pauses[0]) && (198..=200).contains(&pauses[1]), "{pauses:?}");
    }

    #[test]
    fn a_destination_that_asks_for_less_gets_less_and_greylisting_is_no_such_plea() {
        let site = sites::site_of("mta5.am0.yahoodns.net");
        let key = (Key::Site(site.name.clone()), site.per_second);
        let throttle = Throttle::default();
        let wait = || throttle.pass(std::slice::from_ref(&key), Instant::now()).map(|wait| wait.as_secs().div_ceil(60));
        throttle.note_site(&key, site, &said(451, (4, 7, 1), "Greylisting in action"));
        throttle.note_site(&key, site, &said(550, (5, 7, 1), "rate limit"));
        throttle.note_site(&key, site, &said(550, (5, 1, 1), "no such user"));
        throttle.note_site(&key, site, &said(451, (4, 3, 0), "local problem"));
        assert_eq!(wait(), None);
        assert_eq!(throttle.troubled()[2], ("destination", 0, 0));
        throttle.note_site(&key, site, &said(421, (4, 7, 0), "temporarily deferred"));
        assert_eq!(wait(), Some(1));
        assert_eq!(throttle.troubled()[2], ("destination", 1, 0));
        throttle.note_site(&key, site, &said(421, (4, 7, 0), "[TSS04] temporarily deferred"));
        assert_eq!(wait(), Some(120));
        assert_eq!(throttle.troubled()[2], ("destination", 0, 1));
    }

    #[test]
    fn a_busy_relay_gets_half() {
        let key = (Key::Relay("a".to_owned()), None);
        let throttle = Throttle::default();
        let pass = || throttle.pass(std::slice::from_ref(&key), Instant::now());
        for _ in 0..20 {
            assert_eq!(pass(), None);
        }
        throttle.note_relay(&key, &said(421, (4, 3, 2), "busy"));
        assert!(pass().is_some());
    }
}
