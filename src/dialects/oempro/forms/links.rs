//! The pages behind the links in mails. Opening one changes nothing, because mail scanners open every link; its button does (OE-13.7).
//!
//! A POST with `List-Unsubscribe=One-Click` is the button of a mail program and is answered without a redirect (RFC 8058 3.1).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::dialects::kit::page::{self, Page};
use crate::dialects::oempro::forms::unsubscribe::goodbye;
use crate::dialects::oempro::forms::visit::{Body, Visit};
use crate::dialects::oempro::front::Front;
use crate::domain::cx::Ctx;
use crate::domain::door::Refused;
use crate::domain::links::{self, Purpose};
use crate::domain::pages::{self, Linked};
use crate::domain::preferences;
use crate::domain::subscribers::leave::{self, Leave, LeaveError};
use crate::domain::subscribers::opt_in::{self, OptInError};
use crate::domain::subscribers::{Placed, Selector};
use crate::model::ids::{ListId, SubscriberNumber};
use crate::model::states::SubscriptionStatus;

/// Answers a link made for one purpose.
pub(super) async fn answer(
    purpose: Purpose,
    front: web::Data<Front>,
    request: HttpRequest,
    body: Body,
) -> HttpResponse {
    let channel = match purpose {
        Purpose::Confirm | Purpose::Reject => "confirm page",
        Purpose::Unsubscribe => "unsubscribe page",
    };
    let Ok(visit) = Visit::read(&front, &request, body, channel) else { return page::illegible() };
    let token = request.match_info().get("token").unwrap_or_default();
    let Some((list, number)) = links::read(visit.link_secret(), purpose, token) else {
        return lost(&visit, purpose).await;
    };
    if !visit.is_post {
        return show(&visit, purpose, list, number).await;
    }
    match purpose {
        Purpose::Confirm => confirm(&visit, list, number).await,
        Purpose::Reject => reject(&visit, list, number).await,
        Purpose::Unsubscribe => unsubscribe(&visit, list, number).await,
    }
}

/// A link that names nobody. To leave, a person can have the right link mailed.
async fn lost(visit: &Visit, purpose: Purpose) -> HttpResponse {
    if purpose != Purpose::Unsubscribe {
        return page::no_link();
    }
    let address = visit.params.text_or_empty("address").to_owned();
    if !visit.is_post || address.is_empty() {
        return page::lost_link();
    }
    match visit.domain.act(move |cx| preferences::request_links(cx, &address)).await {
        Ok(()) => page::links_sent(),
        Err(Refused::Domain(error)) => page::failed(&error),
        Err(Refused::Unavailable(error)) => page::failed(&error),
    }
}

async fn show(visit: &Visit, purpose: Purpose, list: ListId, number: SubscriberNumber) -> HttpResponse {
    let found = if visit.is_get {
        let name = match purpose {
            Purpose::Confirm => "confirm page",
            Purpose::Reject => "reject page",
            Purpose::Unsubscribe => "unsubscribe page",
        };
        let seen = move |cx: &mut Ctx<'_>| {
            preferences::note_seen(cx, list, number, name)?;
            pages::find_linked(cx, list, number)
        };
        visit.domain.act(seen).await
    } else {
        visit.domain.ask(move |cx| pages::find_linked(cx, list, number)).await
    };
    match found {
        Ok(None) => page::no_link(),
        Ok(Some(linked)) => page_of(purpose, &linked).answer(StatusCode::OK),
        Err(Refused::Domain(error)) => page::failed(&error),
        Err(Refused::Unavailable(error)) => page::failed(&error),
    }
}

/// What opening a link shows: a button while there is something to do, and how it stands otherwise.
fn page_of(purpose: Purpose, linked: &Linked) -> Page {
    let Linked { list_name, email, status } = linked;
    let email = preferences::masked(email);
    let is_pending = *status == SubscriptionStatus::OptInPending;
    match purpose {
        Purpose::Confirm if is_pending => {
            Page::new("Confirm your subscription", format!("Put {email} on the list “{list_name}”?"))
                .say("Press the button to confirm. If you did not ask for this, just close this page.")
                .button("Confirm")
        }
        Purpose::Reject if is_pending => {
            Page::new("Reject this subscription", format!("Somebody asked to put {email} on the list “{list_name}”."))
                .say("Press the button to reject it.")
                .button("Reject")
        }
        Purpose::Unsubscribe if *status != SubscriptionStatus::Unsubscribed => {
            Page::new("Unsubscribe?", format!("Take {email} off the list “{list_name}”?")).button("Unsubscribe")
        }
        Purpose::Confirm | Purpose::Reject | Purpose::Unsubscribe => standing(*status),
    }
}

/// How a subscription stands when a link has nothing left to do.
fn standing(status: SubscriptionStatus) -> Page {
    match status {
        SubscriptionStatus::Unsubscribed => goodbye(),
        SubscriptionStatus::OptInPending => {
            Page::new("Not confirmed yet", "This subscription waits to be confirmed by the link in the message.")
        }
        SubscriptionStatus::Subscribed | SubscriptionStatus::OptOutPending => {
            Page::new("You are subscribed", "Your subscription is confirmed. Thank you.")
        }
    }
}

async fn confirm(visit: &Visit, list: ListId, number: SubscriberNumber) -> HttpResponse {
    let outcome = visit.domain.act(move |cx| opt_in::confirm(cx, list, number)).await;
    answer_opt_in(outcome, standing(SubscriptionStatus::Subscribed))
}

async fn reject(visit: &Visit, list: ListId, number: SubscriberNumber) -> HttpResponse {
    let outcome = visit.domain.act(move |cx| opt_in::reject(cx, list, number)).await;
    answer_opt_in(outcome, Page::new("Rejected", "The address is not put on the list."))
}

fn answer_opt_in(outcome: Result<Placed, Refused<OptInError>>, done: Page) -> HttpResponse {
    match outcome {
        Ok(placed) => done.or_go_to(&placed.page_url),
        Err(Refused::Unavailable(error)) => page::failed(&error),
        Err(Refused::Domain(error)) => match error {
            OptInError::NoList(_) | OptInError::OwnerDisabled(_) | OptInError::NoSubscriber(_) => page::no_link(),
            OptInError::NotPending(placed) => standing(placed.status).answer(StatusCode::OK),
            OptInError::Store(error) => page::failed(&error),
        },
    }
}

async fn unsubscribe(visit: &Visit, list: ListId, number: SubscriberNumber) -> HttpResponse {
    let is_one_click = visit.params.text("List-Unsubscribe").is_some();
    let leave = Leave {
        list,
        who: Selector::Number(number),
        ip: visit.ip().to_owned(),
        detail: if is_one_click { "one-click" } else { "link" }.to_owned(),
        suppresses_in_account: false,
        bypasses_suppression: false,
        is_preview: false,
    };
    let page_url = match visit.domain.act(move |cx| leave::unsubscribe(cx, &leave)).await {
        Ok(left) | Err(Refused::Domain(LeaveError::Already(left))) => left.page_url,
        Err(Refused::Unavailable(error)) => return page::failed(&error),
        Err(Refused::Domain(error)) => {
            return match error {
                LeaveError::NoList(_)
                | LeaveError::OwnerDisabled(_)
                | LeaveError::BadAddress
                | LeaveError::NoSubscriber
                | LeaveError::Already(_) => page::no_link(),
                LeaveError::Store(error) => page::failed(&error),
            };
        }
    };
    // A mail program must not be sent elsewhere (RFC 8058 3.1).
    if is_one_click { goodbye().answer(StatusCode::OK) } else { goodbye().or_go_to(&page_url) }
}
