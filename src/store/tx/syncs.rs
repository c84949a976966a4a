//! Contents of `queries/syncs.rs`.
