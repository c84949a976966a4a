//! The pages behind the links in mails, `/t/…`, whichever platform's list a mail came from: opens and clicks are counted, the message is shown and sent
//! on, subscriptions are seen and ended. Nobody logs in; a signed token says who it is about (ML-7.3).
//!
//! GET and HEAD change nothing about a subscription, because mail scanners open every link; a POST does (RFC 8058 3.1, ML-7.5).

mod counted;
mod forward;
mod leave;
mod preferences;
#[cfg(test)]
mod tests;
mod view;
mod visit;

use actix_web::web;

use crate::domain::core::Core;

/// A larger body than this is sent by no form of ours.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Mounts the pages under any folder, as the server's public address may name one.
pub fn mount(config: &mut web::ServiceConfig, core: &Core) {
    let resource = |path: &str| {
        web::resource(format!("/{{folder:(.*/)?}}t/{path}"))
            .app_data(web::Data::new(core.clone()))
            .app_data(web::PayloadConfig::new(MAX_BODY_BYTES))
    };
    config
        .service(resource("o/{token:[^/]+}").default_service(web::to(counted::open)))
        .service(resource("c/{token:[^/]+}").default_service(web::to(counted::click)))
        .service(resource("v/{token:[^/]+}").default_service(web::to(view::answer)))
        .service(resource("f/{token:[^/]+}").default_service(web::to(forward::answer)))
        .service(resource("p/{token:[^/]+}").default_service(web::to(preferences::answer)))
        .service(resource("u/{token:[^/]+}").default_service(web::to(leave::answer)));
}
