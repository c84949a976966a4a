//! `RelationalTables`: extra tables of a project (OF-7).

mod delete;
mod get;
mod merge;

use crate::dialects::ofsys::json::registry::Method;

/// The methods.
pub const SERVICE: &[&Method] = &[&merge::METHOD, &get::METHOD, &delete::METHOD];
