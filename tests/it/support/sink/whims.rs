//! What the recipient's local part asks the server to do.

/// How the server treats one recipient. The word stands at the beginning of the local part, before `+` or `.`: `tempfail+7@example.com`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whim {
    /// Takes the message.
    Take,
    /// `tempfail`: 451 to RCPT.
    TempFail,
    /// `permfail`: 550 5.1.1 to RCPT.
    PermFail,
    /// `full`: 452 4.2.2 to RCPT.
    Full,
    /// `greylist`: 451 4.7.1 to the first RCPT, takes the second.
    Greylist,
    /// `busy`: 421 to RCPT, and closes.
    Busy,
    /// `ratelimit`: 421 4.7.28 to RCPT, and closes.
    RateLimit,
    /// `refuse-data`: 554 to DATA.
    RefuseData,
    /// `refuse-message`: 550 5.7.1 to the message.
    RefuseMessage,
    /// `busy-at-end`: 421 to the message, and closes.
    BusyAtEnd,
    /// `drop-in-data`: closes in the middle of the message.
    DropInData,
    /// `no-final-reply`: reads the whole message, keeps it, and closes without a word.
    NoFinalReply,
    /// `silent`: reads the whole message, keeps it, and says nothing for ever.
    Silent,
    /// `slow`: answers the message after two seconds.
    Slow,
    /// `nonsense`: answers RCPT with what is no reply.
    Nonsense,
}

impl Whim {
    /// The word of a recipient's local part.
    pub fn of(recipient: &str) -> Self {
        match recipient.split(['+', '.', '@']).next().unwrap_or_default() {
            "tempfail" => Self::TempFail,
            "permfail" => Self::PermFail,
            "full" => Self::Full,
            "greylist" => Self::Greylist,
            "busy" => Self::Busy,
            "ratelimit" => Self::RateLimit,
            "refuse-data" => Self::RefuseData,
            "refuse-message" => Self::RefuseMessage,
            "busy-at-end" => Self::BusyAtEnd,
            "drop-in-data" => Self::DropInData,
            "no-final-reply" => Self::NoFinalReply,
            "silent" => Self::Silent,
            "slow" => Self::Slow,
            "nonsense" => Self::Nonsense,
            _ => Self::Take,
        }
    }
}
