//! What became of a campaign's recipients, added up.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::Conn;
use crate::model::ids::CampaignId;
use crate::store::cached::cached;
use crate::store::rows::campaigns::CampaignTotals;
use crate::store::schema::campaigns::campaign_totals;

/// The totals of a campaign.
pub fn find_campaign_totals(conn: &mut Conn, id: CampaignId) -> QueryResult<Option<CampaignTotals>> {
    campaign_totals::table
        .filter(campaign_totals::campaign_id.eq(id))
        .select(CampaignTotals::as_select())
        .get_result(conn)
        .optional()
}

/// Adds to the totals of a campaign. Of the last results half are forgotten whenever there are more than `window`.
pub fn add_campaign_totals(conn: &mut Conn, id: CampaignId, more: &CampaignTotals, window: i64) -> QueryResult<()> {
    // Both read the number before the change, as everything in an UPDATE does.
    let recent = sql::<BigInt>("CASE WHEN n_recent > ").bind::<BigInt, _>(window);
    let errors = sql::<BigInt>("CASE WHEN n_recent > ").bind::<BigInt, _>(window);
    let update = diesel::update(campaign_totals::table.filter(campaign_totals::campaign_id.eq(id))).set((
        campaign_totals::n_sent.eq(campaign_totals::n_sent + more.n_sent),
        campaign_totals::n_failed.eq(campaign_totals::n_failed + more.n_failed),
        campaign_totals::n_skipped.eq(campaign_totals::n_skipped + more.n_skipped),
        campaign_totals::n_uncertain.eq(campaign_totals::n_uncertain + more.n_uncertain),
        campaign_totals::n_hard.eq(campaign_totals::n_hard + more.n_hard),
        campaign_totals::n_soft.eq(campaign_totals::n_soft + more.n_soft),
        campaign_totals::n_recent
            .eq(recent.sql(" THEN n_recent / 2 ELSE n_recent END + ").bind::<BigInt, _>(more.n_recent)),
        campaign_totals::n_recent_errors.eq(errors
            .sql(" THEN n_recent_errors / 2 ELSE n_recent_errors END + ")
            .bind::<BigInt, _>(more.n_recent_errors)),
    ));
    cached!(update).run(conn)
}

/// Forgets the last results of a campaign, so that it is not paused for them again.
pub fn forget_recent_results(conn: &mut Conn, id: CampaignId) -> QueryResult<()> {
    diesel::update(campaign_totals::table.filter(campaign_totals::campaign_id.eq(id)))
        .set((campaign_totals::n_recent.eq(0), campaign_totals::n_recent_errors.eq(0)))
        .execute(conn)
        .map(drop)
}
