//! Whom a campaign goes to: its lists, and the recipients that the planner makes of them piece by piece.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, SmallInt, Text};

use super::{Conn, selections};
use crate::model::ids::{CampaignId, ListId, NodeId, RecipientId, SubscriberNumber};
use crate::model::states::{RecipientState, Resend};
use crate::model::time::UtcTime;
use crate::store::rows::campaigns::CampaignListRow;
use crate::store::rows::selections::Selection;
use crate::store::schema::campaigns::{campaign_lists, recipients};
use crate::store::schema::{list_totals, subscribers};

/// The lists of a campaign, in their order.
pub fn list_campaign_lists(conn: &mut Conn, campaign: CampaignId) -> QueryResult<Vec<CampaignListRow>> {
    campaign_lists::table
        .filter(campaign_lists::campaign_id.eq(campaign))
        .order(campaign_lists::position)
        .select(CampaignListRow::as_select())
        .load(conn)
}

/// Notes the highest subscriber number of each list of a campaign: whoever joins from now on is not meant.
pub fn fix_campaign_bounds(conn: &mut Conn, campaign: CampaignId) -> QueryResult<()> {
    for row in list_campaign_lists(conn, campaign)? {
        let last: Option<SubscriberNumber> = list_totals::table
            .filter(list_totals::list_id.eq(row.list_id))
            .select(list_totals::last_number)
            .get_result(conn)
            .optional()?;
        diesel::update(
            campaign_lists::table
                .filter(campaign_lists::campaign_id.eq(campaign))
                .filter(campaign_lists::position.eq(row.position)),
        )
        .set(campaign_lists::up_to.eq(last.unwrap_or(SubscriberNumber::NONE)))
        .execute(conn)?;
    }
    Ok(())
}

/// The number of the `n`th subscriber of a list after this one; `None` when there are fewer.
pub fn find_nth_number(
    conn: &mut Conn,
    list: ListId,
    after: SubscriberNumber,
    n: i64,
) -> QueryResult<Option<SubscriberNumber>> {
    subscribers::table
        .filter(subscribers::list_id.eq(list))
        .filter(subscribers::number.gt(after))
        .order(subscribers::number)
        .select(subscribers::number)
        .offset(n - 1)
        .limit(1)
        .get_result(conn)
        .optional()
}

/// Raw because of the correlated look across three tables; `CROSS JOIN` keeps SQLite to this order, which runs along an index at each step.
const FIRST_IN_AN_EARLIER_LIST: [&str; 3] = [
    "(NOT EXISTS (SELECT 1 FROM campaign_lists cl CROSS JOIN subscribers e CROSS JOIN recipients r WHERE cl.campaign_id = ",
    " AND cl.position < ",
    " AND e.list_id = cl.list_id AND e.email_key = subscribers.email_key \
      AND r.campaign_id = cl.campaign_id AND r.list_id = e.list_id AND r.number = e.number))",
];

/// Makes recipients of those subscribers of a campaign's list who fit, with numbers after `after` up to `until`; who has one by an earlier list of the
/// campaign gets no other. Answers how many.
pub fn plan_recipients(
    conn: &mut Conn,
    list: &CampaignListRow,
    selection: &Selection,
    after: SubscriberNumber,
    until: SubscriberNumber,
    at: UtcTime,
) -> QueryResult<usize> {
    let selection = selections::with_keys_found(conn, list.list_id, selection)?;
    let mut condition = selections::condition(&selection);
    if list.position > 0 {
        let [of_campaign, before, rest] = FIRST_IN_AN_EARLIER_LIST;
        let is_first = sql::<Bool>(of_campaign).bind::<BigInt, _>(list.campaign_id);
        let is_first = is_first.sql(before).bind::<BigInt, _>(list.position).sql(rest);
        condition = Box::new(condition.and(is_first));
    }
    let chosen = subscribers::table
        .filter(subscribers::list_id.eq(list.list_id))
        .filter(subscribers::number.gt(after))
        .filter(subscribers::number.le(until))
        .filter(condition)
        .order(subscribers::number)
        .select((
            list.campaign_id.into_sql::<BigInt>(),
            subscribers::list_id,
            subscribers::number,
            RecipientState::Pending.into_sql::<SmallInt>(),
            false.into_sql::<Bool>(),
            at.into_sql::<BigInt>(),
            NodeId::NONE.into_sql::<BigInt>(),
            0_i64.into_sql::<BigInt>(),
            "".into_sql::<Text>(),
        ));
    diesel::insert_into(recipients::table)
        .values(chosen)
        .into_columns((
            recipients::campaign_id,
            recipients::list_id,
            recipients::number,
            recipients::state,
            recipients::is_uncertain,
            recipients::due_at,
            recipients::leased_by,
            recipients::n_tries,
            recipients::last_reply,
        ))
        .execute(conn)
}

