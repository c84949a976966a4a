//! Ofsys (today Dialog Insight): the registration platform whose sites call by SOAP or by JSON. Facts: `docs/dialects/ofsys.md`.

pub mod codes;
pub mod json;
pub mod links;
