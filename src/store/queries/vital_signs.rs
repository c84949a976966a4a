//! What tells how the server fares, by looks that stay cheap however long a queue is.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, SmallInt};

use super::Conn;
use crate::model::states::{JobKind, QueueState};
use crate::model::time::UtcTime;
use crate::store::cached::cached;
use crate::store::rows::vital_signs::SomeRows;
use crate::store::schema::returns::return_events;
use crate::store::schema::{consent_log, mails};

/// The innermost part stops at a number of rows, which Diesel's builder cannot say.
const SOME_MAILS: &str = "SELECT count(*) AS n, min(due_at) AS first_due_at FROM \
    (SELECT due_at FROM mails WHERE state = $1 ORDER BY due_at LIMIT $2) AS few";
/// As `SOME_MAILS`.
const SOME_JOBS: &str = "SELECT count(*) AS n, min(due_at) AS first_due_at FROM \
    (SELECT due_at FROM jobs WHERE kind = $1 AND state = $2 ORDER BY due_at LIMIT $3) AS few";
/// As `SOME_MAILS`, of those among the first that may be out already.
const UNCERTAIN_MAILS: &str = "SELECT count(*) AS n, min(due_at) AS first_due_at FROM \
    (SELECT due_at, is_uncertain FROM mails WHERE state = $1 ORDER BY due_at LIMIT $2) AS few WHERE is_uncertain";

/// How many mails are in a state, counted up to `most`, and when the first of them is due.
pub fn count_some_mails(conn: &mut Conn, state: QueueState, most: i64) -> QueryResult<SomeRows> {
    let query = diesel::sql_query(SOME_MAILS).bind::<SmallInt, _>(state).bind::<BigInt, _>(most);
    cached!(query).get_result(conn)
}

/// How many jobs of a kind are in a state, counted up to `most`, and when the first of them is due.
pub fn count_some_jobs(conn: &mut Conn, kind: JobKind, state: QueueState, most: i64) -> QueryResult<SomeRows> {
    let query = diesel::sql_query(SOME_JOBS);
    let query = query.bind::<SmallInt, _>(kind).bind::<SmallInt, _>(state).bind::<BigInt, _>(most);
    cached!(query).get_result(conn)
}

/// How many of the first `most` mails in a state may be out already.
pub fn count_uncertain_mails(conn: &mut Conn, state: QueueState, most: i64) -> QueryResult<SomeRows> {
    let query = diesel::sql_query(UNCERTAIN_MAILS).bind::<SmallInt, _>(state).bind::<BigInt, _>(most);
    cached!(query).get_result(conn)
}

/// The latest moment that was written down for something that had just happened; `None` in a database where nothing did.
pub fn find_newest_moment(conn: &mut Conn) -> QueryResult<Option<UtcTime>> {
    let consent = consent_log::table.order(consent_log::id.desc()).select(consent_log::at).limit(1);
    let mail = mails::table.order(mails::id.desc()).select(mails::created_at).limit(1);
    let returned = return_events::table.order(return_events::id.desc()).select(return_events::at).limit(1);
    let found = [
        consent.get_result::<UtcTime>(conn).optional()?,
        mail.get_result::<UtcTime>(conn).optional()?,
        returned.get_result::<UtcTime>(conn).optional()?,
    ];
    Ok(found.into_iter().flatten().max())
}
