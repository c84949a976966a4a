//! Whole pieces of an import in one statement each: the rows go in as arrays that `unnest` puts side by side.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, SmallInt, Text};

use super::Conn;
use crate::model::ids::{AccountId, FieldId, ListId};
use crate::model::states::{BounceType, Roster, Source, SubscriptionStatus};
use crate::model::time::UtcTime;
use crate::store::rows::imports::{GlobalRow, ImportedCommon, ImportedRow, UniqueRow};
use crate::store::rows::subscribers::{ConsentEntry, SubscriberRow};
use crate::store::schema::{consent_log, subscribers};

#[derive(QueryableByName)]
struct Position {
    #[diesel(sql_type = BigInt)]
    position: i64,
}

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Text)]
    email_key: String,
}

const LISTED: &str = "SELECT j.nr - 1 AS position FROM unnest($1::text[]) WITH ORDINALITY AS j(key, nr) \
    JOIN subscribers s ON s.list_id = $2 AND s.email_key = j.key";

/// Which of the address keys, by position, the list has already.
pub fn find_listed(conn: &mut Conn, list: ListId, keys: &[&str]) -> QueryResult<Vec<i64>> {
    let query = diesel::sql_query(LISTED).bind::<Array<Text>, _>(keys);
    let found: Vec<Position> = query.bind::<BigInt, _>(list).load(conn)?;
    Ok(found.into_iter().map(|row| row.position).collect())
}

const SUPPRESSED: &str = "SELECT DISTINCT j.nr - 1 AS position FROM unnest($1::text[]) WITH ORDINALITY AS j(key, nr) \
    JOIN suppressions s ON s.email_key = j.key \
    AND ((s.account_id = 0 AND s.list_id = 0) OR (s.account_id = $2 AND s.list_id IN (0, $3)))";

/// Which of the address keys, by position, are suppressed for the list: on itself, its account or the server.
pub fn find_suppressed(conn: &mut Conn, account: AccountId, list: ListId, keys: &[&str]) -> QueryResult<Vec<i64>> {
    let query = diesel::sql_query(SUPPRESSED).bind::<Array<Text>, _>(keys);
    let found: Vec<Position> = query.bind::<BigInt, _>(account).bind::<BigInt, _>(list).load(conn)?;
    Ok(found.into_iter().map(|row| row.position).collect())
}

const SUPPRESSED_EXACTLY: &str = "SELECT j.nr - 1 AS position FROM unnest($1::text[]) WITH ORDINALITY AS j(key, nr) \
    JOIN suppressions s ON s.email_key = j.key AND s.account_id = $2 AND s.list_id = $3";

/// Which of the address keys, by position, are suppressed in exactly this scope.
pub fn find_suppressed_exactly(
    conn: &mut Conn,
    account: AccountId,
    list: ListId,
    keys: &[&str],
) -> QueryResult<Vec<i64>> {
    let query = diesel::sql_query(SUPPRESSED_EXACTLY).bind::<Array<Text>, _>(keys);
    let found: Vec<Position> = query.bind::<BigInt, _>(account).bind::<BigInt, _>(list).load(conn)?;
    Ok(found.into_iter().map(|row| row.position).collect())
}

const HELD: &str = "SELECT j.nr - 1 AS position, u.email_key AS email_key \
    FROM ROWS FROM (unnest($1::bigint[]), unnest($2::text[])) WITH ORDINALITY AS j(field, key, nr) \
    JOIN field_uniques u ON u.field_id = j.field AND u.value_key = j.key";

/// Which of the unique values, by position, somebody holds, with the holder's address (empty for a list-wide field).
pub fn find_held(conn: &mut Conn, values: &[(FieldId, &str)]) -> QueryResult<Vec<(i64, String)>> {
    let (fields, keys): (Vec<i64>, Vec<&str>) = values.iter().map(|(field, key)| (field.0, *key)).unzip();
    let query = diesel::sql_query(HELD).bind::<Array<BigInt>, _>(fields);
    let found: Vec<Held> = query.bind::<Array<Text>, _>(keys).load(conn)?;
    Ok(found.into_iter().map(|row| (row.position, row.email_key)).collect())
}

