//! `Push`: what pages report whose visitors allow web push (OF-12.5).

mod set_token;
mod track_push_reception;

use crate::dialects::ofsys::json::registry::Method;

/// The methods.
pub const SERVICE: &[&Method] = &[&set_token::METHOD, &track_push_reception::METHOD];
