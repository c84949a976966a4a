//! Brings the tables up to date at start. The migrations are compiled in, so the binary alone is enough.

use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::StoreError;
use super::db::DbAddress;

#[cfg(feature = "sqlite")]
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Applies what is missing. Two nodes may start at once: PostgreSQL holds an advisory lock meanwhile, SQLite its file's write lock from before
/// it looks until all is applied. A current SQLite file is not locked, so that a command beside a busy server need not wait for its turn.
pub(super) fn run(address: &DbAddress) -> Result<(), StoreError> {
    match address {
        #[cfg(feature = "sqlite")]
        DbAddress::Sqlite(path) => {
            let mut conn = super::sqlite::connect(path)?;
            if is_current(&mut conn, &SQLITE)? {
                return Ok(());
            }
            conn.immediate_transaction(|conn| apply(conn, SQLITE))
        }
        #[cfg(feature = "postgres")]
        DbAddress::Postgres(url) => super::postgres::exclusively(url, |conn| apply(conn, POSTGRES)),
        #[allow(unreachable_patterns, reason = "reachable in builds with one backend")]
        other => Err(StoreError::Address(format!("{other:?}: this build has no support for it"))),
    }
}

/// The versions of every migration that this program has.
pub(super) fn known(address: &DbAddress) -> Result<Vec<String>, StoreError> {
    match address {
        #[cfg(feature = "sqlite")]
        DbAddress::Sqlite(_) => versions::<diesel::sqlite::Sqlite>(&SQLITE),
        #[cfg(feature = "postgres")]
        DbAddress::Postgres(_) => versions::<diesel::pg::Pg>(&POSTGRES),
        #[allow(unreachable_patterns, reason = "reachable in builds with one backend")]
        other => Err(StoreError::Address(format!("{other:?}: this build has no support for it"))),
    }
}

fn versions<DB>(migrations: &EmbeddedMigrations) -> Result<Vec<String>, StoreError>
where
    DB: diesel::backend::Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let known: Vec<Box<dyn Migration<DB>>> = MigrationSource::<DB>::migrations(migrations).map_err(failed)?;
    Ok(known.iter().map(|migration| migration.name().version().to_string()).collect())
}

fn apply<DB, C>(conn: &mut C, migrations: EmbeddedMigrations) -> Result<(), StoreError>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    if !is_current(conn, &migrations)? {
        conn.run_pending_migrations(migrations).map_err(failed)?;
    }
    Ok(())
}

/// Whether every migration was applied; an error when one was applied that this program does not know.
fn is_current<DB, C>(conn: &mut C, migrations: &EmbeddedMigrations) -> Result<bool, StoreError>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let known: Vec<Box<dyn Migration<DB>>> = MigrationSource::<DB>::migrations(migrations).map_err(failed)?;
    let applied: Vec<MigrationVersion<'static>> = conn.applied_migrations().map_err(failed)?;
    for version in &applied {
        if !known.iter().any(|migration| migration.name().version() == *version) {
            return Err(StoreError::Migration(format!(
                "the database has migration {version}, which this program does not know: it was used by a newer one"
            )));
        }
    }
    Ok(applied.len() == known.len())
}

fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    StoreError::Migration(error.to_string())
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use diesel::RunQueryDsl;
    use diesel::connection::SimpleConnection;
    use diesel::sql_types::BigInt;
    use diesel::sqlite::Sqlite;

    use super::*;

    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }

    /// A database as the program before this migration left it.
    fn before(name: &str) -> (tempfile::TempDir, crate::store::sqlite::Conn) {
        let folder = tempfile::tempdir().expect("folder");
        let mut conn = crate::store::sqlite::connect(&folder.path().join("before.db")).expect("file");
        let mut migrations: Vec<Box<dyn Migration<Sqlite>>> =
            MigrationSource::<Sqlite>::migrations(&SQLITE).expect("some");
        migrations.sort_by_key(|migration| migration.name().to_string());
        conn.applied_migrations().expect("none yet");
        for migration in migrations.iter().take_while(|migration| migration.name().to_string() != name) {
            conn.run_migration(migration).expect("applied");
        }
        (folder, conn)
    }

    #[test]
    fn who_bounced_before_stands_among_the_bounced_after() {
        let (_folder, mut conn) = before("0018_bounced_and_over");
        conn.batch_execute(
            "INSERT INTO list_totals VALUES (1, 3, 0, 0, 5, 3, 0, 0, 0, NULL), (2, 0, 0, 0, 0, 1, 0, 0, 0, NULL);
             INSERT INTO subscribers SELECT 1, v.column1, v.column1, v.column1, 2, v.column2, 1, 4, '{}', 0, '', NULL, NULL, '', NULL, 0, '', 0
                FROM (VALUES (1, 2), (2, 0), (3, 2)) v;",
        )
        .expect("filled");
        apply(&mut conn, SQLITE).expect("applied");
        let mut count = |sql: &str| diesel::sql_query(sql).get_result::<Count>(&mut conn).expect("counted").n;
        assert_eq!(count("SELECT COUNT(*) AS n FROM subscribers WHERE roster = 3 AND shelf = 3"), 2);
        assert_eq!(count("SELECT n_hard * 10 + n_suppressed AS n FROM list_totals WHERE list_id = 1"), 71);
        assert_eq!(count("SELECT n_hard * 10 + n_suppressed AS n FROM list_totals WHERE list_id = 2"), 1);
    }
}
