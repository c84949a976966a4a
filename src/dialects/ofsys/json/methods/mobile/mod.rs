//! `Mobile`: what applications on phones report of themselves (OF-12).

pub mod device;
mod get_guid;
mod identify;
mod identity;
mod set_token;
mod track;
mod update_contact;

use crate::dialects::ofsys::json::registry::Method;

/// The methods.
pub const SERVICE: &[&Method] = &[
    &set_token::METHOD,
    &identify::METHOD,
    &track::RECEPTION,
    &track::LAUNCH,
    &update_contact::METHOD,
    &get_guid::METHOD,
    &track::RECEPTIONS,
    &track::LAUNCHES,
    &identity::METHOD,
];