const INSERT_SUBSCRIBERS: &str = "INSERT INTO subscribers (list_id, number, email, email_key, status, bounce, is_suppressed, \
    roster, fields, subscribed_at, subscribed_ip, opted_in_at, unsubscribed_at, unsubscribed_ip, request_sent_at, source, \
    source_ref, import_id) \
    SELECT $1, j.number, j.email, j.email_key, $2, $3, j.is_suppressed, j.roster, j.fields, $4, $5, $4, NULL, '', NULL, $6, \
    '', $7 FROM unnest($8::bigint[], $9::text[], $10::text[], $11::bool[], $12::smallint[], $13::text[]) \
    AS j(number, email, email_key, is_suppressed, roster, fields)";

/// Adds subscribers whose numbers were taken before.
pub fn insert_imported(conn: &mut Conn, common: &ImportedCommon, rows: &[ImportedRow<'_>]) -> QueryResult<()> {
    let roster_of = |is_suppressed| Roster::of(SubscriptionStatus::Subscribed, BounceType::NotBounced, is_suppressed);
    diesel::sql_query(INSERT_SUBSCRIBERS)
        .bind::<BigInt, _>(common.list_id)
        .bind::<SmallInt, _>(SubscriptionStatus::Subscribed)
        .bind::<SmallInt, _>(BounceType::NotBounced)
        .bind::<BigInt, _>(common.at)
        .bind::<Text, _>(&common.ip)
        .bind::<SmallInt, _>(Source::Import)
        .bind::<BigInt, _>(common.import_id)
        .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.number.0).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(rows.iter().map(|row| row.email).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(rows.iter().map(|row| row.email_key).collect::<Vec<_>>())
        .bind::<Array<Bool>, _>(rows.iter().map(|row| row.is_suppressed).collect::<Vec<_>>())
        .bind::<Array<SmallInt>, _>(rows.iter().map(|row| roster_of(row.is_suppressed).number()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(rows.iter().map(|row| row.fields).collect::<Vec<_>>())
        .execute(conn)
        .map(drop)
}

const INSERT_UNIQUES: &str = "INSERT INTO field_uniques (field_id, value_key, list_id, number, email_key) \
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[])";

/// Lets subscribers hold unique values that nobody holds.
pub fn insert_uniques(conn: &mut Conn, rows: &[UniqueRow<'_>]) -> QueryResult<()> {
    diesel::sql_query(INSERT_UNIQUES)
        .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.field_id.0).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(rows.iter().map(|row| row.value_key).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.list_id.0).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.number.0).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(rows.iter().map(|row| row.email_key).collect::<Vec<_>>())
        .execute(conn)
        .map(drop)
}

const FREE_GLOBAL: &str = "DELETE FROM field_uniques u USING unnest($1::bigint[], $2::text[]) AS j(field, key) \
    WHERE u.list_id = 0 AND u.number = 0 AND u.email_key = j.key AND u.field_id = j.field";

/// Frees what addresses hold of unique global fields.
pub fn free_global_holders(conn: &mut Conn, holders: &[(FieldId, &str)]) -> QueryResult<()> {
    let (fields, keys): (Vec<i64>, Vec<&str>) = holders.iter().map(|(field, key)| (field.0, *key)).unzip();
    let query = diesel::sql_query(FREE_GLOBAL).bind::<Array<BigInt>, _>(fields);
    query.bind::<Array<Text>, _>(keys).execute(conn).map(drop)
}

const SET_GLOBALS: &str = "INSERT INTO global_values (account_id, email_key, field_id, value, updated_at) \
    SELECT $1, j.key, j.field, j.value, $2 FROM unnest($3::text[], $4::bigint[], $5::text[]) AS j(key, field, value) \
    ON CONFLICT (account_id, email_key, field_id) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";

/// Sets values of global fields.
pub fn set_global_values(conn: &mut Conn, account: AccountId, rows: &[GlobalRow<'_>], at: UtcTime) -> QueryResult<()> {
    diesel::sql_query(SET_GLOBALS)
        .bind::<BigInt, _>(account)
        .bind::<BigInt, _>(at)
        .bind::<Array<Text>, _>(rows.iter().map(|row| row.email_key).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.field_id.0).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(rows.iter().map(|row| row.value).collect::<Vec<_>>())
        .execute(conn)
        .map(drop)
}

/// Adds subscribers that joined at once.
pub fn insert_joined(conn: &mut Conn, rows: &[SubscriberRow]) -> QueryResult<()> {
    diesel::insert_into(subscribers::table).values(rows).execute(conn).map(drop)
}

/// Appends to the consent log.
pub fn insert_consents(conn: &mut Conn, entries: &[ConsentEntry]) -> QueryResult<()> {
    diesel::insert_into(consent_log::table).values(entries).execute(conn).map(drop)
}
