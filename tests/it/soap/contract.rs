//! What `tests/wsdl/echo.wsdl` says, in Rust.
#![allow(dead_code, reason = "the tests use parts of what a contract has")]

use understudy::dialects::kit::soap;

include!(concat!(env!("OUT_DIR"), "/tests_outside/echo.rs"));
