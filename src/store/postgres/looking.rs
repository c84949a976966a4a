//! Connections that only look: every transaction on them is read-only.

use std::thread::JoinHandle;

use crossbeam_channel::Receiver;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::{Conn, OpenConnection};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::checkup::{Checkup, Engine, Schema};
use crate::store::db::DbAddress;
use crate::store::worker::{self, Job};

/// The list of migrations, if there is one on the search path.
const HAS_LIST: &str =
    "SELECT table_name::text AS line FROM information_schema.tables WHERE table_name = '__diesel_schema_migrations'";
/// The database's clock, in microseconds.
const CLOCK: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS n";

/// The one text of a row.
#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The one number of a row.
#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn connect(url: &str) -> Result<Conn, StoreError> {
    let mut conn = super::connect(url)?;
    conn.batch_execute("SET default_transaction_read_only = on")?;
    Ok(conn)
}

/// See [`crate::store::checkup::look`]. A connection stays on its thread, so this one has a thread of its own.
pub(in crate::store) fn look(url: &str) -> Result<Checkup, StoreError> {
    std::thread::scope(|scope| {
        let running = scope.spawn(|| look_here(url));
        running.join().unwrap_or_else(|_| Err(StoreError::Panicked("while looking".to_owned())))
    })
}

fn look_here(url: &str) -> Result<Checkup, StoreError> {
    let mut conn = connect(url)?;
    let applied = match lines(&mut conn, HAS_LIST)?.is_empty() {
        true => None,
        false => Some(lines(&mut conn, "SELECT version::text AS line FROM __diesel_schema_migrations")?),
    };
    let one = |found: Vec<String>| found.into_iter().next().unwrap_or_default();
    let version = one(lines(&mut conn, "SELECT current_setting('server_version') AS line")?);
    let max_connections = one(lines(&mut conn, "SELECT current_setting('max_connections') AS line")?);
    let before = UtcTime::now();
    let there: Number = diesel::sql_query(CLOCK).get_result(&mut conn)?;
    let here = before.0.midpoint(UtcTime::now().0);
    Ok(Checkup {
        schema: Schema::of(applied, &DbAddress::Postgres(url.to_owned()))?,
        engine: Engine::Postgres {
            version,
            clock_ahead: there.n - here,
            max_connections: max_connections.parse().unwrap_or(i64::MAX),
        },
    })
}

fn lines(conn: &mut Conn, sql: &str) -> QueryResult<Vec<String>> {
    let found: Vec<Line> = diesel::sql_query(sql).load(conn)?;
    Ok(found.into_iter().map(|row| row.line).collect())
}

/// Starts a connection that only looks.
pub(in crate::store) fn start(url: &str, reads: &Receiver<(Job, bool)>) -> Result<Vec<JoinHandle<()>>, StoreError> {
    let (ready, readiness) = crossbeam_channel::bounded(1);
    let (url, jobs) = (url.to_owned(), reads.clone());
    let thread = std::thread::Builder::new().name("postgres-looker".to_owned()).spawn(move || match connect(&url) {
        Err(error) => drop(ready.send(Err(error))),
        Ok(conn) => {
            drop(ready.send(Ok(())));
            worker::serve_each(&mut OpenConnection { conn, url }, &jobs);
        }
    });
    let thread = thread.map_err(|_| StoreError::Busy)?;
    readiness.recv().map_err(|_| StoreError::Closed)??;
    Ok(vec![thread])
}
