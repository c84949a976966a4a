//! Passwords of accounts and operators: argon2id when stored, legacy hashes accepted until their first login.
//!
//! What is hashed is the MD5 hex of the password, not the password: the old wire lets a client send that instead (`PasswordEncrypted`,
//! OE-3.1), and both ways must open the same account. An MD5 digest keeps a password's guessing cost, which argon2id then raises.

mod argon;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString, rand_core::OsRng};
use argon2::{Algorithm, Argon2, Params, Version};
use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::Sha256;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use argon::Argon;

use crate::config::SecuritySettings;
use crate::domain::secrets::{md5_hex, same};

/// Marks a stored hash as argon2id over the MD5 hex.
const ARGON_MARK: &str = "md5+";
/// Marks a stored hash as a plain MD5 of the old platform.
const MD5_MARK: &str = "md5:";
/// Marks a stored hash as an MD5 salted with the old installation's secret, on whichever side.
const SALTED_MARK: &str = "md5salted:";
/// How long a password that was right is remembered (as a keyed digest, in memory only).
const REMEMBERED_FOR: Duration = Duration::from_secs(15 * 60);
/// Remembered passwords at most.
const REMEMBERED_AT_MOST: usize = 10_000;

/// Tries that wait for their turn at most, and how long.
const WAITING_AT_MOST: usize = 1_000;
const PATIENCE: Duration = Duration::from_secs(10);

/// The right to use a processor for a password; kept until the work is done.
#[derive(Debug, Clone)]
pub struct Turn {
    _permit: Arc<OwnedSemaphorePermit>,
}

/// Too many passwords wait to be checked.
#[derive(Debug, thiserror::Error)]
#[error("too many passwords wait to be checked")]
pub struct Overloaded;

/// How a client gave its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// The password itself.
    Plain,
    /// Its MD5 in hex.
    Md5,
}

/// What came of checking a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Right.
    Match,
    /// Right, and the stored hash is a legacy one: store this instead.
    MatchRehashed(String),
    /// Wrong.
    Mismatch,
}

/// Makes and checks password hashes. Checking takes tens of milliseconds of processor time: call it off the async threads.
pub struct Verifier {
    argon: Argon,
    legacy_salt: String,
    key: [u8; 32],
    remembered: Mutex<HashMap<[u8; 32], Instant>>,
    turns: Arc<Semaphore>,
    n_waiting: AtomicUsize,
}

impl Verifier {
    /// With argon2id's costs and the old platform's salt from the settings.
    #[must_use]
    pub fn new(settings: &SecuritySettings) -> Self {
        let params = Params::new(settings.argon2_memory_kib, settings.argon2_passes, 1, None).unwrap_or_default();
        let mut key = [0; 32];
        rand::rng().fill_bytes(&mut key);
        Self {
            argon: Argon(Argon2::new(Algorithm::Argon2id, Version::V0x13, params)),
            legacy_salt: settings.legacy_password_salt.clone(),
            key,
            remembered: Mutex::new(HashMap::new()),
            turns: Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from))),
            n_waiting: AtomicUsize::new(0),
        }
    }

    /// Waits for a processor, so that a flood of logins takes no more memory than processors times argon2's. Keep the turn until what came of the
    /// password is written: then as many guesses at most run ahead of their count as there are processors. Give a clone of it to the thread that
    /// hashes, because that goes on when the caller goes away.
    ///
    /// # Errors
    /// [`Overloaded`] when too many wait, or for too long.
    pub async fn turn(&self) -> Result<Turn, Overloaded> {
        let waiting = Waiting::enter(&self.n_waiting).ok_or(Overloaded)?;
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        drop(waiting);
        let permit = permit.map_err(|_| Overloaded)?.map_err(|_| Overloaded)?;
        Ok(Turn { _permit: Arc::new(permit) })
    }

    /// The hash to store for a password.
    #[must_use]
    pub fn hash(&self, password: &str) -> String {
        self.hash_digest(&md5_hex(password))
    }

    fn hash_digest(&self, digest: &str) -> String {
        let salt = SaltString::generate(&mut OsRng);
        let hash = self.argon.hash_password(digest.as_bytes(), &salt).expect("parameters were checked at start");
        format!("{ARGON_MARK}{hash}")
    }

    /// Marks an MD5 hash of the old platform (32 hex digits) so that it can be stored until its owner logs in. `None` for other text.
    #[must_use]
    pub fn legacy_hash(old: &str, is_salted: bool) -> Option<String> {
        let is_md5 = old.len() == 32 && old.bytes().all(|byte| byte.is_ascii_hexdigit());
        let mark = if is_salted { SALTED_MARK } else { MD5_MARK };
        is_md5.then(|| format!("{mark}{}", old.to_ascii_lowercase()))
    }

    /// Whether this very password was right for this stored hash a short while ago; costs microseconds.
    #[must_use]
    pub fn remembers(&self, stored: &str, given: Given, password: &str) -> bool {
        let key = self.memory_key(stored, given, password);
        let now = Instant::now();
        self.remembered.lock().is_ok_and(|map| map.get(&key).is_some_and(|at| now.duration_since(*at) < REMEMBERED_FOR))
    }

    /// Checks a password against a stored hash, at argon2id's full cost, and remembers it when right.
    #[must_use]
    pub fn verify(&self, stored: &str, given: Given, password: &str) -> Verdict {
        let digest = digest_of(given, password);
        let verdict = if let Some(phc) = stored.strip_prefix(ARGON_MARK) {
            let right =
                PasswordHash::new(phc).is_ok_and(|hash| self.argon.verify_password(digest.as_bytes(), &hash).is_ok());
            if right { Verdict::Match } else { Verdict::Mismatch }
        } else if given == Given::Md5 && stored.strip_prefix(SALTED_MARK).is_some_and(|old| same(old, &digest)) {
            // What such a client sends is the salted digest, not the password's: nothing that could be stored for both ways comes of it.
            Verdict::Match
        } else if self.matches_legacy(stored, given, password, &digest) {
            Verdict::MatchRehashed(self.hash_digest(&digest))
        } else {
            // At full cost too, so that time does not tell an imported account from one that does not exist.
            self.waste(password);
            Verdict::Mismatch
        };
        match &verdict {
            Verdict::Match => self.remember(self.memory_key(stored, given, password)),
            Verdict::MatchRehashed(new) => self.remember(self.memory_key(new, given, password)),
            Verdict::Mismatch => {}
        }
        verdict
    }

    /// Spends what a check costs, for names that do not exist, so that time does not tell which names do.
    pub fn waste(&self, password: &str) {
        let _ = self.hash(password);
    }

    fn matches_legacy(&self, stored: &str, given: Given, password: &str, digest: &str) -> bool {
        if let Some(old) = stored.strip_prefix(MD5_MARK) {
            return same(old, digest);
        }
        let Some(old) = stored.strip_prefix(SALTED_MARK) else { return false };
        if given == Given::Md5 {
            return false;
        }
        let before = md5_hex(&format!("{}{password}", self.legacy_salt));
        let after = md5_hex(&format!("{password}{}", self.legacy_salt));
        same(old, &before) | same(old, &after)
    }

    fn memory_key(&self, stored: &str, given: Given, password: &str) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(stored.as_bytes());
        mac.update(&[0]);
        mac.update(digest_of(given, password).as_bytes());
        mac.finalize().into_bytes().into()
    }

    fn remember(&self, key: [u8; 32]) {
        let Ok(mut map) = self.remembered.lock() else { return };
        let now = Instant::now();
        if map.len() >= REMEMBERED_AT_MOST {
            map.retain(|_, at| now.duration_since(*at) < REMEMBERED_FOR);
        }
        if map.len() < REMEMBERED_AT_MOST {
            map.insert(key, now);
        }
    }
}

