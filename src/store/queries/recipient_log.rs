//! What was sent to whom, and what waits: for people who look, not for workers. And what goes when lists and accounts go.

use diesel::dsl::{count_star, min, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Conn;
use crate::model::ids::{AccountId, CampaignId, ListId, RecipientId, SubscriberNumber};
use crate::model::states::{JobKind, QueueState, RecipientState};
use crate::model::time::UtcTime;
use crate::store::rows::campaigns::{CampaignTotals, LoggedMail, RecipientRow};
use crate::store::schema::campaigns::{campaign_lists, campaign_totals, campaigns, recipients};
use crate::store::schema::{jobs, mails, subscribers};

/// The recipient row with this id.
pub fn find_recipient(conn: &mut Conn, id: RecipientId) -> QueryResult<Option<RecipientRow>> {
    recipients::table.filter(recipients::id.eq(id)).select(RecipientRow::as_select()).get_result(conn).optional()
}

/// Up to `n` recipients of a campaign behind this list and number, in one state or in any, with their addresses while they are known.
pub fn list_recipients(
    conn: &mut Conn,
    campaign: CampaignId,
    state: Option<RecipientState>,
    after: (ListId, SubscriberNumber),
    n: i64,
) -> QueryResult<Vec<(RecipientRow, Option<String>)>> {
    let behind = recipients::list_id
        .gt(after.0)
        .or(recipients::list_id.eq(after.0).and(recipients::number.gt(after.1)));
    let is_same = subscribers::list_id.eq(recipients::list_id).and(subscribers::number.eq(recipients::number));
    let mut query = recipients::table
        .left_join(subscribers::table.on(is_same))
        .filter(recipients::campaign_id.eq(campaign))
        .filter(recipients::list_id.ge(after.0))
        .filter(behind)
        .order((recipients::list_id, recipients::number))
        .limit(n)
        .select((RecipientRow::as_select(), subscribers::email.nullable()))
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(recipients::state.eq(state));
    }
    query.load(conn)
}

/// The last `n` recipient rows of a subscriber, the latest campaign first. Found by the campaigns that its list had.
pub fn list_recipients_of_subscriber(
    conn: &mut Conn,
    list: ListId,
    number: SubscriberNumber,
    n: i64,
) -> QueryResult<Vec<RecipientRow>> {
    let its = campaign_lists::table.filter(campaign_lists::list_id.eq(list)).select(campaign_lists::campaign_id);
    recipients::table
        .filter(recipients::campaign_id.eq_any(its))
        .filter(recipients::list_id.eq(list))
        .filter(recipients::number.eq(number))
        .order(recipients::campaign_id.desc())
        .limit(n)
        .select(RecipientRow::as_select())
        .load(conn)
}

/// The last `n` mails that were queued for an address, the latest first.
pub fn list_mails_to(conn: &mut Conn, account: AccountId, email: &str, n: i64) -> QueryResult<Vec<LoggedMail>> {
    mails::table
        .filter(mails::account_id.eq(account))
        .filter(mails::to_email.eq(email))
        .order(mails::id.desc())
        .limit(n)
        .select(LoggedMail::as_select())
        .load(conn)
}

/// How many mails are in a state, and when the first of them is due.
pub fn count_mails_in(conn: &mut Conn, state: QueueState) -> QueryResult<(i64, Option<UtcTime>)> {
    mails::table.filter(mails::state.eq(state)).select((count_star(), min(mails::due_at))).get_result(conn)
}

/// How many jobs of a kind are in a state, and when the first of them is due.
pub fn count_jobs_in(conn: &mut Conn, kind: JobKind, state: QueueState) -> QueryResult<(i64, Option<UtcTime>)> {
    jobs::table
        .filter(jobs::kind.eq(kind))
        .filter(jobs::state.eq(state))
        .select((count_star(), min(jobs::due_at)))
        .get_result(conn)
}

/// How many recipients of a campaign are leased.
pub fn count_leased(conn: &mut Conn, campaign: CampaignId) -> QueryResult<i64> {
    recipients::table.filter(super::campaign_lists::leased_of(campaign)).select(count_star()).get_result(conn)
}

/// How many pending recipients of a campaign wait for a later moment than `now`.
pub fn count_deferred(conn: &mut Conn, campaign: CampaignId, now: UtcTime) -> QueryResult<i64> {
    recipients::table
        .filter(recipients::campaign_id.eq(campaign))
        .filter(sql::<Bool>("state = 1"))
        .filter(recipients::due_at.gt(now))
        .select(count_star())
        .get_result(conn)
}

