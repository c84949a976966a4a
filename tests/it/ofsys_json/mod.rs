//! The Ofsys JSON web services over HTTP: transport, keys, contacts, tables, sendings, phones, webhooks.

mod command_line;
mod contacts;
mod hostile;
mod keys;
mod mobile;
mod sendings;
pub mod site;
mod tables;
mod traps;
mod webhooks;

pub use site::Site;
