//! Keys that stand for an account or operator without a login.
