//! What can go wrong in the store, told apart so that "not there" is never taken for "database down".

use diesel::result::{DatabaseErrorKind, Error};

/// A failed query, transaction or connection.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with the same unique columns exists.
    #[error("a row with these unique values is already in table {table}")]
    Conflict {
        /// The table whose unique index refused the row.
        table: String,
    },
    /// No worker took the closure in time, or the database stayed locked.
    #[error("database busy")]
    Busy,
    /// The database is shut down.
    #[error("database closed")]
    Closed,
    /// The closure panicked; its changes were rolled back.
    #[error("panic inside a transaction: {0}")]
    Panicked(String),
    /// The group's commit failed; nothing of it is stored.
    #[error("commit failed: {0}")]
    Commit(String),
    /// A stored value no longer reads as what was written.
    #[error("unreadable value in {0}")]
    Unreadable(&'static str),
    /// Anything else the database said.
    #[error("database")]
    Database(#[source] Error),
    /// Connecting failed.
    #[error("cannot connect")]
    Connect(#[from] diesel::ConnectionError),
    /// A migration failed, or the database is newer than this program.
    #[error("migration failed: {0}")]
    Migration(String),
    /// The address of the database makes no sense to this build.
    #[error("cannot use database {0}")]
    Address(String),
}

impl StoreError {
    /// True when the connection itself is gone and must be opened anew.
    #[must_use]
    pub fn is_disconnect(&self) -> bool {
        matches!(
            self,
            Self::Connect(_)
                | Self::Database(
                    Error::DatabaseError(
                        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                        _
                    ) | Error::BrokenTransactionManager
                )
        )
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match &error {
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                // PostgreSQL names the table; SQLite says "UNIQUE constraint failed: table.column, …".
                let table = info.table_name().map(str::to_owned).unwrap_or_else(|| {
                    let columns = info.message().rsplit(": ").next().unwrap_or_default();
                    columns.split('.').next().unwrap_or_default().to_owned()
                });
                Self::Conflict { table }
            }
            Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Busy,
            Error::DatabaseError(_, info) if info.message() == "database is locked" => Self::Busy,
            _ => Self::Database(error),
        }
    }
}
