//! Contents of `queries/tracking.rs`.

use crate::model::ids::{AccountId, CampaignId, LinkTargetId, ListId, MessageId, SubscriberNumber};
use crate::model::states::TrackingEvent;
use crate::model::time::UtcTime;
use crate::store::rows::tracking::{EventRow, LinkTargetRow, NewLinkTargetRow};

queries! { tracking {
    /// Adds links of a message that it does not have yet.
    fn insert_link_targets(targets: &[NewLinkTargetRow]) -> ();
    /// The counted links of a message.
    fn list_link_targets(message: MessageId) -> Vec<LinkTargetRow>;
    /// One counted link of a message.
    fn find_link_target(message: MessageId, id: LinkTargetId) -> Option<LinkTargetRow>;
    /// Appends an event.
    fn insert_event(event: &EventRow) -> ();
    /// How often a person did this since a moment.
    fn count_recent_events(list: ListId, number: SubscriberNumber, kind: TrackingEvent, since: UtcTime) -> i64;
    /// How often a campaign's messages had each kind of event, and from how many subscriptions, as (kind, all, different).
    fn count_events(account: AccountId, campaign: CampaignId) -> Vec<(TrackingEvent, i64, i64)>;
    /// How often each link of a campaign was clicked, as (link, its URL, clicks), the most clicked first.
    fn count_clicks(account: AccountId, campaign: CampaignId) -> Vec<(LinkTargetId, String, i64)>;
    /// Empties what tells a subscriber's devices in its events.
    fn forget_visitor(list: ListId, number: SubscriberNumber) -> ();
    /// Where an address is subscribed at all, whatever the account: up to `n` subscriptions as (account, list, number).
    fn list_subscriptions_anywhere(email_key: &str, n: i64) -> Vec<(AccountId, ListId, SubscriberNumber)>;
    /// Removes up to `n` events of a list; answers how many.
    fn purge_events(list: ListId, n: i64) -> usize;
    /// Removes up to `n` counted links of an account; answers how many.
    fn purge_link_targets(account: AccountId, n: i64) -> usize;
} }
