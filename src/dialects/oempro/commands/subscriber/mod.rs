//! `Subscriber.…`: one subscriber.

pub mod get;
pub mod get_lists;
pub mod login;
pub mod opt_in;
pub mod subscribe;
pub mod unsubscribe;
pub mod update;

use crate::dialects::oempro::registry::Command;

/// The registry rows of this noun.
pub const GROUP: &[&Command] = &[
    &login::COMMAND,
    &get::COMMAND,
    &get_lists::COMMAND,
    &subscribe::COMMAND,
    &opt_in::COMMAND,
    &unsubscribe::COMMAND,
    &update::COMMAND,
];
