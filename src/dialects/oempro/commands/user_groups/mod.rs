//! `UserGroups.…`: all user groups.

pub mod get;

use crate::dialects::oempro::registry::Command;

/// The registry rows of this noun.
pub const GROUP: &[&Command] = &[&get::COMMAND];
