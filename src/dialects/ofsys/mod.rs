//! Ofsys (Dialog Insight): contacts of projects and messages to them, by SOAP and JSON.

pub mod soap;
