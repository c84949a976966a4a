//! What follows from an attempt: when a mail comes up again, and when it is given up.

use std::time::Duration;

use super::transport::{Outcome, Reply};
use crate::domain::attempts::{Ending, Fault};
use crate::domain::letters::LetterKind;
use crate::model::time::UtcTime;

/// What is known of a mail's earlier tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct History {
    /// What it is.
    pub kind: LetterKind,
    /// Tries with this one.
    pub n_tries: i64,
    /// When it was queued.
    pub queued_at: UtcTime,
}

/// Minutes until the next try, by the number of tries so far; the last one stays.
const PAUSES: [u64; 8] = [1, 5, 15, 30, 60, 120, 240, 360];

/// How an attempt ends, by its outcome.
pub fn decide(outcome: &Outcome, history: &History, now: UtcTime) -> Ending {
    let later = |pause: Duration, reply: String, is_try: bool, is_uncertain: bool| {
        if now >= give_up_at(history) {
            return Ending::Failed { reply, fault: Fault::Ours };
        }
        Ending::Later { due_at: now.plus(pause), reply, is_try, is_uncertain }
    };
    match outcome {
        Outcome::Sent(reply) => Ending::Sent { reply: reply.to_string() },
        Outcome::Refused(reply) if reply.code >= 500 => {
            Ending::Failed { reply: reply.to_string(), fault: fault_of(reply) }
        }
        Outcome::Refused(reply) => later(pause_after(history.n_tries), reply.to_string(), true, false),
        Outcome::NotTried(delay) => later(delay.pause, delay.reason.clone(), false, false),
        Outcome::Uncertain(why) => later(pause_after(history.n_tries), why.clone(), true, true),
        Outcome::Unfit(why) => Ending::Failed { reply: why.clone(), fault: Fault::Ours },
    }
}

fn give_up_at(history: &History) -> UtcTime {
    let hours = match history.kind {
        LetterKind::Campaign => 72,
        LetterKind::Transactional => 48,
    };
    history.queued_at.plus(Duration::from_secs(hours * 3600))
}

fn pause_after(n_tries: i64) -> Duration {
    let place = usize::try_from(n_tries - 1).unwrap_or_default().min(PAUSES.len() - 1);
    Duration::from_secs(PAUSES[place] * 60)
}

fn fault_of(reply: &Reply) -> Fault {
    match reply.enhanced {
        Some((5, 1, _)) => Fault::Address,
        _ => Fault::Ours,
    }
}
