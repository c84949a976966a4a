//! `List.…`: one list.

pub mod create;
