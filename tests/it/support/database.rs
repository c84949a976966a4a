//! A fresh database for one test, dropped after it, and plain SQL on it for looking at what a call left behind.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::sql_types::BigInt;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use tokio_postgres::NoTls;

/// Names the PostgreSQL server of the second run.
const SERVER: &str = "UNDERSTUDY_TEST_DATABASE";

/// A database of one test.
pub enum TestDatabase {
    /// A file in the test's folder, which goes with it.
    Sqlite(String),
    /// A database on the server.
    Postgres { server: String, name: String },
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

impl TestDatabase {
    /// Makes one.
    pub fn create(folder: &Path) -> Self {
        let Ok(server) = std::env::var(SERVER) else {
            return Self::Sqlite(folder.join("understudy.db").display().to_string());
        };
        static N_MADE: AtomicU32 = AtomicU32::new(0);
        let n = N_MADE.fetch_add(1, Ordering::Relaxed);
        let server = server.trim_end_matches('/').to_owned();
        let name = format!("understudy_test_{}_{n}", std::process::id());
        postgres(&format!("{server}/postgres"), &format!("CREATE DATABASE {name}"));
        Self::Postgres { server, name }
    }

    /// As the settings name it.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{path}"),
            Self::Postgres { server, name } => format!("{server}/{name}"),
        }
    }

    /// The one number of a query such as `SELECT count(*) AS n FROM mails`.
    pub fn count(&self, sql: &str) -> i64 {
        match self {
            Self::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(path).unwrap();
                diesel::sql_query("PRAGMA busy_timeout = 5000").execute(&mut connection).unwrap();
                diesel::sql_query(sql).get_result::<Count>(&mut connection).unwrap().n
            }
            Self::Postgres { .. } => postgres(&self.url(), sql).unwrap(),
        }
    }

    /// Runs one statement that answers nothing.
    pub fn execute(&self, sql: &str) {
        match self {
            Self::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(path).unwrap();
                diesel::sql_query("PRAGMA busy_timeout = 5000").execute(&mut connection).unwrap();
                diesel::sql_query(sql).execute(&mut connection).unwrap();
            }
            Self::Postgres { .. } => drop(postgres(&self.url(), sql)),
        }
    }

    /// Removes it; the server must have closed its connections.
    pub fn drop_now(&self) {
        if let Self::Postgres { server, name } = self {
            postgres(&format!("{server}/postgres"), &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Runs one statement; the first column of its first row, when it is a number.
fn postgres(url: &str, sql: &str) -> Option<i64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        let driver = tokio::spawn(connection);
        let rows = client.simple_query(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        drop(client);
        driver.await.unwrap().unwrap();
        rows.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
            _ => None,
        })
    })
}
