//! Ways on which a mail leaves. What each needs is a [`Parcel`], what each answers an [`Outcome`]; what follows from it is decided elsewhere.

pub(super) mod envelope;
pub mod memory;
pub(super) mod mx;
pub mod outbox;
pub(super) mod pool;
mod replies;
mod resolver;
#[cfg(test)]
pub(super) mod sample;
pub(super) mod smtp;
mod stream;
pub mod tls;
mod transaction;

use std::sync::Arc;

use crate::domain::envelope_senders::Posted;
use crate::model::ids::AccountId;

/// A mail with its envelope.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// The queue row it is sent for.
    pub posted: Posted,
    /// Whose mail it is.
    pub account: AccountId,
    /// The envelope sender (RFC 5321 4.1.1.2); empty for `<>`.
    pub sender: String,
    /// The one recipient.
    pub recipient: String,
    /// The domain of the `From` header, in lower case: what DKIM signs for and what senders are throttled by.
    pub from_domain: String,
    /// The message with CRLF line ends, as it is to be signed: encoded, folded, not dot-stuffed.
    pub message: Arc<[u8]>,
}

/// How handing a parcel to the next hop ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The next hop took it.
    Sent(Reply),
    /// The next hop said no to this mail, for now or for good, as the reply says.
    Refused(Reply),
    /// Nothing was accepted and nothing said about this mail: no connection, a closed one, 421, a failed login, a closed throttle.
    NotTried(Delay),
    /// The whole mail was handed over, and the connection ended before the answer was read.
    Uncertain(String),
    /// It can go on no way: an address no server could take, too large, a secret that signs is unreadable.
    Unfit(String),
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Three digits (RFC 5321 4.2.1).
    pub code: u16,
    /// The enhanced code (RFC 3463), such as `(5, 1, 1)`, when the reply had one.
    pub enhanced: Option<(u8, u16, u16)>,
    /// The text behind the codes, its lines joined by blanks.
    pub text: String,
}

/// Why a parcel was not tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delay {
    /// Why.
    pub reason: String,
    /// Not before this long from now.
    pub pause: std::time::Duration,
    /// Whether our own pace keeps it (a throttle, a warm-up, connections that are all in use), and not the way it would go.
    pub is_own_pace: bool,
}

/// How a parcel fared, and what its way showed of itself by it.
#[derive(Debug)]
pub(super) struct Passage {
    pub outcome: Outcome,
    /// What the next hop as such showed; `None` when it works.
    pub trouble: Option<Trouble>,
}

/// Trouble with a next hop that is not about one mail.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It cannot be reached, encrypted or logged into.
    NoConnection,
    /// It sends everybody away.
    Closing(Reply),
    /// It broke off, or answered out of step.
    Broken,
}

impl Passage {
    /// Of a hop that works.
    pub fn of(outcome: Outcome) -> Self {
        Self { outcome, trouble: None }
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some((class, subject, detail)) = self.enhanced {
            write!(f, " {class}.{subject}.{detail}")?;
        }
        write!(f, " {}", self.text)
    }
}
