//! What follows from an attempt: sent, again at a later time, or given up, and what that says about the address (ML-3.1, ML-3.2, ML-3.8).

use std::time::Duration;

use super::classify::{Class, class_of};
use super::transport::{Delay, Outcome, Reply};
use crate::domain::attempts::{Ending, Fault};
use crate::domain::letters::LetterKind;
use crate::model::time::UtcTime;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
/// Pauses after each try; the last one goes on.
const PAUSES: [Duration; 8] = [
    Duration::from_secs(MINUTE),
    Duration::from_secs(5 * MINUTE),
    Duration::from_secs(15 * MINUTE),
    Duration::from_secs(30 * MINUTE),
    Duration::from_secs(HOUR),
    Duration::from_secs(2 * HOUR),
    Duration::from_secs(4 * HOUR),
    Duration::from_secs(6 * HOUR),
];
/// A pause is this much shorter or longer, so that mails that failed together do not come back together.
const JITTER: f64 = 0.15;

/// A mail gets so many tries however old it is, over about eight hours: one that waited long for a relay is not given up at the first setback.
const LEAST_TRIES: i64 = 8;

/// What is known of a mail when an attempt has ended.
#[derive(Debug, Clone, Copy)]
pub struct Tried {
    /// Tries that something was said to, this one included.
    pub n_tries: i64,
    /// When it was queued, or first came up.
    pub first_at: UtcTime,
    /// So long it is kept when nobody can be asked to take it.
    pub untried: Duration,
    /// What it is.
    pub kind: LetterKind,
    /// When the attempt ended.
    pub now: UtcTime,
    /// From 0 up to 1, without it: spreads the pauses.
    pub random: f64,
}

/// How long a mail is tried: what one person waits for is of no use two days later.
#[must_use]
pub const fn longest_age(kind: LetterKind) -> Duration {
    match kind {
        LetterKind::Campaign => Duration::from_secs(72 * HOUR),
        LetterKind::Transactional => Duration::from_secs(48 * HOUR),
    }
}

/// The queue row's next state.
#[must_use]
pub fn ending(outcome: Outcome, tried: &Tried) -> Ending {
    match outcome {
        Outcome::Sent(reply) => Ending::Sent { reply: reply.to_string() },
        Outcome::Refused(reply) => refused(&reply, tried),
        Outcome::NotTried(delay) => not_tried(delay, tried),
        Outcome::Uncertain(reason) => match next_try(tried) {
            Some(due_at) => Ending::Later { due_at, reply: reason, is_try: true, is_uncertain: true },
            None => Ending::Failed { reply: reason, fault: Fault::Ours },
        },
        Outcome::Unfit(reason) => Ending::Failed { reply: reason, fault: Fault::Ours },
    }
}

/// Nothing was said about this mail. It is kept for days when its way is closed, and without an end when we keep it back ourselves (ML-3.8).
fn not_tried(delay: Delay, tried: &Tried) -> Ending {
    let Delay { reason, pause, is_own_pace } = delay;
    if !is_own_pace && tried.now > tried.first_at.plus(tried.untried) {
        let days = tried.untried.as_secs() / (24 * HOUR);
        return Ending::Failed { reply: format!("nobody took it for {days} days: {reason}"), fault: Fault::Unasked };
    }
    // The pause is the least there must be, so chance only makes it longer.
    let due_at = tried.now.plus(pause.mul_f64(1.0 + JITTER * tried.random.clamp(0.0, 1.0)));
    Ending::Later { due_at, reply: reason, is_try: false, is_uncertain: false }
}

fn refused(reply: &Reply, tried: &Tried) -> Ending {
    let class = class_of(reply);
    let is_final = reply.code >= 500;
    // A wrong login or setting is nobody's address; it is put right, and the mail goes.
    if let (false, Some(due_at)) = (is_final && class != Class::Setup, next_try(tried)) {
        return Ending::Later { due_at, reply: reply.to_string(), is_try: true, is_uncertain: false };
    }
    // An address that was only put off for days is not one that is gone.
    let fault = if class == Class::Address && !is_final { Fault::Mailbox } else { class.fault() };
    Ending::Failed { reply: reply.to_string(), fault }
}

/// When the next try is, unless the mail would be too old by then and had its share of tries.
fn next_try(tried: &Tried) -> Option<UtcTime> {
    let place = usize::try_from(tried.n_tries - 1).unwrap_or(0).min(PAUSES.len() - 1);
    let due_at = after(tried, PAUSES[place]);
    let is_in_time = due_at <= tried.first_at.plus(longest_age(tried.kind)) || tried.n_tries < LEAST_TRIES;
    is_in_time.then_some(due_at)
}

