//! Campaigns: made, found, listed, and set on from one state to the next.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Conn;
use crate::model::ids::{AccountId, CampaignId, MessageId, RecipientId};
use crate::model::states::{CampaignState, Resend};
use crate::model::time::UtcTime;
use crate::store::rows::campaigns::{
    CampaignCourse, CampaignListRow, CampaignPlan, CampaignRow, CampaignTotals, NewCampaignRow, SendingCampaign,
};
use crate::store::schema::accounts;
use crate::store::schema::campaigns::{campaign_lists, campaign_totals, campaigns, recipients};

/// Makes a campaign with its lists, whose `campaign_id` is filled in here.
pub fn insert_campaign(conn: &mut Conn, row: &NewCampaignRow, lists: &[CampaignListRow]) -> QueryResult<CampaignId> {
    let id: CampaignId = diesel::insert_into(campaigns::table).values(row).returning(campaigns::id).get_result(conn)?;
    let zero = (
        campaign_totals::campaign_id.eq(id),
        campaign_totals::n_sent.eq(0),
        campaign_totals::n_failed.eq(0),
        campaign_totals::n_skipped.eq(0),
        campaign_totals::n_uncertain.eq(0),
        campaign_totals::n_hard.eq(0),
        campaign_totals::n_soft.eq(0),
        campaign_totals::n_recent.eq(0),
        campaign_totals::n_recent_errors.eq(0),
    );
    diesel::insert_into(campaign_totals::table).values(zero).execute(conn)?;
    for list in lists {
        let row = CampaignListRow { campaign_id: id, ..list.clone() };
        diesel::insert_into(campaign_lists::table).values(&row).execute(conn)?;
    }
    Ok(id)
}

/// The campaign with this id, if it belongs to the account.
pub fn find_campaign(conn: &mut Conn, account: AccountId, id: CampaignId) -> QueryResult<Option<CampaignRow>> {
    campaigns::table
        .filter(campaigns::id.eq(id))
        .filter(campaigns::account_id.eq(account))
        .select(CampaignRow::as_select())
        .get_result(conn)
        .optional()
}

/// The campaign with this id, whosever it is.
pub fn find_any_campaign(conn: &mut Conn, id: CampaignId) -> QueryResult<Option<CampaignRow>> {
    campaigns::table.filter(campaigns::id.eq(id)).select(CampaignRow::as_select()).get_result(conn).optional()
}

/// Up to `n` campaigns after this one, by id, of an account or of all, with their totals.
pub fn list_campaigns(
    conn: &mut Conn,
    account: Option<AccountId>,
    after: CampaignId,
    n: i64,
) -> QueryResult<Vec<(CampaignRow, CampaignTotals)>> {
    let mut query = campaigns::table
        .inner_join(campaign_totals::table.on(campaign_totals::campaign_id.eq(campaigns::id)))
        .filter(campaigns::id.gt(after))
        .order(campaigns::id)
        .limit(n)
        .select((CampaignRow::as_select(), CampaignTotals::as_select()))
        .into_boxed();
    if let Some(account) = account {
        query = query.filter(campaigns::account_id.eq(account));
    }
    query.load(conn)
}

/// Up to `n` campaigns in one state after this one, by id.
pub fn list_campaigns_in(
    conn: &mut Conn,
    state: CampaignState,
    after: CampaignId,
    n: i64,
) -> QueryResult<Vec<CampaignRow>> {
    campaigns::table
        .filter(campaigns::state.eq(state))
        .filter(campaigns::id.gt(after))
        .order(campaigns::id)
        .limit(n)
        .select(CampaignRow::as_select())
        .load(conn)
}

/// A campaign that ended early and whose open recipients are not all skipped yet.
pub fn find_campaign_to_clear(conn: &mut Conn) -> QueryResult<Option<CampaignRow>> {
    campaigns::table
        .filter(sql::<Bool>("state IN (7, 8) AND finished_at IS NULL"))
        .order(campaigns::id)
        .limit(1)
        .select(CampaignRow::as_select())
        .get_result(conn)
        .optional()
}

/// A campaign that ended before this moment and whose recipients' rows are still there, the earliest first.
pub fn find_campaign_to_sweep(conn: &mut Conn, before: UtcTime) -> QueryResult<Option<CampaignId>> {
    campaigns::table
        .filter(campaigns::swept_at.is_null())
        .filter(campaigns::finished_at.lt(before))
        .order((campaigns::finished_at, campaigns::id))
        .select(campaigns::id)
        .limit(1)
        .get_result(conn)
        .optional()
}

