//! Integration tests: the server over HTTP against a real database.

mod accounts;
