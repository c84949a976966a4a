//! The `[queue]` section: how queued mails are worked off. Every field's comment is its manual.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How queued mails are worked off.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueueSettings {
    /// Mails of campaigns that are being handed over at once; single mails have as many places of their own.
    pub at_once: usize,
    /// Mails that this server claims ahead at most. What is claimed when it is killed is marked as uncertain and may go out twice.
    pub claimed_ahead: usize,
    /// How long a claim holds, in seconds: at the latest, what another server claimed comes up again after it. An attempt is given up somewhat earlier.
    pub lease_seconds: u64,
    /// Where several servers share a database: one that gives no sign of life for so many seconds counts as dead, and what it claimed comes up again.
    pub node_seconds: u64,
    /// A mail that nobody could be asked to take for so many days (a relay is gone, refuses the login, or turns everybody away) is given up. What waits for
    /// a throttle or a warm-up is not.
    pub untried_days: u64,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self { at_once: 32, claimed_ahead: 400, lease_seconds: 900, node_seconds: 60, untried_days: 5 }
    }
}

impl QueueSettings {
    /// The shortest lease: an attempt must have time to end.
    pub const SHORTEST_LEASE: u64 = 10;
    /// The most days for which a mail is kept untried.
    pub const LONGEST_UNTRIED: u64 = 365;

    /// How long another node may give no sign of life.
    #[must_use]
    pub fn node_patience(&self) -> Duration {
        Duration::from_secs(self.node_seconds.max(2))
    }

    /// How long a claim holds.
    #[must_use]
    pub fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds.max(Self::SHORTEST_LEASE))
    }

    /// How long a mail is kept that nobody can be asked to take.
    #[must_use]
    pub fn untried(&self) -> Duration {
        Duration::from_secs(self.untried_days.clamp(1, Self::LONGEST_UNTRIED) * 24 * 3600)
    }

    /// How long one attempt may take, so that it is over before its lease is.
    #[must_use]
    pub fn attempt_patience(&self) -> Duration {
        self.lease() * 4 / 5
    }
}
