//! `CustomField.…`: one custom field.

pub mod create;
mod preset;
mod read;
pub mod update;

use crate::dialects::oempro::registry::Command;

/// The registry rows of this noun.
pub const GROUP: &[&Command] = &[&create::COMMAND, &update::COMMAND];
