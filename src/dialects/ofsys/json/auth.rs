//! Letting a caller in.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::dialects::ofsys::json::fault::Fault;
use crate::dialects::ofsys::json::registry::Method;
use crate::domain::core::Core;
use crate::domain::cx::{Ctx, Origin};

/// Pass.
pub struct Pass {}

/// Admit.
pub async fn admit(_: &Core, _: &'static Method, _: Arc<Map<String, Value>>, _: Arc<Origin>) -> Result<Pass, Fault> {
    Ok(Pass {})
}

/// Recognise.
pub fn recognise(_: &mut Ctx<'_>, _: &Pass) -> Result<(), Fault> {
    Ok(())
}
