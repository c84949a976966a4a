//! `Projects`: what a key reaches, and what a project holds (OF-9.4 to OF-9.6).

mod get;
mod list;

use crate::dialects::ofsys::json::registry::Method;

/// The methods.
pub const SERVICE: &[&Method] = &[&list::METHOD, &get::METHOD];
