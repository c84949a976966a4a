//! What the product means: rules and permissions, written once, whatever the wire.
//!
//! Every function is synchronous, takes the open [`cx::Ctx`] first and checks its permission itself.

pub mod access;
pub mod accounts;
pub mod administration;
pub mod attempts;
pub mod consent;
pub mod contacts;
pub mod core;
pub mod credentials;
pub mod cx;
pub mod envelope_senders;
pub mod field_values;
pub mod fields;
pub mod first_run;
mod gathering;
pub mod guessing;
pub mod hooks;
pub mod imports;
pub mod keys;
pub mod kill_file;
pub mod letters;
pub mod links;
pub mod list_sync;
pub mod lists;
pub mod messages;
pub mod mobile;
pub mod operational_links;
pub mod operators;
pub mod outbox;
pub mod pages;
pub mod password_reset;
pub mod passwords;
pub mod preferences;
pub mod projects;
pub mod purge;
pub mod request_numbers;
#[cfg(test)]
pub(crate) mod sample;
pub mod secrets;
pub mod sendings;
pub mod server_secrets;
pub mod sessions;
pub mod subscribers;
pub mod suppression;
pub mod tables;
pub mod tags;
pub mod tracking;
pub mod user_groups;
pub mod webhooks;
pub mod workload;
