//! WS-Security's UsernameToken, and HTTP Basic: ways to say who calls (SO-3.11, SO-1.12).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, Utc};
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

use super::fault::Fault;
use super::tree::{NodeId, Ns, Tree};

/// How old a digest may be, and how far in the future.
const FRESH: Duration = Duration::minutes(5);
/// Nonces kept at most; with more, digests are refused until the oldest are over.
const MAX_NONCES: usize = 100_000;
/// Bytes of a name, password, nonce or digest.
const MAX_FIELD: usize = 1024;

/// Which logins in the envelope a service takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logins {
    /// A password in the clear.
    pub text: bool,
    /// A digest; it takes a password that the service knows in the clear.
    pub digest: bool,
}

impl Logins {
    /// None: a mandatory block is refused, another one ignored.
    pub const NONE: Logins = Logins { text: false, digest: false };
    /// Passwords in the clear only.
    pub const TEXT: Logins = Logins { text: true, digest: false };
    /// Both.
    pub const BOTH: Logins = Logins { text: true, digest: true };
}

/// What a caller shows.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// A name and a password, by HTTP Basic or in the envelope.
    Password {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
    /// A name and the proof that the password is known.
    Digest {
        /// The name.
        user: String,
        /// The proof; ask [`Proof::is_of`].
        proof: Proof,
    },
}

impl std::fmt::Debug for Login {
    /// Shows no secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Login::Password { .. } => f.write_str("Login::Password"),
            Login::Digest { .. } => f.write_str("Login::Digest"),
        }
    }
}

/// `Base64(SHA-1(nonce + created + password))`
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    nonce: Vec<u8>,
    created: String,
    digest: Vec<u8>,
}

impl Proof {
    /// Whether it was made with this password. Takes the same time for every wrong one.
    pub fn is_of(&self, password: &str) -> bool {
        let wanted =
            Sha1::new().chain_update(&self.nonce).chain_update(&self.created).chain_update(password).finalize();
        wanted.ct_eq(&self.digest).into()
    }
}

/// A token as found in the message.
#[derive(Debug)]
pub struct Token {
    user: String,
    password: String,
    is_digest: bool,
    nonce: Option<String>,
    created: Option<String>,
    /// What it says, once read.
    pub login: Option<Login>,
}

/// The token in a `wsse:Security` block, if that is all there is and the service takes it. A block that holds a signature or anything else
/// counts as not understood.
pub fn find(tree: &Tree<'_>, block: NodeId, logins: Logins) -> Option<Token> {
    let mut children = tree.children(block);
    let only = children.next().filter(|_| children.next().is_none())?;
    if (tree.node(only).ns, tree.node(only).name) != (Ns::WSSE, "UsernameToken") {
        return None;
    }
    let (mut user, mut password, mut nonce, mut created) = (None, None, None, None);
    let mut is_digest = false;
    for child in tree.children(only) {
        let node = tree.node(child);
        let slot = match (node.ns, node.name) {
            (Ns::WSSE, "Username") => &mut user,
            (Ns::WSSE, "Password") => {
                is_digest =
                    tree.attribute(child, Ns::NONE, "Type").is_some_and(|kind| kind.ends_with("#PasswordDigest"));
                &mut password
            }
            (Ns::WSSE, "Nonce") => &mut nonce,
            (Ns::WSU, "Created") => &mut created,
            _ => return None,
        };
        if slot.is_some() || node.n_children > 0 || node.text.len() > MAX_FIELD {
            return None;
        }
        *slot = Some(node.text.clone().into_owned());
    }
    let is_taken = if is_digest { logins.digest } else { logins.text };
    match (user, password) {
        (Some(user), Some(password)) if is_taken => {
            Some(Token { user: user.trim().to_owned(), password, is_digest, nonce, created, login: None })
        }
        _ => None,
    }
}

/// Reads what the token says.
///
/// # Errors
/// A digest without nonce or time, or with unreadable ones.
pub fn read(mut token: Token) -> Result<Token, Fault> {
    let user = token.user.clone();
    token.login = Some(if token.is_digest {
        let nonce = token.nonce.as_deref().and_then(|text| STANDARD.decode(text.trim()).ok());
        let digest = STANDARD.decode(token.password.trim()).ok();
        match (nonce, digest, token.created.clone()) {
            (Some(nonce), Some(digest), Some(created)) => {
                Login::Digest { user, proof: Proof { nonce, created, digest } }
            }
            _ => return Err(Fault::header("a password digest needs Nonce and Created")),
        }
    } else {
        Login::Password { user, password: token.password.clone() }
    });
    Ok(token)
}

