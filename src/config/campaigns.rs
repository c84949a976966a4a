//! The `[campaigns]` section: how campaigns are sent. Every field's comment is its manual.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How campaigns are sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CampaignSettings {
    /// A scheduled campaign that could not start for so many hours is paused and waits for somebody to resume it.
    pub max_lateness_hours: u64,
    /// A campaign is paused when so many of its last mails failed by no fault of the recipients' addresses. 0 never pauses.
    pub pause_errors: u32,
    /// And when they are so many of a hundred.
    pub pause_percent: u32,
    /// How many of the last mails count for that; half of them are forgotten whenever there are more.
    pub pause_window: u32,
    /// Who got a campaign, and what the servers said, is kept for so many days after its end; 0: for ever. Its totals stay. At least 60, because bounces,
    /// complaints and unsubscriptions by mail are told apart by it.
    pub keep_days: u32,
}

impl Default for CampaignSettings {
    fn default() -> Self {
        Self { max_lateness_hours: 24, pause_errors: 50, pause_percent: 30, pause_window: 1_000, keep_days: 180 }
    }
}

impl CampaignSettings {
    /// The fewest days for which recipients are kept.
    pub const SHORTEST_KEEP: u32 = 60;

    /// How long the recipients of a campaign are kept after its end; `None`: for ever.
    #[must_use]
    pub fn keep(&self) -> Option<Duration> {
        let days = u64::from(self.keep_days.max(Self::SHORTEST_KEEP));
        (self.keep_days > 0).then_some(Duration::from_secs(days * 24 * 3600))
    }
}
