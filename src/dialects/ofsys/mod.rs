//! Ofsys (today Dialog Insight): the registration platform whose sites call by SOAP or by JSON. Facts: `docs/dialects/ofsys.md`.

use std::time::Duration;

use actix_web::web;

use crate::domain::core::Core;

pub mod codes;
pub mod fault;
pub mod json;
pub mod links;
pub mod refusals;
pub mod soap;

/// Its front doors, made once for all threads.
#[derive(Clone)]
pub struct Fronts {
    core: Core,
    json: json::front::Front,
    soap: soap::front::OfsysEndpoint,
}

impl Fronts {
    /// Reads what they need from the settings. `keep_alive`: how long the server keeps an idle connection.
    #[must_use]
    pub fn new(core: &Core, keep_alive: Duration) -> Self {
        Self {
            core: core.clone(),
            json: json::front::Front::new(core.clone()),
            soap: soap::front::endpoint(core, keep_alive),
        }
    }
}

/// Mounts the web services and the pages behind links in mails.
pub fn mount(config: &mut web::ServiceConfig, fronts: &Fronts) {
    json::front::mount(config, &fronts.json);
    soap::front::mount(config, &fronts.core, &fronts.soap);
    links::mount(config, &fronts.core);
}
