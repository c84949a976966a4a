//! `Lists.…`: several lists.

pub mod get;
