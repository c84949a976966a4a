//! Rows of a MySQL or MariaDB query as a source of imports: read-only, bounded in rows, bytes and time, only from hosts the settings name.

use std::sync::Arc;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder, Row, Value};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::config::Settings;
use crate::domain::core::{Core, Unavailable};
use crate::domain::cx::Origin;
use crate::domain::imports::Receiving;
use crate::importing::receive::{self, ReceiveError};
use crate::importing::text::{Cutter, MAX_COLUMNS, ROW_BYTES, Shape, TextError};
use crate::store::StoreError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the server may think before the first row and between rows.
const ROW_TIMEOUT: Duration = Duration::from_secs(120);
/// How long a whole query may take; the server is asked to end it then as well.
const QUERY_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// More rows are refused.
const MAX_ROWS: u64 = 20_000_000;

/// What to ask whom. Not `Debug`: it holds a password.
pub struct Query {
    /// Host name, as the settings spell it.
    pub host: String,
    /// Port, as text; empty for 3306.
    pub port: String,
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
    /// Database.
    pub database: String,
    /// One `SELECT`.
    pub query: String,
}

/// Why a query gives no rows.
#[derive(Debug, thiserror::Error)]
pub enum MySqlError {
    /// The settings do not allow this host.
    #[error("host is not among import.mysql_hosts")]
    HostNotAllowed,
    /// The port is no port.
    #[error("port is no number")]
    BadPort,
    /// No connection, wrong credentials or no such database.
    #[error("cannot connect to MySQL")]
    Connect(#[source] Option<Box<mysql_async::Error>>),
    /// It is not one reading query, or the server refuses it.
    #[error("query fails")]
    Query(#[source] Option<Box<mysql_async::Error>>),
    /// It takes too long.
    #[error("query takes too long")]
    TimedOut,
    /// What came could not be kept.
    #[error(transparent)]
    Receive(#[from] ReceiveError),
}

impl From<Unavailable> for MySqlError {
    fn from(error: Unavailable) -> Self {
        Self::Receive(error.into())
    }
}

impl From<StoreError> for MySqlError {
    fn from(error: StoreError) -> Self {
        Self::Receive(error.into())
    }
}

impl From<TextError> for MySqlError {
    fn from(error: TextError) -> Self {
        Self::Receive(error.into())
    }
}

/// A query that the server has accepted.
pub struct Opened {
    conn: Conn,
    query: String,
    names: Vec<String>,
}

impl Opened {
    /// The names of its columns.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

/// Connects and has the server accept the query, so that what is wrong is known before an import is made.
///
/// # Errors
/// [`MySqlError`].
pub async fn open(settings: &Settings, query: Query) -> Result<Opened, MySqlError> {
    let allowed = &settings.import.mysql_hosts;
    if !allowed.iter().any(|host| host == "*" || host.eq_ignore_ascii_case(query.host.trim())) {
        return Err(MySqlError::HostNotAllowed);
    }
    let port = match query.port.trim() {
        "" => 3306,
        text => text.parse().map_err(|_| MySqlError::BadPort)?,
    };
    let text = reading_query(&query.query).ok_or(MySqlError::Query(None))?.to_owned();
    let options = OptsBuilder::default()
        .ip_or_hostname(query.host.trim())
        .tcp_port(port)
        .user(Some(query.username))
        .pass(Some(query.password))
        .db_name(Some(query.database))
        .prefer_socket(false);
    let connecting = timeout(CONNECT_TIMEOUT, Conn::new(options)).await;
    let mut conn =
        connecting.map_err(|_| MySqlError::Connect(None))?.map_err(|e| MySqlError::Connect(Some(e.into())))?;
    let prepared = timeout(ROW_TIMEOUT, prepare(&mut conn, &text)).await.map_err(|_| MySqlError::TimedOut)?;
    let names = prepared.map_err(|error| MySqlError::Query(Some(error.into())))?;
    if names.is_empty() {
        return Err(MySqlError::Query(None)); // it has no result, so it is no SELECT
    }
    Ok(Opened { conn, query: text, names })
}

/// Makes the session read-only and has the server prepare the query: a prepared text can only be one statement. Answers its columns.
async fn prepare(conn: &mut Conn, query: &str) -> Result<Vec<String>, mysql_async::Error> {
    // One of the two is known to MySQL, the other to MariaDB; servers that know neither are stopped by our own time-out.
    let seconds = QUERY_TIMEOUT.as_secs();
    for limit in [format!("max_statement_time={seconds}"), format!("max_execution_time={}", seconds * 1000)] {
        drop(conn.query_drop(format!("SET SESSION {limit}")).await);
    }
    conn.query_drop("SET SESSION TRANSACTION READ ONLY").await?;
    conn.query_drop("START TRANSACTION READ ONLY").await?;
    let statement = conn.prep(query).await?;
    let names = statement.columns().iter().take(MAX_COLUMNS).map(|column| column.name_str().into_owned()).collect();
    conn.close(statement).await?;
    Ok(names)
}

/// The query without its last semicolon, if it only reads. A read-only transaction still lets files be written and read, so their words are refused.
fn reading_query(text: &str) -> Option<&str> {
    let text = text.trim().trim_end_matches(|c: char| c == ';' || c.is_whitespace());
    let lower = text.to_lowercase();
    let start = lower.trim_start_matches(|c: char| c == '(' || c.is_whitespace());
    let reads = ["select", "with"].iter().any(|word| {
        start.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    });
    let touches_files = ["outfile", "dumpfile", "load_file"].iter().any(|word| lower.contains(word));
    (reads && !touches_files).then_some(text)
}

/// Runs the query, keeps its rows as the import's text and closes the import. The head of the shape is the names of the columns.
///
/// # Errors
/// [`MySqlError`]; what arrived has been deleted again.
pub async fn receive(
    core: &Core,
    origin: &Arc<Origin>,
    import: Receiving,
    opened: Opened,
) -> Result<Shape, MySqlError> {
    let max_bytes = core.settings().import.max_file_bytes;
    let (sender, pieces) = mpsc::channel(8);
    let reading = timeout(QUERY_TIMEOUT, read(opened, sender, max_bytes));
    let (kept, read) = tokio::join!(receive::keep(core, origin, import, pieces), reading);
    let outcome = match (kept, read) {
        (Err(error), _) => Err(error.into()),
        (Ok(()), Err(_)) => Err(MySqlError::TimedOut),
        (Ok(()), Ok(read)) => read,
    };
    receive::close(core, origin, import, outcome).await
}

async fn read(opened: Opened, sender: mpsc::Sender<String>, max_bytes: u64) -> Result<Shape, MySqlError> {
    let Opened { mut conn, query, names } = opened;
    let failed = |error: mysql_async::Error| MySqlError::Query(Some(error.into()));
    let mut shape = Shape { n_columns: names.len(), head: names, n_rows: 0 };
    let (mut cutter, mut n_bytes) = (Cutter::default(), 0);
    let started = timeout(ROW_TIMEOUT, conn.query_iter(query)).await.map_err(|_| MySqlError::TimedOut)?;
    let mut rows = started.map_err(failed)?;
    while let Some(row) = timeout(ROW_TIMEOUT, rows.next()).await.map_err(|_| MySqlError::TimedOut)?.map_err(failed)? {
        let cells = cells(row);
        let row_bytes = cells.iter().map(|cell| cell.len() as u64).sum::<u64>();
        n_bytes += row_bytes;
        shape.n_rows += 1;
        if n_bytes > max_bytes || shape.n_rows > MAX_ROWS {
            return Err(TextError::TooLarge.into());
        }
        if row_bytes > ROW_BYTES {
            return Err(TextError::Unreadable.into());
        }
        for piece in cutter.push(cells.iter().map(String::as_str)) {
            sender.send(piece).await.map_err(|_| TextError::Gone)?;
        }
    }
    drop(rows);
    for piece in cutter.finish() {
        sender.send(piece).await.map_err(|_| TextError::Gone)?;
    }
    // All rows are here; how the connection ends no longer matters.
    drop(timeout(CONNECT_TIMEOUT, conn.disconnect()).await);
    Ok(shape)
}

/// The cells of a row as text. The text protocol sends every value as its text; NULL is empty.
fn cells(row: Row) -> Vec<String> {
    row.unwrap_raw()
        .into_iter()
        .take(MAX_COLUMNS)
        .map(|value| match value {
            Some(Value::Bytes(bytes)) => match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(error) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(error.as_bytes()).0.into_owned(),
            },
            None | Some(Value::NULL) => String::new(),
            Some(other) => other.as_sql(true).trim_matches('\'').to_owned(),
        })
        .map(|text| if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_reading_query_is_taken() {
        for good in [
            "SELECT email FROM t",
            " select 1 ; ",
            "(SELECT a FROM t) UNION (SELECT b FROM u)",
            "WITH x AS (SELECT 1) SELECT * FROM x",
        ] {
            assert!(reading_query(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "DELETE FROM t",
            "selection",
            "UPDATE t SET a=1",
            "CALL p()",
            "SELECT a INTO OUTFILE '/tmp/x' FROM t",
            "SELECT LOAD_FILE('/etc/passwd')",
        ] {
            assert!(reading_query(bad).is_none(), "{bad}");
        }
    }

    #[tokio::test]
    async fn hosts_must_be_named_by_the_settings() {
        let query = || Query {
            host: "127.0.0.1".to_owned(),
            port: "x".to_owned(),
            username: String::new(),
            password: String::new(),
            database: String::new(),
            query: "SELECT 1".to_owned(),
        };
        let mut settings = Settings::default();
        assert!(matches!(open(&settings, query()).await, Err(MySqlError::HostNotAllowed)));
        settings.import.mysql_hosts = vec!["127.0.0.1".to_owned()];
        assert!(matches!(open(&settings, query()).await, Err(MySqlError::BadPort)));
    }
}
