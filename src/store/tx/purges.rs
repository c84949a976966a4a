//! Contents of `queries/purges.rs`.
