//! `Users.…`: several accounts.

pub mod delete;
pub mod get;

use crate::dialects::oempro::registry::Command;

/// The registry rows of this noun.
pub const GROUP: &[&Command] = &[&delete::COMMAND, &get::COMMAND];
