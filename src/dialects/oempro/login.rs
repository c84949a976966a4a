//! Checking a password, the same for every command that does: guessing is slowed, hashing takes its turn off the async threads.

use std::sync::Arc;

use crate::dialects::oempro::call::{Call, Stage};
use crate::dialects::oempro::fault::Fault;
use crate::domain::guessing::{self, Target};
use crate::domain::passwords::{Given, Turn, Verdict};

/// Whose password it would be.
#[derive(Debug, Clone)]
pub struct Candidate<T> {
    /// What is logged in to, for the counting of wrong passwords.
    pub target: Target,
    /// The row that the name found, if any.
    pub found: Option<T>,
    /// The stored hash of what was found; `None` for a name that nobody has, or that may not log in.
    pub stored: Option<String>,
}

/// A right password.
#[derive(Debug)]
pub struct Checked<T> {
    /// What was logged in to.
    pub found: T,
    /// The hash that the password was checked against.
    pub hash: String,
    /// To be stored instead of it.
    pub new_hash: Option<String>,
    /// Counted failures to forgive, once the session is open.
    pub forgives: Option<Target>,
    /// Kept until the session is open.
    _turn: Option<Turn>,
}

impl<T> Checked<T> {
    /// Forgets the wrong passwords that came before the right one. Writes nothing when there were none.
    ///
    /// # Errors
    /// An internal fault.
    pub fn forgive(&self, call: &mut Call<'_, '_>) -> Result<(), Fault> {
        match &self.forgives {
            None => Ok(()),
            Some(target) => guessing::forgive(call.cx, target).map_err(|error| Fault::internal(&error)),
        }
    }
}

/// Reads how the password was given: `PasswordEncrypted=true` sends its MD5 (OE-3.1).
#[must_use]
pub fn given(stage: &Stage) -> Given {
    if stage.params.truth("PasswordEncrypted") == Some(true) { Given::Md5 } else { Given::Plain }
}

/// Checks a password against whatever `find` finds. `None` when it is wrong, when nobody has the name, or while the name is held back; all three look
/// alike, and the last costs no hash.
///
/// # Errors
/// An internal fault, also when too many passwords wait to be checked.
pub async fn check<T, F>(stage: &Stage, password: &str, find: F) -> Result<Option<Checked<T>>, Fault>
where
    T: Send + 'static,
    F: FnOnce(&mut Call<'_, '_>) -> Result<Candidate<T>, Fault> + Send + 'static,
{
    let given = given(stage);
    let read = stage.read(move |call| {
        let candidate = find(call)?;
        let standing = guessing::standing(call.cx, &candidate.target).map_err(|error| Fault::internal(&error))?;
        Ok((candidate, standing))
    });
    let (candidate, standing) = read.await?;
    if standing.is_held {
        return Ok(None);
    }
    let Candidate { target, found, stored } = candidate;
    let forgives = standing.has_failures.then(|| target.clone());
    let found = match (found, &stored) {
        (Some(found), Some(hash)) if stage.core.verifier().remembers(hash, given, password) => {
            return Ok(Some(Checked { found, hash: hash.clone(), new_hash: None, forgives, _turn: None }));
        }
        (found, _) => found,
    };
    let turn = stage.core.verifier().turn().await.map_err(|error| Fault::internal(&error))?;
    // Others may have guessed wrong while this one waited.
    let again = target.clone();
    let read = stage.read(move |call| guessing::standing(call.cx, &again).map_err(|error| Fault::internal(&error)));
    let standing = read.await?;
    if standing.is_held {
        return Ok(None);
    }
    let verdict = verdict(stage, turn.clone(), stored.clone(), given, password).await?;
    let forgives = standing.has_failures.then(|| target.clone());
    match (verdict, found, stored) {
        (Verdict::Match, Some(found), Some(hash)) => {
            Ok(Some(Checked { found, hash, new_hash: None, forgives, _turn: Some(turn) }))
        }
        (Verdict::MatchRehashed(new), Some(found), Some(hash)) => {
            Ok(Some(Checked { found, hash, new_hash: Some(new), forgives, _turn: Some(turn) }))
        }
        _ => {
            let counted = stage
                .write(move |call| guessing::note_failure(call.cx, &target).map_err(|error| Fault::internal(&error)));
            counted.await?;
            Ok(None)
        }
    }
}

async fn verdict(
    stage: &Stage,
    turn: Turn,
    stored: Option<String>,
    given: Given,
    password: &str,
) -> Result<Verdict, Fault> {
    let (verifier, password) = (Arc::clone(stage.core.verifier()), password.to_owned());
    let work = move || {
        let _turn = turn;
        match stored {
            Some(stored) => verifier.verify(&stored, given, &password),
            None => {
                verifier.waste(&password);
                Verdict::Mismatch
            }
        }
    };
    stage.off_thread(work).await
}

/// The hash to store for a new password.
///
/// # Errors
/// An internal fault, also when too many passwords wait to be hashed.
pub async fn hash(stage: &Stage, password: &str) -> Result<String, Fault> {
    let turn = stage.core.verifier().turn().await.map_err(|error| Fault::internal(&error))?;
    let (verifier, password) = (Arc::clone(stage.core.verifier()), password.to_owned());
    let work = move || {
        let _turn = turn;
        verifier.hash(&password)
    };
    stage.off_thread(work).await
}

/// The hash to store when `password` is not the one that `stored` is of; `None` when it is, so that a client that sends a whole record back does
/// not end its own logins.
///
/// # Errors
/// An internal fault, also when too many passwords wait to be hashed.
pub async fn hash_if_changed(stage: &Stage, stored: String, password: &str) -> Result<Option<String>, Fault> {
    let turn = stage.core.verifier().turn().await.map_err(|error| Fault::internal(&error))?;
    let (verifier, password) = (Arc::clone(stage.core.verifier()), password.to_owned());
    let work = move || {
        let _turn = turn;
        match verifier.verify(&stored, Given::Plain, &password) {
            Verdict::Mismatch => Some(verifier.hash(&password)),
            Verdict::Match | Verdict::MatchRehashed(_) => None,
        }
    };
    stage.off_thread(work).await
}
