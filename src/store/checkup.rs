//! A look at a database as it is: nothing is made, brought up to date or written. What [`super::Db::open`] does at a start would hide what is wrong.

use std::path::Path;

use super::db::DbAddress;
use super::{StoreError, migrate};

/// What a database is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkup {
    /// Its tables, beside those that this program knows.
    pub schema: Schema,
    /// What keeps it.
    pub engine: Engine,
}

/// The tables of a database, beside those that this program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schema {
    /// There are none.
    Empty,
    /// So many migrations are still to be applied.
    Behind(usize),
    /// As this program makes them.
    Current,
    /// A newer program applied this migration.
    Newer(String),
}

/// What keeps a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// SQLite.
    Sqlite {
        /// Its version.
        version: String,
        /// `wal`, unless somebody changed it.
        journal_mode: String,
    },
    /// PostgreSQL.
    Postgres {
        /// Its version.
        version: String,
        /// By how much its clock is ahead of this machine's, in microseconds.
        clock_ahead: i64,
        /// How many connections it takes, of everybody together.
        max_connections: i64,
    },
}

/// Looks at a database. Blocks: call it off the async threads.
///
/// # Errors
/// [`StoreError`] when it cannot be reached or read.
pub fn look(address: &DbAddress) -> Result<Checkup, StoreError> {
    match address {
        #[cfg(feature = "sqlite")]
        DbAddress::Sqlite(path) => super::sqlite::looking::look(path),
        #[cfg(feature = "postgres")]
        DbAddress::Postgres(url) => super::postgres::looking::look(url),
        #[allow(unreachable_patterns, reason = "reachable in builds with one backend")]
        other => Err(StoreError::Address(format!("{other:?}: this build has no support for it"))),
    }
}

/// Goes over a SQLite file and answers what is wrong with it, a few lines at most. Reads all of it. Blocks.
///
/// # Errors
/// [`StoreError`] when it cannot be read.
pub fn quick_check(path: &Path) -> Result<Vec<String>, StoreError> {
    #[cfg(feature = "sqlite")]
    return super::sqlite::looking::quick_check(path);
    #[cfg(not(feature = "sqlite"))]
    Err(StoreError::Address(format!("{}: this build has no support for it", path.display())))
}

impl Schema {
    /// Tells it by the migrations that were applied; `None`: the database keeps no list of them.
    pub(super) fn of(applied: Option<Vec<String>>, address: &DbAddress) -> Result<Self, StoreError> {
        let Some(applied) = applied else { return Ok(Self::Empty) };
        let known = migrate::known(address)?;
        if let Some(foreign) = applied.iter().find(|version| !known.contains(version)) {
            return Ok(Self::Newer(foreign.clone()));
        }
        Ok(match known.len().saturating_sub(applied.len()) {
            0 => Self::Current,
            n if n == known.len() => Self::Empty,
            n => Self::Behind(n),
        })
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use diesel::Connection as _;
    use diesel::connection::SimpleConnection as _;

    use super::*;

    fn execute(path: &Path, sql: &str) {
        let mut conn = diesel::SqliteConnection::establish(path.to_str().expect("path")).expect("open");
        conn.batch_execute(sql).expect("executed");
    }

    #[test]
    fn a_look_tells_what_a_start_would_change_and_changes_nothing() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("a b?#%.db");
        let address = DbAddress::Sqlite(path.clone());
        let schema = || look(&address).map(|found| found.schema);
        assert!(schema().is_err() && !path.exists(), "a look makes no file");
        std::fs::write(&path, "").expect("file");
        assert_eq!(schema().expect("looked"), Schema::Empty);
        assert_eq!(std::fs::metadata(&path).expect("file").len(), 0, "a look makes no table");

        migrate::run(&address).expect("migrated");
        let found = look(&address).expect("looked");
        assert_eq!(found.schema, Schema::Current);
        assert!(matches!(&found.engine, Engine::Sqlite { journal_mode, .. } if journal_mode == "wal"), "{found:?}");
        execute(&path, "DELETE FROM __diesel_schema_migrations WHERE version IN ('0001', '0002')");
        assert_eq!(schema().expect("looked"), Schema::Behind(2));
        execute(&path, "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
        assert_eq!(schema().expect("looked"), Schema::Newer("9999".to_owned()));
        execute(&path, "PRAGMA journal_mode=DELETE");
        let found = look(&address).expect("looked");
        assert!(matches!(&found.engine, Engine::Sqlite { journal_mode, .. } if journal_mode == "delete"), "{found:?}");
    }

    #[test]
    fn a_damaged_file_is_told_from_a_sound_one() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("x.db");
        migrate::run(&DbAddress::Sqlite(path.clone())).expect("migrated");
        assert_eq!(quick_check(&path).expect("checked"), Vec::<String>::new());
        // The file's head says how many pages are free.
        let mut bytes = std::fs::read(&path).expect("file");
        bytes[36..40].copy_from_slice(&9_u32.to_be_bytes());
        std::fs::write(&path, bytes).expect("file");
        let found = quick_check(&path).expect("checked");
        assert!(found.iter().any(|line| line.to_lowercase().contains("freelist")), "{found:?}");
    }
}
