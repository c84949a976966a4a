//! `List.…`: one list.

pub mod create;

use crate::dialects::oempro::registry::Command;

/// The registry rows of this noun.
pub const GROUP: &[&Command] = &[&create::COMMAND];
