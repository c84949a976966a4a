//! What `wsdl/ofsys.wsdl` says, in Rust: types, the trait [`OfsysService`], the adapter [`Ofsys`] and [`CONTRACT`]. How to implement and mount it is
//! told in [`crate::dialects::kit::soap`].

use crate::dialects::kit::soap;

include!(concat!(env!("OUT_DIR"), "/wsdl/ofsys.rs"));
