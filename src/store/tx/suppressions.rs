//! Contents of `queries/suppressions.rs`.
