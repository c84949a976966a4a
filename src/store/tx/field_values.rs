//! Contents of `queries/field_values.rs`.
