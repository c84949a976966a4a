//! What came back, in plain facts: read out of a mail or a provider's call by `delivery`, acted on by [`crate::domain::bounces`] and
//! [`crate::domain::complaints`].

use crate::domain::attempts::Fault;
use crate::domain::envelope_senders::Posted;

/// Something that came back about mail that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// The queue row it is about, proven by a signed token; `None` when no token was found.
    pub posted: Option<Posted>,
    /// What it says.
    pub says: Says,
}

/// What a returned mail or a provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// A report about recipients, in its order; never empty.
    Report(Vec<Recipient>),
    /// Certainly a bounce, but in words that nobody knows yet: it counts as soft and is kept for review.
    Unclear {
        /// The beginning of what it says.
        diagnostic: String,
    },
    /// The recipient complained.
    Complained {
        /// The kind of complaint: `abuse`, `fraud`, `opt-out`.
        kind: String,
        /// The recipients that the complaint names; empty when they were struck out.
        addresses: Vec<String>,
    },
    /// The recipient wants to leave the list.
    Leaves,
    /// Nothing that anything follows from.
    Nothing(Nothing),
    /// Nobody could read it.
    Unreadable(&'static str),
}

/// One recipient of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Its addresses, the one that was written to first; the last may be a forward's. Empty when the report names none.
    pub addresses: Vec<String>,
    /// How it went.
    pub fate: Fate,
    /// The enhanced or basic code; empty for none.
    pub code: String,
    /// What the receiving server said.
    pub diagnostic: String,
}

/// How it went with one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was given up.
    Failed(Fault),
    /// It is in the mailbox.
    Delivered,
    /// It is not decided yet, or somebody else's now: delayed, relayed, expanded.
    Open,
}

/// Why nothing follows from a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nothing {
    /// An answering machine.
    AutoReply,
    /// Our own mail, on its way round.
    Loop,
    /// Somebody's own words.
    Person,
    /// A kind of feedback that is no complaint.
    Feedback,
}

impl Nothing {
    /// In a few words, for logs.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::AutoReply => "an automatic answer",
            Self::Loop => "a mail of our own that came back",
            Self::Person => "a mail that is no bounce",
            Self::Feedback => "feedback that is no complaint",
        }
    }
}
