//! Leasing and ending recipients on PostgreSQL: rows that another node is just leasing are passed over, so that nodes share without waiting.
//!
//! States are written out, because no partial index serves one that is bound.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, SmallInt, Text};

use super::Conn;
use crate::model::ids::{CampaignId, NodeId, RecipientId};
use crate::model::time::UtcTime;
use crate::store::cached::cached;
use crate::store::rows::campaigns::{CampaignRow, ChangedRow, EndedRow, LeasedRow};
use crate::store::schema::campaigns::campaigns;

const LEASE: &str = "WITH due AS MATERIALIZED (SELECT id FROM recipients \
    WHERE campaign_id = $1 AND state = 1 AND due_at <= $3 ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED) \
    UPDATE recipients r SET state = 2, due_at = $4, leased_by = $5, n_tries = r.n_tries + 1, \
    first_try_at = CASE WHEN r.n_tries = 0 AND r.due_at < $3 - 86400000000 THEN $3 ELSE COALESCE(r.first_try_at, $3) END FROM due WHERE r.id = due.id \
    RETURNING r.id, r.list_id, r.number, r.n_tries, r.is_uncertain, r.first_try_at";

/// Leases up to `n` due recipients of a campaign until then, those due first before the others. One that was never tried and that nobody came for during
/// a day (its campaign was paused, the server down) begins anew.
pub fn lease_recipients(
    conn: &mut Conn,
    campaign: CampaignId,
    node: NodeId,
    n: i64,
    now: UtcTime,
    until: UtcTime,
) -> QueryResult<Vec<LeasedRow>> {
    let query = diesel::sql_query(LEASE).bind::<BigInt, _>(campaign).bind::<BigInt, _>(n).bind::<BigInt, _>(now);
    cached!(query.bind::<BigInt, _>(until).bind::<BigInt, _>(node)).load(conn)
}

#[derive(QueryableByName)]
struct Left {
    #[diesel(sql_type = BigInt)]
    campaign_id: CampaignId,
    #[diesel(sql_type = Bool)]
    is_uncertain: bool,
}

const RETURN: &str = "WITH ended AS MATERIALIZED (SELECT id, is_uncertain FROM recipients \
    WHERE state = 2 AND due_at <= $2 AND leased_by <> $3 ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED) \
    UPDATE recipients r SET state = 1, due_at = $2, leased_by = 0, is_uncertain = TRUE FROM ended WHERE r.id = ended.id \
    RETURNING r.campaign_id, ended.is_uncertain";

/// Gives up to `n` recipients back whose lease ended, marked uncertain, but none of this process. Answers the campaign of each, and whether it was not
/// marked before.
pub fn return_ended_leases(
    conn: &mut Conn,
    n: i64,
    now: UtcTime,
    but: Option<NodeId>,
) -> QueryResult<Vec<(CampaignId, bool)>> {
    let query = diesel::sql_query(RETURN).bind::<BigInt, _>(n).bind::<BigInt, _>(now);
    let left: Vec<Left> = cached!(query.bind::<BigInt, _>(but.unwrap_or(NodeId::NONE))).load(conn)?;
    Ok(left.into_iter().map(|row| (row.campaign_id, !row.is_uncertain)).collect())
}

const RETURN_OF_GONE: &str = "WITH left_behind AS MATERIALIZED (SELECT id, is_uncertain FROM recipients \
    WHERE state = 2 AND leased_by NOT IN (SELECT id FROM nodes) LIMIT $1 FOR UPDATE SKIP LOCKED) \
    UPDATE recipients r SET state = 1, due_at = $2, leased_by = 0, is_uncertain = TRUE FROM left_behind AS l WHERE r.id = l.id \
    RETURNING r.campaign_id, l.is_uncertain";

/// As [`return_ended_leases`], for the leases of nodes that are not entered any more.
pub fn return_recipients_of_gone(conn: &mut Conn, n: i64, now: UtcTime) -> QueryResult<Vec<(CampaignId, bool)>> {
    let query = diesel::sql_query(RETURN_OF_GONE).bind::<BigInt, _>(n).bind::<BigInt, _>(now);
    let left: Vec<Left> = query.load(conn)?;
    Ok(left.into_iter().map(|row| (row.campaign_id, !row.is_uncertain)).collect())
}

