//! The small types every layer shares: ids, states, times, addresses. No input or output here.

pub mod email_address;
pub mod ids;
pub mod sql;
pub mod states;
pub mod time;
