//! The `[campaigns]` section: how campaigns are sent. Every field's comment is its manual.

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
}

impl Default for CampaignSettings {
    fn default() -> Self {
        Self { max_lateness_hours: 24, pause_errors: 50, pause_percent: 30, pause_window: 1_000 }
    }
}
