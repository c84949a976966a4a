//! `Messages`: what can be sent, in versions (OF-9.1 to OF-9.3).

mod create;
mod get;
mod update;
mod wire;

use crate::dialects::ofsys::json::registry::Method;

/// The methods.
pub const SERVICE: &[&Method] = &[&create::METHOD, &get::METHOD, &update::METHOD];
