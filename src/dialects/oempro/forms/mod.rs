//! The public pages beside `api.php` (OE-13): forms that customers' sites post to, and the pages behind the links in mails. No credential.

mod links;
mod reset;
mod subscribe;
#[cfg(test)]
mod tests;
mod unsubscribe;
mod visit;

use actix_web::web;

use crate::dialects::oempro::front::Front;
use crate::domain::links::Purpose;
use crate::domain::password_reset::Kind;

/// Mounts the forms and the pages of signed links under any folder, as `api.php` is.
pub fn mount(config: &mut web::ServiceConfig, front: &Front) {
    let resource = |path: &str| {
        web::resource(format!("/{{folder:(.*/)?}}{path}"))
            .app_data(web::Data::new(front.clone()))
            .app_data(web::PayloadConfig::new(front.limits.body_bytes.min(visit::MAX_BODY_BYTES)))
    };
    config
        .service(resource("subscribe.php").default_service(web::to(subscribe::answer)))
        .service(resource("hgsubscribe.php").default_service(web::to(subscribe::answer)))
        .service(resource("unsubscribe.php").default_service(web::to(unsubscribe::answer)))
        .service(
            resource("confirm/{token:[^/]+}")
                .default_service(web::to(|front, request, body| links::answer(Purpose::Confirm, front, request, body))),
        )
        .service(
            resource("reject/{token:[^/]+}")
                .default_service(web::to(|front, request, body| links::answer(Purpose::Reject, front, request, body))),
        )
        .service(
            resource("reset-password/user/{token:[^/]+}")
                .default_service(web::to(|front, request, body| reset::answer(Kind::Account, front, request, body))),
        )
        .service(
            resource("reset-password/admin/{token:[^/]+}")
                .default_service(web::to(|front, request, body| reset::answer(Kind::Operator, front, request, body))),
        )
        .service(resource("unsubscribe/{token:[^/]+}").default_service(web::to(|front, request, body| {
            links::answer(Purpose::Unsubscribe, front, request, body)
        })));
}
