//! `/t/f/…`: sends a message on to a friend. The page asks for the address; the friend's mail holds nothing that acts for the sender.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::dialects::kit::page::{Line, Page};
use crate::dialects::public::visit::{Body, Kind, Visit, failed};
use crate::domain::core::Core;
use crate::domain::door::Refused;
use crate::domain::letters::browser::{self, ForwardError};
use crate::domain::tracking::tokens::Purpose;

pub(super) async fn answer(core: web::Data<Core>, request: HttpRequest, body: Body) -> HttpResponse {
    let visit = match Visit::read(&core, &request, body, "forward page") {
        Ok(visit) => visit,
        Err(unread) => return unread.page(),
    };
    let Some(trail) = visit.signer().read(Purpose::Forward, &visit.token) else { return visit.lost().await };
    if visit.method != Kind::Post {
        return match visit.domain.ask(move |cx| browser::view(cx, &trail)).await {
            Ok(Some(shown)) => form(&format!("Send “{}” to a friend.", shown.subject)).answer(StatusCode::OK),
            Ok(None) => visit.lost().await,
            Err(refused) => failed(&refused),
        };
    }
    let text = |name: &str| visit.form.text(name).unwrap_or_default().to_owned();
    let (friend, name) = (text("friend"), text("name"));
    match visit.domain.act(move |cx| browser::forward(cx, &trail, &friend, &name).map(drop)).await {
        Ok(()) => Page::new("Sent on", "The message is on its way to your friend.").answer(StatusCode::OK),
        Err(Refused::Domain(ForwardError::BadAddress)) => {
            form("Please type a valid e-mail address.").answer(StatusCode::OK)
        }
        Err(Refused::Domain(ForwardError::TooOften)) => {
            Page::new("Not sent", "You sent this on several times already. Please try again in an hour.")
                .answer(StatusCode::TOO_MANY_REQUESTS)
        }
        Err(Refused::Domain(ForwardError::NoMessage)) => visit.lost().await,
        Err(Refused::Domain(ForwardError::Store(error))) => crate::dialects::kit::page::failed(&error),
        Err(refused @ Refused::Unavailable(_)) => failed(&refused),
    }
}

fn form(sentence: &str) -> Page {
    Page::new("Send to a friend", sentence)
        .line(Line {
            label: "Your friend’s e-mail address",
            name: "friend",
            kind: "email",
            autocomplete: "off",
            is_required: true,
        })
        .line(Line {
            label: "Your name (optional)",
            name: "name",
            kind: "text",
            autocomplete: "name",
            is_required: false,
        })
        .button("Send")
}
