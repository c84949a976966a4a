//! How much a message may hold and how long things may take (SO-4): what the section `[soap]` says. More than that is a fault, never a wait without end.

pub use crate::config::SoapSettings as Limits;
