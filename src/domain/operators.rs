//! Operators: administrators of all accounts.