const RENEW: &str = "UPDATE recipients SET due_at = $2 WHERE id = ANY($1) AND state = 2 AND leased_by = $3";

/// Begins the leases of these recipients of a process anew.
pub fn renew_recipients(conn: &mut Conn, ids: &[RecipientId], node: NodeId, until: UtcTime) -> QueryResult<()> {
    let plain: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let query = diesel::sql_query(RENEW).bind::<Array<BigInt>, _>(plain);
    query.bind::<BigInt, _>(until).bind::<BigInt, _>(node).execute(conn).map(drop)
}

const RELEASE: &str = "UPDATE recipients SET state = 1, due_at = $2, leased_by = 0, n_tries = n_tries - 1, \
    first_try_at = CASE WHEN n_tries > 1 THEN first_try_at END WHERE id = ANY($1) AND state = 2 AND leased_by = $3";

/// Puts recipients back that this process leased and did not try.
pub fn release_recipients(conn: &mut Conn, ids: &[RecipientId], node: NodeId, now: UtcTime) -> QueryResult<()> {
    let plain: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let query = diesel::sql_query(RELEASE).bind::<Array<BigInt>, _>(plain);
    query.bind::<BigInt, _>(now).bind::<BigInt, _>(node).execute(conn).map(drop)
}

const END: &str = "UPDATE recipients r SET state = e.state, due_at = e.due_at, leased_by = 0, n_tries = r.n_tries - e.n_back, \
    first_try_at = CASE WHEN r.n_tries > e.n_back OR e.state = 1 THEN r.first_try_at END, \
    finished_at = CASE WHEN e.state = 1 THEN NULL ELSE e.due_at END, last_reply = COALESCE(e.reply, r.last_reply) \
    FROM unnest($1::bigint[], $2::smallint[], $3::bigint[], $4::text[], $5::bigint[]) AS e(id, state, due_at, reply, n_back) \
    WHERE r.id = e.id AND ((r.state = 2 AND r.leased_by = $6) OR (r.state IN (1, 2) AND e.state = 3)) \
    RETURNING r.id, r.campaign_id, r.list_id, r.number";

/// Notes how attempts left recipients that this process leased. One that was sent is noted whoever has its lease now. Answers those that were noted.
pub fn end_recipients(conn: &mut Conn, rows: &[EndedRow], node: NodeId) -> QueryResult<Vec<ChangedRow>> {
    let query = diesel::sql_query(END)
        .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.id.0).collect::<Vec<_>>())
        .bind::<Array<SmallInt>, _>(rows.iter().map(|row| row.state.number()).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.due_at.0).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|row| row.reply.as_deref()).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.n_back).collect::<Vec<_>>());
    cached!(query.bind::<BigInt, _>(node)).load(conn)
}

const MARK: &str = "UPDATE recipients SET is_uncertain = TRUE WHERE id = ANY($1) AND NOT is_uncertain \
    RETURNING id, campaign_id, list_id, number";

/// Marks recipients that may get the mail more than once; answers those that were not marked before.
pub fn mark_uncertain(conn: &mut Conn, ids: &[RecipientId]) -> QueryResult<Vec<ChangedRow>> {
    let plain: Vec<i64> = ids.iter().map(|id| id.0).collect();
    diesel::sql_query(MARK).bind::<Array<BigInt>, _>(plain).load(conn)
}

/// Takes a campaign to work on until the transaction ends. `None` when there is none, or another node works on it.
pub fn take_campaign(conn: &mut Conn, id: CampaignId) -> QueryResult<Option<CampaignRow>> {
    campaigns::table
        .filter(campaigns::id.eq(id))
        .select(CampaignRow::as_select())
        .for_no_key_update()
        .skip_locked()
        .get_result(conn)
        .optional()
}