/// Whether a lease has ended.
pub fn is_lease_ended(conn: &mut Conn, now: UtcTime) -> QueryResult<bool> {
    let ended = recipients::table.filter(sql::<Bool>("state = 2")).filter(recipients::due_at.le(now));
    ended.select(recipients::id).limit(1).get_result::<RecipientId>(conn).optional().map(|found| found.is_some())
}

/// When the first pending recipient of a campaign is due.
pub fn find_first_due(conn: &mut Conn, campaign: CampaignId) -> QueryResult<Option<UtcTime>> {
    recipients::table
        .filter(recipients::campaign_id.eq(campaign))
        .filter(sql::<Bool>("state = 1"))
        .order((recipients::due_at, recipients::id))
        .select(recipients::due_at)
        .limit(1)
        .get_result(conn)
        .optional()
}

/// Removes up to `n` recipient rows of a list, and answers how many; those that were open count as skipped from then on. The campaigns stay, without the
/// list once its last row is gone.
pub fn purge_recipients_of_list(conn: &mut Conn, list: ListId, n: i64) -> QueryResult<usize> {
    let of_list = campaign_lists::table.filter(campaign_lists::list_id.eq(list));
    let campaign: Option<CampaignId> =
        of_list.order(campaign_lists::campaign_id).select(campaign_lists::campaign_id).limit(1).get_result(conn).optional()?;
    let Some(campaign) = campaign else { return Ok(0) };
    let some: Vec<(RecipientId, RecipientState)> = recipients::table
        .filter(recipients::campaign_id.eq(campaign))
        .filter(recipients::list_id.eq(list))
        .order(recipients::number)
        .select((recipients::id, recipients::state))
        .limit(n)
        .load(conn)?;
    if some.is_empty() {
        let parts = campaign_lists::table.filter(campaign_lists::campaign_id.eq(campaign));
        return diesel::delete(parts.filter(campaign_lists::list_id.eq(list))).execute(conn);
    }
    let is_open = |state: RecipientState| matches!(state, RecipientState::Pending | RecipientState::Leased);
    let n_open = some.iter().filter(|(_, state)| is_open(*state)).count();
    let ids: Vec<RecipientId> = some.iter().map(|(id, _)| *id).collect();
    let n_gone = diesel::delete(recipients::table.filter(recipients::id.eq_any(ids))).execute(conn)?;
    let skipped = CampaignTotals { n_skipped: i64::try_from(n_open).unwrap_or(n), ..CampaignTotals::default() };
    super::campaign_totals::add_campaign_totals(conn, campaign, &skipped, i64::MAX)?;
    Ok(n_gone)
}

/// Removes up to `n` recipients of an account's campaigns, and each campaign with its last one; answers how many rows went.
pub fn purge_campaigns(conn: &mut Conn, account: AccountId, n: i64) -> QueryResult<usize> {
    let campaign: Option<CampaignId> = campaigns::table
        .filter(campaigns::account_id.eq(account))
        .order(campaigns::id)
        .select(campaigns::id)
        .limit(1)
        .get_result(conn)
        .optional()?;
    let Some(campaign) = campaign else { return Ok(0) };
    let some: Vec<RecipientId> = recipients::table
        .filter(recipients::campaign_id.eq(campaign))
        .select(recipients::id)
        .limit(n)
        .load(conn)?;
    if some.is_empty() {
        super::campaigns::delete_campaign(conn, campaign)?;
        return Ok(1);
    }
    diesel::delete(recipients::table.filter(recipients::id.eq_any(some))).execute(conn)
}

/// The totals of a campaign that every row is counted for, as a check on those that are kept. Walks over all of them.
#[cfg(test)]
pub fn count_recipients_in(conn: &mut Conn, campaign: CampaignId, state: RecipientState) -> QueryResult<i64> {
    recipients::table
        .filter(recipients::campaign_id.eq(campaign))
        .filter(recipients::state.eq(state))
        .select(count_star())
        .get_result(conn)
}

/// Adds bounces that came back later to a campaign's totals.
pub fn add_campaign_bounces(conn: &mut Conn, id: CampaignId, n_hard: i64, n_soft: i64) -> QueryResult<()> {
    diesel::update(campaign_totals::table.filter(campaign_totals::campaign_id.eq(id)))
        .set((
            campaign_totals::n_hard.eq(campaign_totals::n_hard + n_hard),
            campaign_totals::n_soft.eq(campaign_totals::n_soft + n_soft),
        ))
        .execute(conn)
        .map(drop)
}