fn after(tried: &Tried, pause: Duration) -> UtcTime {
    tried.now.plus(pause.mul_f64(1.0 - JITTER + 2.0 * JITTER * tried.random.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UtcTime = UtcTime(1_700_000_000_000_000);

    const DAY: Duration = Duration::from_secs(24 * HOUR);

    fn tried(n_tries: i64, age: Duration) -> Tried {
        let now = NOON.plus(age);
        Tried { n_tries, first_at: NOON, untried: DAY * 5, kind: LetterKind::Campaign, now, random: 0.5 }
    }

    fn refusal(code: u16, enhanced: (u8, u16, u16)) -> Outcome {
        Outcome::Refused(Reply { code, enhanced: Some(enhanced), text: "no".to_owned() })
    }

    fn pause(ending: &Ending, tried: &Tried) -> Option<u64> {
        match ending {
            Ending::Later { due_at, .. } => u64::try_from((due_at.0 - tried.now.0) / 1_000_000).ok(),
            _ => None,
        }
    }

    #[test]
    fn pauses_grow_and_end_after_three_days() {
        let mut age = Duration::ZERO;
        let mut pauses = Vec::new();
        for n_tries in 1..100 {
            let tried = tried(n_tries, age);
            let ending = ending(refusal(451, (4, 3, 0)), &tried);
            let Some(seconds) = pause(&ending, &tried) else {
                assert!(matches!(ending, Ending::Failed { fault: Fault::Mailbox, .. }), "{ending:?}");
                break;
            };
            pauses.push(seconds / MINUTE);
            age += Duration::from_secs(seconds);
        }
        assert_eq!(pauses[..10], [1, 5, 15, 30, 60, 120, 240, 360, 360, 360]);
        assert!((66..=72).contains(&(age.as_secs() / HOUR)), "{age:?}");
    }

    #[test]
    fn what_one_person_waits_for_is_given_up_earlier() {
        let tried = Tried { kind: LetterKind::Transactional, ..tried(12, Duration::from_secs(47 * HOUR)) };
        assert!(matches!(ending(refusal(451, (4, 3, 0)), &tried), Ending::Failed { .. }));
    }

    #[test]
    fn pauses_are_spread() {
        let at = |random| {
            let tried = Tried { random, ..tried(2, Duration::ZERO) };
            pause(&ending(refusal(451, (4, 3, 0)), &tried), &tried)
        };
        assert_eq!((at(0.0), at(0.5), at(1.0)), (Some(255), Some(300), Some(345)));
    }

    #[test]
    fn a_final_refusal_says_whose_fault_it_is() {
        for (code, enhanced, fault) in [
            (550, (5, 1, 1), Fault::Address),
            (550, (5, 4, 4), Fault::Address),
            (552, (5, 2, 2), Fault::Mailbox),
            (550, (5, 0, 0), Fault::Mailbox),
            (550, (5, 7, 1), Fault::Ours),
            (552, (5, 3, 4), Fault::Ours),
        ] {
            let ending = ending(refusal(code, enhanced), &tried(1, Duration::ZERO));
            assert!(
                matches!(&ending, Ending::Failed { fault: found, .. } if *found == fault),
                "{enhanced:?} {ending:?}"
            );
        }
        let late = ending(refusal(451, (4, 7, 1)), &tried(20, Duration::from_secs(71 * HOUR)));
        assert!(matches!(late, Ending::Failed { fault: Fault::Ours, .. }), "{late:?}");
        let setup = ending(refusal(530, (5, 7, 8)), &tried(1, Duration::ZERO));
        assert!(matches!(setup, Ending::Later { is_try: true, .. }), "{setup:?}");
    }

    fn kept_back(is_own_pace: bool) -> Outcome {
        Outcome::NotTried(Delay { reason: "gone".to_owned(), pause: Duration::from_secs(200), is_own_pace })
    }

    #[test]
    fn what_was_not_tried_costs_no_try_and_is_given_up_after_days() {
        let in_time = tried(1, DAY * 5);
        let kept = ending(kept_back(false), &in_time);
        assert!(matches!(kept, Ending::Later { is_try: false, is_uncertain: false, .. }));
        assert_eq!(pause(&kept, &in_time), Some(215));
        let over = ending(kept_back(false), &tried(1, DAY * 5 + Duration::from_secs(1)));
        let Ending::Failed { reply, fault: Fault::Unasked } = over else { panic!("{over:?}") };
        assert_eq!(reply, "nobody took it for 5 days: gone");
        let held = ending(kept_back(true), &tried(1, DAY * 50));
        assert!(matches!(held, Ending::Later { is_try: false, .. }), "our own pace ends nothing: {held:?}");
    }

    #[test]
    fn a_mail_that_waited_long_for_its_first_try_gets_some() {
        let later = |n_tries| ending(refusal(451, (4, 3, 0)), &tried(n_tries, DAY * 4));
        assert!((1..8).all(|n_tries| matches!(later(n_tries), Ending::Later { is_try: true, .. })));
        assert!(matches!(later(8), Ending::Failed { fault: Fault::Mailbox, .. }));
    }

    #[test]
    fn an_uncertain_mail_comes_up_again_and_is_marked() {
        let ending = ending(Outcome::Uncertain("gone".to_owned()), &tried(1, Duration::ZERO));
        assert!(matches!(ending, Ending::Later { is_try: true, is_uncertain: true, .. }));
        let unfit = super::ending(Outcome::Unfit("no".to_owned()), &tried(1, Duration::ZERO));
        assert!(matches!(unfit, Ending::Failed { fault: Fault::Ours, .. }));
    }
}
