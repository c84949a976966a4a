//! Contents of `queries/password_requests.rs`.