/// Puts up to `n` failed recipients of a campaign back, as if they had never been tried; answers how many.
pub fn put_back_failed(
    conn: &mut Conn,
    campaign: CampaignId,
    which: Resend,
    n: i64,
    at: UtcTime,
) -> QueryResult<usize> {
    let mut failed = recipients::table
        .filter(recipients::campaign_id.eq(campaign))
        .filter(sql::<Bool>("state = 4"))
        .order(recipients::id)
        .select(recipients::id)
        .limit(n)
        .into_boxed();
    if which != Resend::FailedAndUncertain {
        failed = failed.filter(recipients::is_uncertain.eq(false));
    }
    let ids: Vec<RecipientId> = failed.load(conn)?;
    diesel::update(recipients::table.filter(recipients::id.eq_any(ids)))
        .set((
            recipients::state.eq(RecipientState::Pending),
            recipients::due_at.eq(at),
            recipients::n_tries.eq(0),
            recipients::first_try_at.eq(None::<UtcTime>),
            recipients::finished_at.eq(None::<UtcTime>),
        ))
        .execute(conn)
}

/// The first and the last recipient there is.
pub fn find_recipient_span(conn: &mut Conn) -> QueryResult<Option<(RecipientId, RecipientId)>> {
    let ids = recipients::table.select(recipients::id);
    let Some(first) = ids.order(recipients::id).limit(1).get_result(conn).optional()? else { return Ok(None) };
    let last = ids.order(recipients::id.desc()).limit(1).get_result(conn).optional()?;
    Ok(last.map(|last| (first, last)))
}

/// Makes those pending recipients due now that are due later, of these numbers.
pub fn hasten_recipients(conn: &mut Conn, first: RecipientId, last: RecipientId, now: UtcTime) -> QueryResult<()> {
    let numbered = recipients::table.filter(recipients::id.between(first, last));
    let later = numbered.filter(recipients::state.eq(RecipientState::Pending)).filter(recipients::due_at.gt(now));
    diesel::update(later).set(recipients::due_at.eq(now)).execute(conn).map(drop)
}

/// Skips up to `n` pending recipients of a campaign that is over; answers how many.
pub fn skip_pending(
    conn: &mut Conn,
    campaign: CampaignId,
    reason: &str,
    n: i64,
    at: UtcTime,
) -> QueryResult<usize> {
    let ids: Vec<RecipientId> = recipients::table
        .filter(recipients::campaign_id.eq(campaign))
        .filter(sql::<Bool>("state = 1"))
        .order((recipients::due_at, recipients::id))
        .select(recipients::id)
        .limit(n)
        .load(conn)?;
    diesel::update(recipients::table.filter(recipients::id.eq_any(ids)))
        .set((
            recipients::state.eq(RecipientState::Skipped),
            recipients::due_at.eq(at),
            recipients::finished_at.eq(at),
            recipients::last_reply.eq(reason),
        ))
        .execute(conn)
}

/// A recipient of a campaign that is not over; `None` when all are. The states are written out, because no partial index serves one that is bound.
pub fn find_open_recipient(conn: &mut Conn, campaign: CampaignId) -> QueryResult<Option<RecipientId>> {
    let pending = recipients::table.filter(recipients::campaign_id.eq(campaign)).filter(sql::<Bool>("state = 1"));
    let found = pending.select(recipients::id).limit(1).get_result(conn).optional()?;
    if found.is_some() {
        return Ok(found);
    }
    let leased = recipients::table.filter(leased_of(campaign));
    leased.select(recipients::id).limit(1).get_result(conn).optional()
}

/// Leased, and of this campaign. The sign keeps SQLite from walking over all rows of the campaign: the few that are leased have an index of their own.
pub(super) fn leased_of(campaign: CampaignId) -> SqlLiteral<Bool> {
    sql(&format!("state = 2 AND +campaign_id = {campaign}"))
}
