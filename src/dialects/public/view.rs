//! `/t/v/…`: a message in the browser. It is foreign HTML on our address, so the browser is told to run nothing of it and to treat it as from nowhere.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::dialects::public::visit::{Body, Kind, Visit, failed};
use crate::domain::core::Core;
use crate::domain::letters::browser::{self, Shown};
use crate::domain::tracking;
use crate::domain::tracking::tokens::Purpose;
use crate::model::ids::{LinkTargetId, SubscriberNumber};
use crate::model::states::TrackingEvent;

/// What a message may do: look as it does in a mail program. Without `allow-scripts` and `allow-same-origin` nothing runs and no cookie is seen.
const POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; \
    default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline' http: https:; font-src http: https: data:; \
    media-src http: https:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

pub(super) async fn answer(core: web::Data<Core>, request: HttpRequest, body: Body) -> HttpResponse {
    let visit = match Visit::read(&core, &request, body, "browser view") {
        Ok(visit) => visit,
        Err(unread) => return unread.page(),
    };
    let Some(trail) = visit.signer().read(Purpose::View, &visit.token) else { return visit.lost().await };
    let shown = match visit.domain.ask(move |cx| browser::view(cx, &trail)).await {
        Ok(Some(shown)) => shown,
        Ok(None) => return visit.lost().await,
        Err(refused) => return failed(&refused),
    };
    if visit.method == Kind::Get && trail.number != SubscriberNumber::NONE {
        let noted =
            visit.domain.act(move |cx| tracking::note(cx, &trail, TrackingEvent::Viewed, LinkTargetId::NONE)).await;
        if let Err(refused) = noted {
            return failed(&refused);
        }
    }
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header(("X-Robots-Tag", "noindex"))
        .body(page_of(shown))
}

/// The message's own HTML, or its text as a page.
fn page_of(shown: Shown) -> String {
    if !shown.html.is_empty() {
        return shown.html;
    }
    format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{}</title></head><body><pre style=\"white-space:pre-wrap\">{}</pre></body></html>\n",
        escaped(&shown.subject),
        escaped(&shown.plain)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
