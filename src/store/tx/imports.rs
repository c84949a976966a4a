//! Contents of `queries/imports.rs`.
