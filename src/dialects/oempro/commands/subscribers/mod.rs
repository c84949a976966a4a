//! `Subscribers.…`: the subscribers of a list.

pub mod delete;
pub mod get;
pub mod import;
pub mod update;

use crate::dialects::oempro::registry::Command;

/// The registry rows of this noun.
pub const GROUP: &[&Command] = &[&get::COMMAND, &update::COMMAND, &import::COMMAND, &delete::COMMAND];
