//! The commands, one file each, in the groups of the command list.

pub mod list;
pub mod lists;
pub mod user;

use crate::dialects::oempro::registry::Command;

/// Every command, a line a group.
pub const GROUPS: &[&[&Command]] = &[&[&list::create::COMMAND], &[&lists::get::COMMAND], &[&user::login::COMMAND]];
