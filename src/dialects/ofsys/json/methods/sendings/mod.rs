//! `Sendings`: messages to one contact, or to many (OF-8).

mod get_batches;
mod send_batch;
mod send_single;

use crate::dialects::ofsys::json::registry::Method;

/// The methods.
pub const SERVICE: &[&Method] =
    &[&send_single::METHOD, &send_single::METHOD_2, &send_batch::METHOD, &get_batches::METHOD];
