//! Leasing and ending recipients on SQLite: the single writer runs each alone, so nobody else sees the rows in between.
//!
//! States are written out, because no partial index serves one that is bound. Rows go in as one JSON text, see [`super::bulk`].

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::Conn;
use super::bulk::json;
use crate::model::ids::{CampaignId, NodeId, RecipientId};
use crate::model::time::UtcTime;
use crate::store::cached::cached;
use crate::store::rows::campaigns::{CampaignRow, ChangedRow, EndedRow, LeasedRow};
use crate::store::schema::campaigns::campaigns;

const LEASE: &str = "UPDATE recipients SET state = 2, due_at = ?4, leased_by = ?5, n_tries = n_tries + 1, \
    first_try_at = CASE WHEN n_tries = 0 AND due_at < ?3 - 86400000000 THEN ?3 ELSE COALESCE(first_try_at, ?3) END WHERE id IN (SELECT id FROM recipients \
    WHERE campaign_id = ?1 AND state = 1 AND due_at <= ?3 ORDER BY due_at, id LIMIT ?2) \
    RETURNING id, list_id, number, n_tries, is_uncertain, first_try_at";

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
    id: RecipientId,
    #[diesel(sql_type = BigInt)]
    campaign_id: CampaignId,
    #[diesel(sql_type = Bool)]
    is_uncertain: bool,
}

const ENDED_LEASES: &str = "SELECT id, campaign_id, is_uncertain FROM recipients \
    WHERE state = 2 AND due_at <= ?1 AND leased_by <> ?3 ORDER BY due_at LIMIT ?2";
const LEASES_OF_GONE: &str = "SELECT id, campaign_id, is_uncertain FROM recipients WHERE state = 2 AND leased_by NOT IN (SELECT id FROM nodes) LIMIT ?1";

/// Gives up to `n` recipients back whose lease ended, marked uncertain, but none of this process. Answers the campaign of each, and whether it was not
/// marked before.
pub fn return_ended_leases(
    conn: &mut Conn,
    n: i64,
    now: UtcTime,
    but: Option<NodeId>,
) -> QueryResult<Vec<(CampaignId, bool)>> {
    let query = diesel::sql_query(ENDED_LEASES).bind::<BigInt, _>(now).bind::<BigInt, _>(n);
    let left = cached!(query.bind::<BigInt, _>(but.unwrap_or(NodeId::NONE))).load(conn)?;
    give_back(conn, left, now)
}

/// As [`return_ended_leases`], for the leases of nodes that are not entered any more.
pub fn return_recipients_of_gone(conn: &mut Conn, n: i64, now: UtcTime) -> QueryResult<Vec<(CampaignId, bool)>> {
    let query = diesel::sql_query(LEASES_OF_GONE).bind::<BigInt, _>(n);
    let left = query.load(conn)?;
    give_back(conn, left, now)
}

const GIVE_BACK: &str = "UPDATE recipients SET state = 1, due_at = ?2, leased_by = 0, is_uncertain = 1 \
    WHERE id IN (SELECT value FROM json_each(?1))";

fn give_back(conn: &mut Conn, left: Vec<Left>, now: UtcTime) -> QueryResult<Vec<(CampaignId, bool)>> {
    if !left.is_empty() {
        let ids: Vec<i64> = left.iter().map(|row| row.id.0).collect();
        cached!(diesel::sql_query(GIVE_BACK).bind::<Text, _>(json(&ids)?).bind::<BigInt, _>(now)).run(conn)?;
    }
    Ok(left.into_iter().map(|row| (row.campaign_id, !row.is_uncertain)).collect())
}

const RENEW: &str = "UPDATE recipients SET due_at = ?2 \
    WHERE id IN (SELECT value FROM json_each(?1)) AND +state = 2 AND leased_by = ?3";

/// Begins the leases of these recipients of a process anew.
pub fn renew_recipients(conn: &mut Conn, ids: &[RecipientId], node: NodeId, until: UtcTime) -> QueryResult<()> {
    let plain: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let query = diesel::sql_query(RENEW).bind::<Text, _>(json(&plain)?);
    query.bind::<BigInt, _>(until).bind::<BigInt, _>(node).execute(conn).map(drop)
}

const RELEASE: &str = "UPDATE recipients SET state = 1, due_at = ?2, leased_by = 0, n_tries = n_tries - 1, \
    first_try_at = CASE WHEN n_tries > 1 THEN first_try_at END \
    WHERE id IN (SELECT value FROM json_each(?1)) AND +state = 2 AND leased_by = ?3";

/// Puts recipients back that this process leased and did not try.
pub fn release_recipients(conn: &mut Conn, ids: &[RecipientId], node: NodeId, now: UtcTime) -> QueryResult<()> {
    let plain: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let query = diesel::sql_query(RELEASE).bind::<Text, _>(json(&plain)?);
    cached!(query.bind::<BigInt, _>(now).bind::<BigInt, _>(node)).run(conn)
}

/// The sign before `state` keeps SQLite from walking the partial indexes: the ids lead.
const END: &str = "UPDATE recipients SET state = e.state, due_at = e.due_at, leased_by = 0, \
    n_tries = recipients.n_tries - e.n_back, \
    first_try_at = CASE WHEN recipients.n_tries > e.n_back OR e.state = 1 THEN recipients.first_try_at END, \
    finished_at = CASE WHEN e.state = 1 THEN NULL ELSE e.due_at END, \
    last_reply = COALESCE(e.reply, recipients.last_reply) \
    FROM (SELECT json_extract(row, '$[0]') AS id, json_extract(row, '$[1]') AS state, json_extract(row, '$[2]') AS due_at, \
        json_extract(row, '$[3]') AS reply, json_extract(row, '$[4]') AS n_back \
        FROM (SELECT value AS row FROM json_each(?1) LIMIT -1) WHERE row <> '') AS e \
    WHERE recipients.id = e.id AND ((+recipients.state = 2 AND recipients.leased_by = ?2) \
        OR (+recipients.state IN (1, 2) AND e.state = 3)) \
    RETURNING id, campaign_id, list_id, number";

/// Notes how attempts left recipients that this process leased. One that was sent is noted whoever has its lease now. Answers those that were noted.
pub fn end_recipients(conn: &mut Conn, rows: &[EndedRow], node: NodeId) -> QueryResult<Vec<ChangedRow>> {
    let plain: Vec<_> =
        rows.iter().map(|row| (row.id.0, row.state.number(), row.due_at.0, &row.reply, row.n_back)).collect();
    cached!(diesel::sql_query(END).bind::<Text, _>(json(&plain)?).bind::<BigInt, _>(node)).load(conn)
}

const MARK: &str = "UPDATE recipients SET is_uncertain = 1 \
    WHERE id IN (SELECT value FROM json_each(?1)) AND NOT is_uncertain RETURNING id, campaign_id, list_id, number";

/// Marks recipients that may get the mail more than once; answers those that were not marked before.
pub fn mark_uncertain(conn: &mut Conn, ids: &[RecipientId]) -> QueryResult<Vec<ChangedRow>> {
    let plain: Vec<i64> = ids.iter().map(|id| id.0).collect();
    cached!(diesel::sql_query(MARK).bind::<Text, _>(json(&plain)?)).load(conn)
}

/// Takes a campaign to work on until the transaction ends. `None` when there is none.
pub fn take_campaign(conn: &mut Conn, id: CampaignId) -> QueryResult<Option<CampaignRow>> {
    campaigns::table.filter(campaigns::id.eq(id)).select(CampaignRow::as_select()).get_result(conn).optional()
}
