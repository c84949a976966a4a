//! Contents of `queries/messages.rs`.
