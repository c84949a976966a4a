//! The SOAP side of Ofsys: one operation a file, over the same contacts and messages as the JSON side. Wire: OF-18; envelopes: `docs/dialects/soap.md`.

pub mod contract;
pub mod front;
pub mod operations;
pub mod refused;
pub mod values;
