//! `Admin.…`: administrators.

pub mod login;
pub mod password_remind;
pub mod password_reset;
pub mod update;

use crate::dialects::oempro::registry::Command;

/// The registry rows of this noun.
pub const GROUP: &[&Command] =
    &[&login::COMMAND, &password_remind::COMMAND, &password_reset::COMMAND, &update::COMMAND];
