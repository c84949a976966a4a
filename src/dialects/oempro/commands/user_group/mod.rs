//! `UserGroup.…`: one user group.

pub mod create;
pub mod delete;
pub mod duplicate;
mod form;
pub mod get;
mod probe;
pub mod update;

use crate::dialects::oempro::registry::Command;

/// The registry rows of this noun.
pub const GROUP: &[&Command] =
    &[&create::COMMAND, &delete::COMMAND, &duplicate::COMMAND, &get::COMMAND, &update::COMMAND];
