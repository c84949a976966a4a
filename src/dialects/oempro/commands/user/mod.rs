//! `User.…`: one account.

pub mod login;

use crate::dialects::oempro::registry::Command;

/// The registry rows of this noun.
pub const GROUP: &[&Command] = &[&login::COMMAND];