/// Removes up to `n` recipient rows of a campaign that is over, and answers how many. Without any left, notes that it was swept.
pub fn sweep_recipients(conn: &mut Conn, id: CampaignId, n: i64, at: UtcTime) -> QueryResult<usize> {
    let some: Vec<RecipientId> = recipients::table
        .filter(recipients::campaign_id.eq(id))
        .order((recipients::list_id, recipients::number))
        .select(recipients::id)
        .limit(n)
        .load(conn)?;
    if some.is_empty() {
        diesel::update(campaigns::table.filter(campaigns::id.eq(id))).set(campaigns::swept_at.eq(at)).execute(conn)?;
        return Ok(0);
    }
    diesel::delete(recipients::table.filter(recipients::id.eq_any(some))).execute(conn)
}

/// Up to `n` scheduled campaigns whose time has come, the earliest first.
pub fn list_due_campaigns(conn: &mut Conn, now: UtcTime, n: i64) -> QueryResult<Vec<CampaignRow>> {
    campaigns::table
        .filter(campaigns::state.eq(CampaignState::Scheduled))
        .filter(campaigns::due_at.le(now))
        .order((campaigns::due_at, campaigns::id))
        .limit(n)
        .select(CampaignRow::as_select())
        .load(conn)
}

/// Up to `n` campaigns that are being sent, of accounts that may act, by account and id.
pub fn list_sending_campaigns(conn: &mut Conn, n: i64) -> QueryResult<Vec<SendingCampaign>> {
    campaigns::table
        .inner_join(campaign_totals::table.on(campaign_totals::campaign_id.eq(campaigns::id)))
        .inner_join(accounts::table.on(accounts::id.eq(campaigns::account_id)))
        .filter(campaigns::state.eq(CampaignState::Sending))
        .filter(accounts::is_enabled.eq(true))
        .filter(accounts::deleted_at.is_null())
        .order((campaigns::account_id, campaigns::id))
        .limit(n)
        .select((campaigns::id, campaigns::account_id, campaign_totals::n_recent, campaign_totals::n_recent_errors))
        .load(conn)
}

/// How many recipients each campaign has that an account started since then.
pub fn list_recipient_counts_since(conn: &mut Conn, account: AccountId, since: UtcTime) -> QueryResult<Vec<i64>> {
    campaigns::table
        .filter(campaigns::account_id.eq(account))
        .filter(campaigns::started_at.ge(since))
        .select(campaigns::n_recipients)
        .load(conn)
}

/// Sets a campaign on its way, if it is in one of these states; false when it is not.
pub fn set_campaign_course(
    conn: &mut Conn,
    id: CampaignId,
    from: &[CampaignState],
    course: &CampaignCourse,
) -> QueryResult<bool> {
    diesel::update(campaigns::table.filter(campaigns::id.eq(id)).filter(campaigns::state.eq_any(from)))
        .set(course)
        .execute(conn)
        .map(|n| n == 1)
}

/// Notes which recipients of a campaign are put back.
pub fn set_campaign_resend(conn: &mut Conn, id: CampaignId, resend: Resend) -> QueryResult<()> {
    diesel::update(campaigns::table.filter(campaigns::id.eq(id)))
        .set(campaigns::resend.eq(resend))
        .execute(conn)
        .map(drop)
}

/// Notes how far the planner of a campaign is.
pub fn save_campaign_plan(conn: &mut Conn, id: CampaignId, plan: &CampaignPlan) -> QueryResult<()> {
    diesel::update(campaigns::table.filter(campaigns::id.eq(id))).set(plan).execute(conn).map(drop)
}

/// A campaign of an account that is not over and sends a message.
pub fn find_open_campaign_of(
    conn: &mut Conn,
    account: AccountId,
    message: MessageId,
) -> QueryResult<Option<CampaignId>> {
    let over = [CampaignState::Sent, CampaignState::Failed, CampaignState::Cancelled];
    campaigns::table
        .filter(campaigns::account_id.eq(account))
        .filter(campaigns::message_id.eq(message))
        .filter(campaigns::state.ne_all(over))
        .order(campaigns::id)
        .limit(1)
        .select(campaigns::id)
        .get_result(conn)
        .optional()
}

/// Removes a campaign that has no recipients.
pub fn delete_campaign(conn: &mut Conn, id: CampaignId) -> QueryResult<()> {
    diesel::delete(campaign_lists::table.filter(campaign_lists::campaign_id.eq(id))).execute(conn)?;
    diesel::delete(campaign_totals::table.filter(campaign_totals::campaign_id.eq(id))).execute(conn)?;
    diesel::delete(campaigns::table.filter(campaigns::id.eq(id))).execute(conn).map(drop)
}
