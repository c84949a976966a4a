//! `KillFile`: addresses that may not be mailed (OF-9.7).

mod check_exists;

use crate::dialects::ofsys::json::registry::Method;

/// The methods.
pub const SERVICE: &[&Method] = &[&check_exists::METHOD];
