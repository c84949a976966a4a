//! Counted links and what people did with messages.

use diesel::dsl::{count, count_star};
use diesel::prelude::*;

use super::Conn;
use crate::model::ids::{AccountId, CampaignId, LinkTargetId, ListId, MessageId, SubscriberNumber};
use crate::model::states::TrackingEvent;
use crate::model::time::UtcTime;
use crate::store::rows::tracking::{EventRow, LinkTargetRow, NewLinkTargetRow};
use crate::store::schema::tracking::{link_targets, tracking_events};
use crate::store::schema::{lists, subscribers};

/// Adds links of a message that it does not have yet.
pub fn insert_link_targets(conn: &mut Conn, targets: &[NewLinkTargetRow]) -> QueryResult<()> {
    for target in targets {
        diesel::insert_into(link_targets::table)
            .values(target)
            .on_conflict((link_targets::message_id, link_targets::url_hash))
            .do_nothing()
            .execute(conn)?;
    }
    Ok(())
}

/// The counted links of a message.
pub fn list_link_targets(conn: &mut Conn, message: MessageId) -> QueryResult<Vec<LinkTargetRow>> {
    link_targets::table
        .filter(link_targets::message_id.eq(message))
        .order(link_targets::id)
        .select(LinkTargetRow::as_select())
        .load(conn)
}

/// One counted link of a message.
pub fn find_link_target(conn: &mut Conn, message: MessageId, id: LinkTargetId) -> QueryResult<Option<LinkTargetRow>> {
    link_targets::table
        .filter(link_targets::id.eq(id))
        .filter(link_targets::message_id.eq(message))
        .select(LinkTargetRow::as_select())
        .get_result(conn)
        .optional()
}

/// Appends an event.
pub fn insert_event(conn: &mut Conn, event: &EventRow) -> QueryResult<()> {
    diesel::insert_into(tracking_events::table).values(event).execute(conn).map(drop)
}

/// How often a person did this since a moment.
pub fn count_recent_events(
    conn: &mut Conn,
    list: ListId,
    number: SubscriberNumber,
    kind: TrackingEvent,
    since: UtcTime,
) -> QueryResult<i64> {
    tracking_events::table
        .filter(tracking_events::list_id.eq(list))
        .filter(tracking_events::number.eq(number))
        .filter(tracking_events::kind.eq(kind))
        .filter(tracking_events::at.ge(since))
        .count()
        .get_result(conn)
}

/// How often a campaign's messages had each kind of event, and from how many subscriptions, as (kind, all, different).
pub fn count_events(
    conn: &mut Conn,
    account: AccountId,
    campaign: CampaignId,
) -> QueryResult<Vec<(TrackingEvent, i64, i64)>> {
    let by_person = tracking_events::table
        .filter(tracking_events::campaign_id.eq(campaign))
        .filter(tracking_events::account_id.eq(account));
    let all: Vec<(TrackingEvent, ListId, i64, i64)> = by_person
        .group_by((tracking_events::kind, tracking_events::list_id))
        .select((
            tracking_events::kind,
            tracking_events::list_id,
            count_star(),
            count(tracking_events::number).aggregate_distinct(),
        ))
        .load(conn)?;
    // A person's number is unique inside its list only.
    let mut counts: Vec<(TrackingEvent, i64, i64)> = Vec::new();
    for (kind, _, n, n_people) in all {
        match counts.iter_mut().find(|(known, _, _)| *known == kind) {
            Some((_, total, different)) => {
                *total += n;
                *different += n_people;
            }
            None => counts.push((kind, n, n_people)),
        }
    }
    Ok(counts)
}

/// How often each link of a campaign was clicked, as (link, its URL, clicks), the most clicked first.
pub fn count_clicks(
    conn: &mut Conn,
    account: AccountId,
    campaign: CampaignId,
) -> QueryResult<Vec<(LinkTargetId, String, i64)>> {
    tracking_events::table
        .inner_join(link_targets::table.on(link_targets::id.eq(tracking_events::link_id)))
        .filter(tracking_events::campaign_id.eq(campaign))
        .filter(tracking_events::account_id.eq(account))
        .filter(tracking_events::kind.eq(TrackingEvent::Clicked))
        .group_by((link_targets::id, link_targets::url))
        .select((link_targets::id, link_targets::url, count(tracking_events::id)))
        .order(count(tracking_events::id).desc())
        .load(conn)
}

/// Empties what tells a subscriber's devices in its events.
pub fn forget_visitor(conn: &mut Conn, list: ListId, number: SubscriberNumber) -> QueryResult<()> {
    diesel::update(
        tracking_events::table
            .filter(tracking_events::list_id.eq(list))
            .filter(tracking_events::number.eq(number)),
    )
    .set((tracking_events::ip.eq(""), tracking_events::user_agent.eq("")))
    .execute(conn)
    .map(drop)
}

/// Where an address is subscribed at all, whatever the account: up to `n` subscriptions as (account, list, number).
pub fn list_subscriptions_anywhere(
    conn: &mut Conn,
    email_key: &str,
    n: i64,
) -> QueryResult<Vec<(AccountId, ListId, SubscriberNumber)>> {
    // The index on subscribers begins with the list.
    subscribers::table
        .inner_join(lists::table.on(lists::id.eq(subscribers::list_id)))
        .filter(lists::deleted_at.is_null())
        .filter(subscribers::email_key.eq(email_key))
        .order((subscribers::list_id, subscribers::number))
        .select((lists::account_id, subscribers::list_id, subscribers::number))
        .limit(n)
        .load(conn)
}

/// Removes up to `n` events of a list; answers how many.
pub fn purge_events(conn: &mut Conn, list: ListId, n: i64) -> QueryResult<usize> {
    let some: Vec<i64> =
        tracking_events::table.filter(tracking_events::list_id.eq(list)).select(tracking_events::id).limit(n).load(conn)?;
    diesel::delete(tracking_events::table.filter(tracking_events::id.eq_any(some))).execute(conn)
}

/// Removes up to `n` counted links of an account; answers how many.
pub fn purge_link_targets(conn: &mut Conn, account: AccountId, n: i64) -> QueryResult<usize> {
    let some: Vec<LinkTargetId> =
        link_targets::table.filter(link_targets::account_id.eq(account)).select(link_targets::id).limit(n).load(conn)?;
    diesel::delete(link_targets::table.filter(link_targets::id.eq_any(some))).execute(conn)
}
