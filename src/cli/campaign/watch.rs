//! Looking on while a campaign is sent: a progress bar on standard error, so that what is shown in the end stays by itself.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::super::Common;
use super::super::work::Work;
use super::{act_as_owner, state_word};
use crate::domain::campaigns::overview::{self, Status};
use crate::model::ids::CampaignId;
use crate::model::states::CampaignState;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(250);
const BAR: &str = "{msg:9} {wide_bar} {pos}/{len} {elapsed} ({per_sec}, {eta} left)";

/// Looks on until the campaign is neither about to be sent nor being sent, and answers how far it is then.
pub(super) fn until_over(common: &Common, id: CampaignId) -> anyhow::Result<Status> {
    let work = Work::open_existing(common)?;
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(BAR)?);
    loop {
        let status = work.read(move |cx| {
            act_as_owner(cx, id)?;
            Ok(overview::status(cx, id)?)
        })?;
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        bar.set_length(count(status.campaign.n_recipients));
        bar.set_position(count(status.campaign.n_recipients - status.n_open));
        bar.set_message(state_word(status.campaign.state));
        if !matches!(status.campaign.state, CampaignState::Scheduled | CampaignState::Sending) {
            bar.finish_and_clear();
            work.end();
            return Ok(status);
        }
        std::thread::sleep(PAUSE);
    }
}
