//! Every method, a folder a service, a file a method.

use crate::dialects::ofsys::json::registry::Method;

/// The services with their methods.
pub const SERVICES: &[&[&Method]] = &[];
