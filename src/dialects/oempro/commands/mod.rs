//! The commands: one folder a noun, one file a verb. A noun lists its commands in its own `mod.rs`.

pub mod admin;
pub mod custom_field;
pub mod custom_fields;
pub mod list;
pub mod list_integration;
pub mod lists;
pub mod subscriber;
pub mod subscribers;
pub mod user;
pub mod user_group;
pub mod user_groups;
pub mod users;

use crate::dialects::oempro::registry::Command;

/// Every command, a line a noun.
pub const GROUPS: &[&[&Command]] = &[
    admin::GROUP,
    custom_field::GROUP,
    custom_fields::GROUP,
    list::GROUP,
    list_integration::GROUP,
    lists::GROUP,
    subscriber::GROUP,
    subscribers::GROUP,
    user::GROUP,
    user_group::GROUP,
    user_groups::GROUP,
    users::GROUP,
];
