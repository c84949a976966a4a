//! Rows, queries and transactions. The one place that knows SQL and Diesel.
//!
//! A query is written once under `queries/` and compiled once per backend; `tx.rs` picks the backend at run time. What differs between
//! SQLite and PostgreSQL stands in `sqlite/` and `postgres/`, nothing else does. [`Db::read`] and [`Db::write`] are the only ways in.

mod cached;
pub mod checkup;
pub mod db;
pub mod error;
pub mod migrate;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod rows;
pub mod schema;
#[cfg(feature = "sqlite")]
pub mod sqlite;
pub mod tx;
mod worker;

pub use db::Db;
pub use error::StoreError;
pub use tx::Tx;
