//! Imports from end to end: where the text comes from, how it is cut into pieces, and the loop that adds them.
//!
//! Async, above `domain` and below dialects and workers, which both import. What is slow (files, MySQL, reading and checking rows) happens here, off
//! the async threads and outside transactions.

pub mod file;
pub mod mysql;
pub mod receive;
pub mod run;
pub mod text;
