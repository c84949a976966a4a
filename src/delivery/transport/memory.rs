//! The way of mail in tests: parcels are kept, and what becomes of them follows a script.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Outcome, Parcel, Reply};

/// What answers a parcel.
type Script = dyn Fn(&Parcel) -> Outcome + Send + Sync;

/// Keeps parcels in memory. Clones share what is kept.
#[derive(Clone)]
pub struct Memory {
    script: Arc<Script>,
    taken: Arc<Mutex<Vec<Parcel>>>,
}

impl Default for Memory {
    /// Takes everything.
    fn default() -> Self {
        Self::with(|_| Self::took())
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory").field("taken", &self.taken().len()).finish_non_exhaustive()
    }
}

impl Memory {
    /// Answers as `script` says, and keeps what it answers [`Outcome::Sent`] or [`Outcome::Uncertain`] to.
    pub fn with(script: impl Fn(&Parcel) -> Outcome + Send + Sync + 'static) -> Self {
        Self { script: Arc::new(script), taken: Arc::default() }
    }

    /// The answer to a parcel that is taken.
    #[must_use]
    pub fn took() -> Outcome {
        Outcome::Sent(Reply { code: 250, enhanced: Some((2, 0, 0)), text: "kept in memory".to_owned() })
    }

    /// What was taken so far, in order.
    #[must_use]
    pub fn taken(&self) -> Vec<Parcel> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Hands a parcel over.
    #[must_use]
    pub fn send(&self, parcel: &Parcel) -> Outcome {
        let outcome = (self.script)(parcel);
        if matches!(outcome, Outcome::Sent(_) | Outcome::Uncertain(_)) {
            self.taken.lock().unwrap_or_else(PoisonError::into_inner).push(parcel.clone());
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::transport::sample;

    #[test]
    fn only_what_was_taken_is_kept() {
        let memory = Memory::with(|parcel| match parcel.recipient.as_str() {
            "gone@example.com" => Outcome::Refused(Reply { code: 550, enhanced: None, text: "no".to_owned() }),
            _ => Memory::took(),
        });
        assert!(matches!(memory.send(&sample::parcel(1, "gone@example.com")), Outcome::Refused(_)));
        assert!(matches!(memory.send(&sample::parcel(2, "a@example.com")), Outcome::Sent(_)));
        let taken = memory.taken();
        assert_eq!(taken.iter().map(|parcel| parcel.recipient.as_str()).collect::<Vec<_>>(), ["a@example.com"]);
    }
}
