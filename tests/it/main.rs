//! The integration tests: one binary, over HTTP, against a real database. SQLite by default; PostgreSQL when
//! `UNDERSTUDY_TEST_DATABASE=postgres://user:password@host:port/` names a server where databases may be made.
#![allow(clippy::unwrap_used, reason = "a failing test should stop where it fails")]

mod accounts;
mod campaigns;
mod command_line;
#[path = "../../xtask/src/contract/mod.rs"]
#[allow(dead_code, reason = "cargo xtask uses the rest")]
mod contract;
mod delivery;
mod doctor;
mod front_door;
mod goldens;
mod hostile;
#[path = "../../xtask/src/hostile/set/mod.rs"]
#[allow(dead_code, reason = "cargo xtask uses the rest")]
mod hostile_set;
mod imports;
mod lists;
mod ofsys_core;
mod ofsys_json;
mod ofsys_soap;
mod opt_in;
mod returns;
mod soap;
mod subscribers;
mod support;
