//! `ListIntegration.…`: web services called on subscription, and form code for sites.

use crate::dialects::oempro::registry::Command;

/// The registry rows of this noun.
pub const GROUP: &[&Command] = &[];
