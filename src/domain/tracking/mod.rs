//! What people do with messages: links that are counted, and the append-only log of opens, clicks and the like, from which every counter derives.
//!
//! Nobody is counted who said no to tracking, before or after the mail went out (ML-7.7).

pub mod targets;
pub mod tokens;

use std::time::Duration;

use crate::domain::access::{Denied, Permission};
use crate::domain::contacts::Said;
use crate::domain::cx::Ctx;
use crate::domain::lists;
use crate::model::ids::{CampaignId, LinkTargetId};
use crate::model::states::TrackingEvent;
use crate::store::StoreError;
use crate::store::rows::tracking::EventRow;
use tokens::Trail;

/// Events of one person and kind that are kept in an hour; more come from machines.
const MAX_AN_HOUR: i64 = 200;
/// How long that is.
const HOUR: Duration = Duration::from_secs(3_600);

/// How often something was done with a campaign's messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Every time.
    pub total: i64,
    /// By how many subscriptions.
    pub unique: i64,
}

/// What was done with a campaign's messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pictures loaded.
    pub opened: Count,
    /// Links clicked.
    pub clicked: Count,
    /// Sent on to a friend.
    pub forwarded: Count,
    /// Seen in the browser.
    pub viewed: Count,
    /// Unsubscribed by a link in it.
    pub unsubscribed: Count,
}

/// Clicks on one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkCount {
    /// The link.
    pub link: LinkTargetId,
    /// Where it leads, with its tags.
    pub url: String,
    /// How often.
    pub total: i64,
}

/// Whether a person's opens and clicks are counted.
#[must_use]
pub fn is_allowed(said: Option<Said>, needs_consent: bool) -> bool {
    said.map_or(!needs_consent, |said| said.is_given)
}

/// Notes that the holder of a token did something, if that may be counted; false when it was not. Check the token before.
///
/// # Errors
/// [`StoreError`] only.
pub fn note(cx: &mut Ctx<'_>, trail: &Trail, kind: TrackingEvent, link: LinkTargetId) -> Result<bool, StoreError> {
    let Some(rules) = lists::rules(cx, trail.list)? else { return Ok(false) };
    let is_counted = matches!(kind, TrackingEvent::Opened | TrackingEvent::Clicked | TrackingEvent::Viewed);
    if is_counted {
        let row = cx.tx.list_tracking(trail.list, &[trail.number])?.pop();
        let said = row.map(|row| Said { is_given: row.is_given, at: row.effective_at });
        if !is_allowed(said, cx.settings.letters.tracking_needs_consent) {
            return Ok(false);
        }
    }
    if cx.tx.find_subscriber(trail.list, trail.number)?.is_none() || recent(cx, trail, kind)? >= MAX_AN_HOUR {
        return Ok(false);
    }
    let event = EventRow {
        account_id: rules.account_id,
        campaign_id: trail.campaign,
        message_id: trail.message,
        list_id: trail.list,
        number: trail.number,
        kind,
        link_id: link,
        at: cx.now,
        ip: cx.origin.ip.clone(),
        user_agent: cx.origin.user_agent.clone(),
    };
    cx.tx.insert_event(&event)?;
    Ok(true)
}

/// How often the holder of a token did something in the last hour.
///
/// # Errors
/// [`StoreError`] only.
pub fn recent(cx: &mut Ctx<'_>, trail: &Trail, kind: TrackingEvent) -> Result<i64, StoreError> {
    cx.tx.count_recent_events(trail.list, trail.number, kind, cx.now.minus(HOUR))
}

/// Why nothing was counted together.
#[derive(Debug, thiserror::Error)]
pub enum CountError {
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was done with the messages of a campaign of the acting account; zeros for one that is not known.
///
/// # Errors
/// [`CountError`].
pub fn counts(cx: &mut Ctx<'_>, campaign: CampaignId) -> Result<Counts, CountError> {
    let account = cx.account(Permission::CampaignsGet)?;
    let mut counts = Counts::default();
    for (kind, total, unique) in cx.tx.count_events(account, campaign)? {
        let count = Count { total, unique };
        match kind {
            TrackingEvent::Opened => counts.opened = count,
            TrackingEvent::Clicked => counts.clicked = count,
            TrackingEvent::Forwarded => counts.forwarded = count,
            TrackingEvent::Viewed => counts.viewed = count,
            TrackingEvent::Unsubscribed => counts.unsubscribed = count,
            TrackingEvent::LinksRequested => {}
        }
    }
    Ok(counts)
}

/// Clicks on each link of a campaign of the acting account, the most clicked first.
///
/// # Errors
/// [`CountError`].
pub fn clicks(cx: &mut Ctx<'_>, campaign: CampaignId) -> Result<Vec<LinkCount>, CountError> {
    let account = cx.account(Permission::CampaignsGet)?;
    let found = cx.tx.count_clicks(account, campaign)?;
    Ok(found.into_iter().map(|(link, url, total)| LinkCount { link, url, total }).collect())
}
