//! A service for the kit's own tests, from `tests/wsdl/echo.wsdl`.

use crate::dialects::kit::soap;

include!(concat!(env!("OUT_DIR"), "/tests/echo.rs"));
