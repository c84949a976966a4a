//! SOAP 1.1 and 1.2 over HTTP for any service whose WSDL went through `wsdl-codegen`.
//!
//! A message goes bytes → [`bytes`] (inflated, decoded) → [`gate`] (well-formed, within the limits, a tree) → [`headers`] → [`operation`] →
//! [`decode`] (the generated types) → the service → [`encode`] or [`fault`]. [`http`] is the endpoint that does so.
//!
//! # How a dialect serves a WSDL
//!
//! ```text
//! // src/dialects/<product>/soap/contract.rs
//! use crate::dialects::kit::soap;
//! include!(concat!(env!("OUT_DIR"), "/wsdl/<name>.rs"));
//!
//! // elsewhere: one method for each operation
//! struct Front { core: Core }
//! impl OfsysService for Front {
//!     async fn user_create(&self, call: &Call<'_>, request: UserCreateRequest) -> Result<UserResult, Fault> { … }
//!     …
//! }
//!
//! // once, before the server's threads: let endpoint = Endpoint::new(Ofsys(Front { core }), settings);
//! // in each: soap::http::mount(config, "/webservices/soap", &endpoint);
//! ```
//!
//! - Every member of a request is an `Option`: absent, empty and nil are all `None`.
//! - An open container (`xsd:anyType`) is a [`value::Value`](crate::dialects::kit::value::Value): `Object` for names in order, `List` for values without names, `Text`
//!   for everything simple, `Null` for nil. [`any::named_members`] turns it into the members it must hold.
//! - A refusal of the business is a result; a [`fault::Fault`] is for what could not be processed, and means that nothing was done.
//! - [`service::Call`] has the HTTP request, the version, and the login shown beside the parameters.

pub mod any;
pub mod body;
pub mod bytes;
pub mod chars;
pub mod contract;
pub mod decode;
pub mod encode;
pub mod envelope;
pub mod fault;
pub mod gate;
pub mod headers;
pub mod http;
pub mod lexical;
pub mod limits;
pub mod operation;
pub mod references;
pub mod security;
pub mod service;
pub mod tree;
pub mod wsdl;

#[cfg(test)]
pub(crate) mod oracle;
#[cfg(test)]
#[allow(dead_code, reason = "the tests use parts of what a contract has")]
mod sample;
