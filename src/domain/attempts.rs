//! How an attempt to deliver a mail ended, whatever queue the mail stands in.

use crate::model::time::UtcTime;

/// What is kept of an attempt: the queue row's next state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The next hop took it.
    Sent {
        /// What it said last.
        reply: String,
    },
    /// It comes up again.
    Later {
        /// Not before then.
        due_at: UtcTime,
        /// Why.
        reply: String,
        /// False when nothing was said about this recipient (the relay was gone, a throttle closed): it then counts as no try.
        is_try: bool,
        /// Whether it may have been taken: the whole message was handed over and no answer came.
        is_uncertain: bool,
    },
    /// It is given up.
    Failed {
        /// Why.
        reply: String,
        /// What it says about the address.
        fault: Fault,
    },
    /// It is not wanted any more: paused, unsubscribed, suppressed since it was queued.
    Skipped {
        /// Why.
        reason: String,
    },
}

/// What a failed delivery says about the recipient's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The address does not exist: a hard bounce.
    Address,
    /// The mailbox is full, or did not take the mail for days: a soft bounce.
    Mailbox,
    /// Nothing: policy, reputation, size, our own mistake.
    Ours,
    /// Nothing: nobody could be asked to take it for days, because its way was closed.
    Unasked,
}