/// A user and a nonce.
type Used = (String, Vec<u8>);

/// Nonces that were used, for as long as the digests with them would be fresh. Of this process only: behind a balancer each node keeps its own.
#[derive(Debug, Default)]
pub struct Nonces {
    used: Mutex<HashMap<Used, DateTime<Utc>>>,
}

impl Nonces {
    /// Whether a proof is of this password, fresh, and shown for the first time. Only proofs that are right use up their nonce, so that strangers
    /// cannot fill the memory.
    ///
    /// # Errors
    /// When it is right but not fresh, or its nonce was used before.
    pub fn admit(&self, user: &str, proof: &Proof, password: &str, now: DateTime<Utc>) -> Result<bool, Fault> {
        let created = DateTime::parse_from_rfc3339(proof.created.trim())
            .map_err(|_| Fault::header("Created is not a time with a zone"))?
            .with_timezone(&Utc);
        if !proof.is_of(password) {
            return Ok(false);
        }
        if (now - created).abs() > FRESH {
            return Err(Fault::header("the password digest is not fresh"));
        }
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= MAX_NONCES {
            used.retain(|_, until| *until > now);
        }
        if used.len() >= MAX_NONCES {
            return Err(Fault::busy(60));
        }
        match used.insert((user.to_owned(), proof.nonce.clone()), now + FRESH * 2) {
            Some(until) if until > now => Err(Fault::header("the nonce was used before")),
            _ => Ok(true),
        }
    }
}

/// Name and password of an `Authorization: Basic …` field.
pub fn basic(field: &str) -> Option<Login> {
    let (scheme, token) = field.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || token.len() > 4 * MAX_FIELD {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(token.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some(Login::Password { user: user.to_owned(), password: password.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(nonce: &[u8], created: &str, password: &str) -> Proof {
        let digest = Sha1::new().chain_update(nonce).chain_update(created).chain_update(password).finalize().to_vec();
        Proof { nonce: nonce.to_vec(), created: created.into(), digest }
    }

    #[test]
    fn a_digest_proves_its_password_only() {
        let proof = proof(b"n", "2026-01-01T00:00:00Z", "secret");
        assert!(proof.is_of("secret"));
        assert!(!proof.is_of("Secret"));
    }

    #[test]
    fn a_nonce_is_taken_once_and_while_fresh() {
        let nonces = Nonces::default();
        let now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let admit = |nonce: &[u8], created: &str, now| nonces.admit("u", &proof(nonce, created, "p"), "p", now);
        assert_eq!(nonces.admit("u", &proof(b"n", "2026-01-01T00:04:00Z", "p"), "q", now), Ok(false), "wrong password");
        assert_eq!(admit(b"n", "2026-01-01T00:04:00Z", now), Ok(true), "a wrong one used nothing up");
        assert!(admit(b"n", "2026-01-01T00:04:00Z", now).is_err(), "replayed");
        assert_eq!(admit(b"m", "2026-01-01T00:04:00Z", now), Ok(true));
        assert!(admit(b"o", "2026-01-01T00:05:01Z", now).is_err(), "from the future");
        assert!(admit(b"p", "2025-12-31T23:54:59Z", now).is_err(), "old");
        assert!(admit(b"q", "yesterday", now).is_err());
        let later = now + Duration::minutes(9);
        assert!(admit(b"n", "2026-01-01T00:09:00Z", later).is_err(), "the first would still be fresh");
    }

    #[test]
    fn basic_is_read() {
        let field = format!("bAsIc {}", STANDARD.encode("a:b:c"));
        assert_eq!(basic(&field), Some(Login::Password { user: "a".into(), password: "b:c".into() }));
        for bad in ["", "Basic", "Basic !", "Bearer YTpi", "Basic YQ=="] {
            assert_eq!(basic(bad), None, "{bad}");
        }
    }
}
