//! The old platforms as they spoke on the wire, one folder per product, and what they share.

pub mod kit;
pub mod oempro;
pub mod ofsys;
pub mod public;
