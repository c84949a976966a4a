//! `User.…`: one account.

pub mod create;
pub mod current;
mod fields;
pub mod get;
pub mod login;
pub mod password_remind;
pub mod password_reset;
pub mod switch;
pub mod update;

use crate::dialects::oempro::registry::Command;

/// The registry rows of this noun.
pub const GROUP: &[&Command] = &[
    &create::COMMAND,
    &current::COMMAND,
    &get::COMMAND,
    &login::COMMAND,
    &password_remind::COMMAND,
    &password_reset::COMMAND,
    &switch::COMMAND,
    &update::COMMAND,
];
