//! One operation a file: what was asked, already typed, to a result.

pub mod message_create;
pub mod message_sendsingle;
pub mod one;
pub mod user_activate;
pub mod user_create;
pub mod user_deactivate;
pub mod user_delete;
pub mod user_get;
pub mod user_update;
