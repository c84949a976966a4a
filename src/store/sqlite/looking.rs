//! Connections that only look: the file is opened read-only, and nothing of it is set.

use std::path::Path;
use std::thread::JoinHandle;

use crossbeam_channel::Receiver;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{Conn, OpenConnection, json_field, spawn};
use crate::store::StoreError;
use crate::store::checkup::{Checkup, Engine, Schema};
use crate::store::db::DbAddress;
use crate::store::worker::{self, Job};

/// Lines that a check of the file answers at most.
const MAX_LINES: u32 = 5;

/// The one text of a row.
#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// A row of `PRAGMA quick_check`, which gives its column its own name.
#[derive(QueryableByName)]
struct Checked {
    #[diesel(sql_type = Text)]
    quick_check: String,
}

/// Opens a file that is there, read-only.
pub(super) fn connect(path: &Path) -> Result<Conn, StoreError> {
    let text = path.to_str().ok_or_else(|| StoreError::Address(format!("{}: not a UTF-8 path", path.display())))?;
    let escaped = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let mut conn = Conn::establish(&format!("file:{escaped}?mode=ro"))?;
    conn.batch_execute("PRAGMA busy_timeout=5000; PRAGMA query_only=ON;")?;
    json_field::register(&mut conn)?;
    Ok(conn)
}

/// See [`crate::store::checkup::look`].
pub(in crate::store) fn look(path: &Path) -> Result<Checkup, StoreError> {
    let mut conn = connect(path)?;
    let has_list =
        lines(&mut conn, "SELECT name AS line FROM sqlite_master WHERE name = '__diesel_schema_migrations'")?;
    let applied = match has_list.is_empty() {
        true => None,
        false => Some(lines(&mut conn, "SELECT version AS line FROM __diesel_schema_migrations")?),
    };
    let one = |found: Vec<String>| found.into_iter().next().unwrap_or_default();
    Ok(Checkup {
        schema: Schema::of(applied, &DbAddress::Sqlite(path.to_owned()))?,
        engine: Engine::Sqlite {
            version: one(lines(&mut conn, "SELECT sqlite_version() AS line")?),
            journal_mode: one(lines(&mut conn, "SELECT journal_mode AS line FROM pragma_journal_mode")?),
        },
    })
}

/// See [`crate::store::checkup::quick_check`].
pub(in crate::store) fn quick_check(path: &Path) -> Result<Vec<String>, StoreError> {
    let mut conn = connect(path)?;
    let found: Vec<Checked> = diesel::sql_query(format!("PRAGMA quick_check({MAX_LINES})")).load(&mut conn)?;
    let mut found: Vec<String> = found.into_iter().map(|row| row.quick_check).collect();
    found.retain(|line| line != "ok");
    Ok(found)
}

fn lines(conn: &mut Conn, sql: &str) -> QueryResult<Vec<String>> {
    let found: Vec<Line> = diesel::sql_query(sql).load(conn)?;
    Ok(found.into_iter().map(|row| row.line).collect())
}

/// Starts a reader that only looks.
pub(in crate::store) fn start(path: &Path, reads: &Receiver<(Job, bool)>) -> Result<Vec<JoinHandle<()>>, StoreError> {
    let mut reader = OpenConnection { conn: connect(path)?, path: path.to_owned(), checkpoints: None };
    let jobs = reads.clone();
    Ok(vec![spawn("sqlite-looker", move || worker::serve_each(&mut reader, &jobs))?])
}