/// One of those that wait; leaves when dropped, also when its caller went away.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicUsize) -> Option<Self> {
        let entered = Self(count);
        (count.fetch_add(1, Ordering::Relaxed) < WAITING_AT_MOST).then_some(entered)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn digest_of(given: Given, password: &str) -> String {
    match given {
        Given::Plain => md5_hex(password),
        Given::Md5 => password.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verifier() -> Verifier {
        Verifier::new(&SecuritySettings {
            argon2_memory_kib: 64,
            argon2_passes: 1,
            legacy_password_salt: "pepper".to_owned(),
            ..SecuritySettings::default()
        })
    }

    #[test]
    fn a_stored_password_opens_plain_and_as_md5_and_nothing_else_does() {
        let verifier = verifier();
        let stored = verifier.hash("s3cret");
        assert!(stored.contains("$argon2id$"));
        assert!(!verifier.remembers(&stored, Given::Plain, "s3cret"));
        assert_eq!(verifier.verify(&stored, Given::Plain, "s3cret"), Verdict::Match);
        assert!(verifier.remembers(&stored, Given::Plain, "s3cret"));
        assert!(!verifier.remembers(&stored, Given::Plain, "s3cres"));
        assert_eq!(verifier.verify(&stored, Given::Md5, &md5_hex("s3cret").to_uppercase()), Verdict::Match);
        assert_eq!(verifier.verify(&stored, Given::Plain, &md5_hex("s3cret")), Verdict::Mismatch);
        assert_eq!(verifier.verify(&stored, Given::Plain, ""), Verdict::Mismatch);
        assert_eq!(verifier.verify("nonsense", Given::Plain, "s3cret"), Verdict::Mismatch);
    }

    #[test]
    fn legacy_hashes_open_once_and_are_replaced() {
        let verifier = verifier();
        let plain = Verifier::legacy_hash(&md5_hex("old"), false).expect("32 hex digits");
        let Verdict::MatchRehashed(new) = verifier.verify(&plain, Given::Plain, "old") else { panic!("must match") };
        assert_eq!(verifier.verify(&new, Given::Plain, "old"), Verdict::Match);
        for salted in [md5_hex("pepperold"), md5_hex("oldpepper")] {
            let stored = Verifier::legacy_hash(&salted, true).expect("32 hex digits");
            assert!(matches!(verifier.verify(&stored, Given::Plain, "old"), Verdict::MatchRehashed(_)));
            assert_eq!(verifier.verify(&stored, Given::Plain, "new"), Verdict::Mismatch);
        }
        assert_eq!(Verifier::legacy_hash("xyz", false), None);
    }

    #[test]
    fn a_ready_salted_digest_opens_without_replacing_the_hash() {
        let verifier = verifier();
        let salted = md5_hex("pepperold");
        let stored = Verifier::legacy_hash(&salted, true).expect("32 hex digits");
        assert_eq!(verifier.verify(&stored, Given::Md5, &salted), Verdict::Match);
        assert_eq!(verifier.verify(&stored, Given::Md5, &md5_hex("old")), Verdict::Mismatch);
        let plain = Verifier::legacy_hash(&md5_hex("old"), false).expect("32 hex digits");
        let Verdict::MatchRehashed(new) = verifier.verify(&plain, Given::Md5, &md5_hex("old")) else {
            panic!("must match")
        };
        assert_eq!(verifier.verify(&new, Given::Plain, "old"), Verdict::Match);
    }
}
