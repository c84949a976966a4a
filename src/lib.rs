//! Understudy: steps into the part of an e-mail-list or membership platform that a company is leaving.
//!
//! Modules in reading order. Each knows only those below it; siblings never use each other (`cargo xtask tidy` checks):
//! `cli, app → doctor → dialects, delivery → domain → store → model`; `config` and `telemetry` may be used by all but `model`.
//! `outgoing` stands beside `domain`: dialects and delivery call it, it knows only `config`. `importing` stands between: dialects and delivery call
//! it, it knows `domain`.
#![allow(clippy::duplicate_mod, reason = "store/queries is compiled once per backend on purpose")]

pub mod app;
pub mod cli;
pub mod config;
pub mod delivery;
pub mod dialects;
pub mod doctor;
pub mod domain;
pub mod importing;
pub mod model;
pub mod outgoing;
pub mod store;
pub mod telemetry;
