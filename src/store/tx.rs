//! A transaction on whichever database is in use. Each `queries!` list reads as the table of contents of one file under `queries/`.

use std::cell::Cell;

use super::StoreError;

/// An open transaction (inside [`super::Db::write`]) or a plain connection (inside [`super::Db::read`]).
pub struct Tx<'a> {
    pub(super) conn: Conn<'a>,
    /// Raised when the connection turns out to be gone, so that its worker opens a new one.
    pub(super) broken: &'a Cell<bool>,
}

/// The connection behind a [`Tx`].
pub(super) enum Conn<'a> {
    #[cfg(feature = "sqlite")]
    Sqlite(&'a mut super::sqlite::Conn),
    #[cfg(feature = "postgres")]
    Postgres(&'a mut super::postgres::Conn),
}

impl Tx<'_> {
    fn checked<T>(&self, result: diesel::QueryResult<T>) -> Result<T, StoreError> {
        result.map_err(|error| {
            let error = StoreError::from(error);
            if error.is_disconnect() {
                self.broken.set(true);
            }
            error
        })
    }
}

/// Makes each listed function of `queries/<module>.rs` a method of [`Tx`] that runs on the backend in use.
macro_rules! queries {
    ($module:ident { $($(#[$meta:meta])* fn $name:ident($($arg:ident: $ty:ty),* $(,)?) -> $ret:ty;)* }) => {
        impl $crate::store::Tx<'_> { $(
            $(#[$meta])*
            pub fn $name(&mut self, $($arg: $ty),*) -> Result<$ret, $crate::store::StoreError> {
                let result = match &mut self.conn {
                    #[cfg(feature = "sqlite")]
                    $crate::store::tx::Conn::Sqlite(conn) => $crate::store::sqlite::$module::$name(conn, $($arg),*),
                    #[cfg(feature = "postgres")]
                    $crate::store::tx::Conn::Postgres(conn) => $crate::store::postgres::$module::$name(conn, $($arg),*),
                };
                self.checked(result)
            }
        )* }
    };
}

mod accounts;
mod administration;
mod bulk;
mod campaigns;
mod enclosures;
mod field_values;
mod fields;
mod holds;
mod hooks;
mod imports;
mod lists;
mod login_failures;
mod messages;
mod mobile;
mod nodes;
mod number_ranges;
mod password_requests;
mod people;
mod projects;
mod purges;
mod queues;
mod returns;
mod rosters;
mod selections;
mod sender_domains;
mod sendings;
mod server_secrets;
mod sessions;
mod subscribers;
mod suppressions;
mod sync_runs;
mod syncs;
mod tables;
mod tracking;
mod user_groups;
mod vital_signs;
mod webhooks;
