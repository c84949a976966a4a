//! `UserGroup.…`: one set of permissions and limits.

use crate::dialects::oempro::registry::Command;

/// The registry rows of this noun.
pub const GROUP: &[&Command] = &[];
