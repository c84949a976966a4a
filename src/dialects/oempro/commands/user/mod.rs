//! `User.…`: one account.

pub mod login;
