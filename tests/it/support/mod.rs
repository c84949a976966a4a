//! What every integration test stands on: [`TestApp`], the real server on a database of its own.

mod app;
mod database;
pub mod name_server;
pub mod sink;

pub use app::{TestAccount, TestApp, write_on};
pub use database::TestDatabase;
