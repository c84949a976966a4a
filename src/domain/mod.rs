//! What the product means: rules and permissions, written once, whatever the wire.
//!
//! Every function is synchronous, takes the open [`cx::Ctx`] first and checks its permission itself.

pub mod access;
pub mod accounts;
pub mod core;
pub mod cx;
pub mod links;
pub mod lists;
pub mod outbox;
pub mod passwords;
pub mod secrets;
pub mod sessions;
