//! spine

pub mod dialects;
