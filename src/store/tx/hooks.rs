//! Contents of `queries/hooks.rs`.
