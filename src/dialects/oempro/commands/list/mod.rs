//! `List.…`: one list.

pub mod create;
pub mod get;
pub(in crate::dialects::oempro) mod options;
pub mod update;

use crate::dialects::oempro::registry::Command;

/// The registry rows of this noun.
pub const GROUP: &[&Command] = &[&create::COMMAND, &get::COMMAND, &update::COMMAND];
