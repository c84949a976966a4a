//! Opens and clicks: a picture of one point, and links that lead on. What cannot be counted still works; a link that nobody made leads nowhere (ML-7.4).

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::dialects::kit::page;
use crate::dialects::public::visit::{Body, Kind, Visit, failed};
use crate::domain::core::Core;
use crate::domain::door::Refused;
use crate::domain::letters::browser;
use crate::domain::tracking;
use crate::domain::tracking::tokens::Purpose;
use crate::model::ids::LinkTargetId;
use crate::model::states::TrackingEvent;

/// One transparent point.
const PICTURE: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// The picture, whoever asks, and for whatever token.
pub(super) async fn open(core: web::Data<Core>, request: HttpRequest, body: Body) -> HttpResponse {
    let visit = match Visit::read(&core, &request, body, "open") {
        Ok(visit) => visit,
        Err(unread) => return unread.page(),
    };
    let token = visit.token.strip_suffix(".gif").unwrap_or(&visit.token);
    if visit.method == Kind::Get
        && let Some(trail) = visit.signer().read(Purpose::Track, token)
        && let Err(refused) =
            visit.domain.act(move |cx| tracking::note(cx, &trail, TrackingEvent::Opened, LinkTargetId::NONE)).await
    {
        uncounted(refused);
    }
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "image/gif"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(PICTURE)
}

/// Leads on to where the link of the message leads, never to where the request says.
pub(super) async fn click(core: web::Data<Core>, request: HttpRequest, body: Body) -> HttpResponse {
    let visit = match Visit::read(&core, &request, body, "click") {
        Ok(visit) => visit,
        Err(unread) => return unread.page(),
    };
    let Some((trail, link)) = visit.signer().read_click(&visit.token) else { return page::no_link() };
    let url = match visit.domain.ask(move |cx| browser::target(cx, &trail, link)).await {
        Ok(Some(url)) => url,
        Ok(None) => return page::no_link(),
        Err(refused) => return failed(&refused),
    };
    // Its host is the message's own; what was put in behind it must still leave a web address.
    let Some(url) = url::Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
    else {
        return page::no_link();
    };
    if visit.method == Kind::Get
        && let Err(refused) = visit.domain.act(move |cx| tracking::note(cx, &trail, TrackingEvent::Clicked, link)).await
    {
        uncounted(refused);
    }
    HttpResponse::Found()
        .insert_header((header::LOCATION, url.as_str()))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

/// Nobody is kept from reading because the store is busy.
fn uncounted<E: std::error::Error + 'static>(refused: Refused<E>) {
    let error: &(dyn std::error::Error + 'static) = match &refused {
        Refused::Domain(error) => error,
        Refused::Unavailable(error) => error,
    };
    tracing::warn!(error, "an open or click was not counted");
}
