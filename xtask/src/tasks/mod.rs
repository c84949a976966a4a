//! One file a task. Each answers whether everything was good.

pub mod contract;
pub mod soap_suite;
