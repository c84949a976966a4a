//! Contents of `queries/login_failures.rs`.
