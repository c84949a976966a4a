//! `CustomFields.…`: several custom fields.

pub mod copy;
pub mod delete;
pub mod get;

use crate::dialects::oempro::registry::Command;

/// The registry rows of this noun.
pub const GROUP: &[&Command] = &[&copy::COMMAND, &delete::COMMAND, &get::COMMAND];
