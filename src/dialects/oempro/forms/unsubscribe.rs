//! `unsubscribe.php`: the target of sign-off forms on customers' sites (OE-13.3). A GET shows a button and changes nothing.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::dialects::kit::page::{self, Page};
use crate::dialects::oempro::forms::subscribe::address_in;
use crate::dialects::oempro::forms::visit::{Body, Visit};
use crate::dialects::oempro::front::Front;
use crate::domain::door::Refused;
use crate::domain::pages;
use crate::domain::subscribers::Selector;
use crate::domain::subscribers::leave::{self, Leave, LeaveError};
use crate::model::ids::{ListId, SubscriberNumber};

/// Answers a form. Which `FormValue_Command` it carries is not published, so any is taken (OE-13.3).
pub(super) async fn answer(front: web::Data<Front>, request: HttpRequest, body: Body) -> HttpResponse {
    let Ok(visit) = Visit::read(&front, &request, body, "oempro form") else { return page::illegible() };
    let list = ListId(visit.params.id("FormValue_ListID").unwrap_or_default());
    let Some(who) = who(&visit) else { return explain(&visit, list) };
    if !visit.is_post {
        return ask(list, &who);
    }
    let leave = Leave {
        list,
        who,
        ip: visit.ip().to_owned(),
        detail: "unsubscribe form".to_owned(),
        suppresses_in_account: false,
        bypasses_suppression: false,
        is_preview: false,
    };
    match visit.domain.act(move |cx| leave::unsubscribe(cx, &leave)).await {
        Ok(left) => goodbye().or_go_to(&left.page_url),
        Err(Refused::Unavailable(error)) => page::failed(&error),
        Err(Refused::Domain(error)) => refuse(&visit, list, error).await,
    }
}

/// The address, as a field of its own or among the fields; else the subscriber's number.
fn who(visit: &Visit) -> Option<Selector> {
    let among = visit.params.array("FormValue_Fields").and_then(|fields| fields.text("emailaddress"));
    let address = visit.params.text("FormValue_EmailAddress").or(among.filter(|text| !text.is_empty()));
    match address {
        Some(address) => Some(Selector::Address(address_in(address))),
        None => visit.params.id("FormValue_SubscriberID").map(|id| Selector::Number(SubscriberNumber(id))),
    }
}

fn explain(visit: &Visit, list: ListId) -> HttpResponse {
    if visit.is_post && list != ListId::NONE {
        return Page::new("Not unsubscribed", "Please go back and enter your e-mail address.").answer(StatusCode::OK);
    }
    Page::new("Unsubscribe forms are sent here", "This address takes unsubscribe forms. It shows nothing by itself.")
        .answer(StatusCode::OK)
}

fn ask(list: ListId, who: &Selector) -> HttpResponse {
    let page = Page::new("Unsubscribe?", "Press the button to leave the list.")
        .hide("FormValue_ListID", &list.to_string())
        .button("Unsubscribe");
    match who {
        Selector::Address(address) => page.hide("FormValue_EmailAddress", address),
        Selector::Number(number) => page.hide("FormValue_SubscriberID", &number.to_string()),
    }
    .answer(StatusCode::OK)
}

/// What somebody sees who left, or left before.
pub(super) fn goodbye() -> Page {
    Page::new("You are unsubscribed", "You will get no more mail from this list.")
}

async fn refuse(visit: &Visit, list: ListId, error: LeaveError) -> HttpResponse {
    let sentence = match error {
        LeaveError::NoList(_) | LeaveError::OwnerDisabled(_) => return page::no_list(),
        LeaveError::Store(error) => return page::failed(&error),
        // Leaving twice leads where leaving once does.
        LeaveError::Already(left) => return goodbye().or_go_to(&left.page_url),
        LeaveError::BadAddress => "Please go back and enter a valid e-mail address.",
        LeaveError::NoSubscriber => "This address is not on the list.",
    };
    let page = Page::new("Not unsubscribed", sentence);
    match visit.domain.ask(move |cx| pages::find_list(cx, list)).await {
        Ok(pages) => page.or_go_to(&pages.map(|pages| pages.unsubscription_error_page_url).unwrap_or_default()),
        Err(Refused::Domain(error)) => page::failed(&error),
        Err(Refused::Unavailable(error)) => page::failed(&error),
    }
}
