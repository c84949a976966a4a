//! The JSON web services: `POST /webservices/ofc4/<service>.ashx?method=<Method>` (OF-1).

pub mod auth;
pub mod call;
pub mod clause;
pub mod envelope;
pub mod filter;
pub mod front;
pub mod methods;
pub mod numbers;
pub mod records;
pub mod registry;
pub mod request;
pub mod rows;
pub mod trace;
pub mod values;
