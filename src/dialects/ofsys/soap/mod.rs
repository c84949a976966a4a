//! The SOAP side of Ofsys.

pub mod contract;
