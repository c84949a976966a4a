//! The pages behind the links in Ofsys messages: `/activate/…` makes a contact active, `/oplink/…` does what an operational link says.
//!
//! Opening one changes nothing, because mail scanners open every link; its button does. With `ofsys.links = "visit"` opening it (GET, not HEAD) acts at
//! once, as the old platform did. A wrong token is 404, a second visit harmless (OF-17).

mod visit;

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::dialects::kit::page::{self, Page};
use crate::domain::contacts::states::{self, StateError};
use crate::domain::core::Core;
use crate::domain::door::Refused;
use crate::domain::links;
use crate::domain::operational_links::{self, FollowError, Shown};
use crate::domain::pages::{self, Linked};
use crate::model::ids::{ListId, OperationalLinkId, SubscriberNumber};
use crate::model::states::SubscriptionStatus;
use visit::Visit;

/// A larger body than this is not sent by our own button.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Mounts the links under any folder, as the other pages of signed links are.
pub fn mount(config: &mut web::ServiceConfig, core: &Core) {
    let resource = |path: &str| {
        web::resource(format!("/{{folder:(.*/)?}}{path}"))
            .app_data(web::Data::new(core.clone()))
            .app_data(web::PayloadConfig::new(MAX_BODY_BYTES))
    };
    config
        .service(
            resource("activate/{project:[0-9]+}/{contact:[0-9]+}/{token:[^/]+}").default_service(web::to(activation)),
        )
        .service(
            resource("oplink/{link:[0-9]+}/{project:[0-9]+}/{contact:[0-9]+}/{token:[^/]+}")
                .default_service(web::to(operational)),
        );
}

/// A number of the path; `None` when it is none of ours.
fn number(request: &HttpRequest, name: &str) -> Option<i64> {
    request.match_info().get(name)?.parse().ok()
}

/// Only reading, posting and their like make sense of a page.
fn is_known(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::POST].contains(method)
}

fn not_allowed() -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header(("Allow", "GET, HEAD, POST")).finish()
}

async fn activation(core: web::Data<Core>, request: HttpRequest) -> HttpResponse {
    if !is_known(request.method()) {
        return not_allowed();
    }
    let visit = Visit::new(&core, &request, "activation link");
    let token = request.match_info().get("token").unwrap_or_default();
    let (Some(project), Some(contact)) = (number(&request, "project"), number(&request, "contact")) else {
        return page::no_link();
    };
    let (project, contact) = (ListId(project), SubscriberNumber(contact));
    if !links::is_activation_token(visit.link_secret(), project, contact, token) {
        return page::no_link();
    }
    if visit.acts() {
        return activate(&visit, project, contact).await;
    }
    match visit.domain.ask(move |cx| pages::find_linked(cx, project, contact)).await {
        Ok(None) => page::no_link(),
        Ok(Some(linked)) => activation_page(&linked).answer(StatusCode::OK),
        Err(error) => failed(error),
    }
}

/// A button while there is something to do, and how it stands otherwise.
fn activation_page(linked: &Linked) -> Page {
    match linked.status {
        SubscriptionStatus::OptInPending => {
            Page::new("Confirm your registration", format!("Register {} with “{}”?", linked.email, linked.list_name))
                .say("Press the button to confirm. If you did not ask for this, just close this page.")
                .button("Confirm")
        }
        SubscriptionStatus::Subscribed | SubscriptionStatus::OptOutPending => active(),
        SubscriptionStatus::Unsubscribed => unsubscribed(),
    }
}

fn active() -> Page {
    Page::new("You are registered", "Your registration is confirmed. Thank you.")
}

fn unsubscribed() -> Page {
    Page::new("You have unsubscribed", "This link is older than that. To register again, please use the form.")
}

async fn activate(visit: &Visit, project: ListId, contact: SubscriberNumber) -> HttpResponse {
    match visit.domain.act(move |cx| states::activate_by_link(cx, project, contact)).await {
        Ok(page_url) => active().or_go_to(&page_url),
        Err(Refused::Domain(error)) => match error {
            StateError::NoProject(_) | StateError::NoContact(_) => page::no_link(),
            StateError::Unsubscribed(_) => unsubscribed().answer(StatusCode::OK),
            StateError::Denied(error) => page::failed(&error),
            StateError::Store(error) => page::failed(&error),
        },
        Err(Refused::Unavailable(error)) => page::failed(&error),
    }
}

async fn operational(core: web::Data<Core>, request: HttpRequest) -> HttpResponse {
    if !is_known(request.method()) {
        return not_allowed();
    }
    let visit = Visit::new(&core, &request, "operational link");
    let token = request.match_info().get("token").unwrap_or_default();
    let named = (number(&request, "link"), number(&request, "project"), number(&request, "contact"));
    let (Some(link), Some(project), Some(contact)) = named else { return page::no_link() };
    let (link, project, contact) = (OperationalLinkId(link), ListId(project), SubscriberNumber(contact));
    if !links::is_operational_token(visit.link_secret(), link, project, contact, token) {
        return page::no_link();
    }
    let acts = visit.acts();
    let outcome = if acts {
        visit.domain.act(move |cx| operational_links::follow(cx, link, project, contact)).await
    } else {
        visit.domain.ask(move |cx| operational_links::show(cx, link, project, contact)).await
    };
    match outcome {
        Ok(shown) if acts => thanks(&shown).or_go_to(&shown.url),
        Ok(shown) => question(&shown).answer(StatusCode::OK),
        Err(Refused::Domain(error)) => match error {
            FollowError::NoLink => page::no_link(),
            FollowError::Refused(id, problem) => {
                tracing::warn!(link.id = %id, %problem, "operational link {id} cannot be followed");
                Page::new("This link does not work any more", "Nothing was changed.").answer(StatusCode::GONE)
            }
            FollowError::Store(error) => page::failed(&error),
        },
        Err(Refused::Unavailable(error)) => page::failed(&error),
    }
}

fn question(shown: &Shown) -> Page {
    let Shown { project_name, email, .. } = shown;
    Page::new("Please confirm", format!("This link was sent by “{project_name}” to {email}."))
        .say("Press the button to go on. If the message was not for you, just close this page.")
        .button("Go on")
}

fn thanks(shown: &Shown) -> Page {
    Page::new("Thank you", format!("“{}” has noted it for {}.", shown.project_name, shown.email))
}

fn failed<E: std::error::Error + 'static>(error: Refused<E>) -> HttpResponse {
    match error {
        Refused::Domain(error) => page::failed(&error),
        Refused::Unavailable(error) => page::failed(&error),
    }
}
