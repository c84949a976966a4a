//! `Mobile.UpdateContact`: what the first kit calls `Identify`. Wire: OF-12.3, OF-12.7, OF-12.8.

use crate::dialects::ofsys::json::methods::mobile::identify;
use crate::dialects::ofsys::json::registry::Method;

/// The registry row.
pub const METHOD: Method = Method { name: "UpdateContact", ..identify::METHOD };
