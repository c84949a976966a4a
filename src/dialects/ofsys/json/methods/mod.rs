//! Every method: a folder a service, a file a method. A method reads its members, makes one call of the domain, and answers.

mod contacts;
mod kill_file;
mod messages;
mod mobile;
mod projects;
mod push;
mod relational_tables;
mod sendings;

use crate::dialects::ofsys::json::registry::Method;

/// The services with their methods.
pub const SERVICES: &[&[&Method]] = &[
    contacts::SERVICE,
    relational_tables::SERVICE,
    sendings::SERVICE,
    messages::SERVICE,
    projects::SERVICE,
    kill_file::SERVICE,
    mobile::SERVICE,
    push::SERVICE,
];
