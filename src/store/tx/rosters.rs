//! Contents of `queries/rosters.rs`.
