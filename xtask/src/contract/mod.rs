//! The golden suite: reads `tests/golden`, runs each file against a server, tells the first difference.
//!
//! One implementation for both users: `cargo xtask contract` (any base URL) and the integration tests, which include this folder by path.

pub mod catalog;
pub mod facts;
pub mod golden;
pub mod http;
pub mod mail;
pub mod pattern;
pub mod runner;
pub mod steps;
pub mod suite;
