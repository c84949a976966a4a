//! `/t/u/…`: ends one subscription. A mail program posts `List-Unsubscribe=One-Click` and gets a few bytes back, no redirect, no cookie; a person sees a
//! page with a button (RFC 8058 3.1, 3.2). Both encodings of the post do, and a second one is answered like the first (ML-7.5).

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::dialects::kit::page::Page;
use crate::dialects::public::visit::{Body, Kind, Visit, failed};
use crate::domain::core::Core;
use crate::domain::cx::Ctx;
use crate::domain::pages::{self, Linked};
use crate::domain::preferences;
use crate::domain::tracking::tokens::{Purpose, Trail};
use crate::model::states::SubscriptionStatus;

pub(super) async fn answer(core: web::Data<Core>, request: HttpRequest, body: Body) -> HttpResponse {
    let visit = match Visit::read(&core, &request, body, "unsubscribe page") {
        Ok(visit) => visit,
        Err(unread) => return unread.page(),
    };
    let Some(trail) = preferences::read_unsubscribe(visit.link_secret(), &visit.token) else {
        return visit.lost().await;
    };
    if visit.method == Kind::Post { end(&visit, trail).await } else { show(&visit, trail).await }
}

async fn end(visit: &Visit, trail: Trail) -> HttpResponse {
    let is_one_click = visit.form.text("List-Unsubscribe").is_some();
    let how = if is_one_click { "one-click" } else { "link" };
    match visit.domain.act(move |cx| preferences::end(cx, &trail, how)).await {
        Ok(Some(_)) if is_one_click => HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .content_type("text/plain")
            .body("ok\n"),
        Ok(Some(ended)) => goodbye(visit, &trail).or_go_to(&ended.page_url),
        Ok(None) => visit.lost().await,
        Err(refused) => failed(&refused),
    }
}

async fn show(visit: &Visit, trail: Trail) -> HttpResponse {
    let found = if visit.method == Kind::Get {
        let seen = move |cx: &mut Ctx<'_>| {
            preferences::note_seen(cx, trail.list, trail.number, "unsubscribe page")?;
            pages::find_linked(cx, trail.list, trail.number)
        };
        visit.domain.act(seen).await
    } else {
        visit.domain.ask(move |cx| pages::find_linked(cx, trail.list, trail.number)).await
    };
    match found {
        Ok(Some(Linked { status: SubscriptionStatus::Unsubscribed, .. })) => {
            goodbye(visit, &trail).answer(StatusCode::OK)
        }
        Ok(Some(Linked { list_name, email, .. })) => {
            let masked = preferences::masked(&email);
            Page::new("Unsubscribe?", format!("Take {masked} off the list “{list_name}”?"))
                .button("Unsubscribe")
                .link("See all your subscriptions", others(visit, &trail))
                .answer(StatusCode::OK)
        }
        Ok(None) => visit.lost().await,
        Err(refused) => failed(&refused),
    }
}

fn goodbye(visit: &Visit, trail: &Trail) -> Page {
    Page::new("You are unsubscribed", "You will get no more mail from this list.")
        .link("See your other subscriptions", others(visit, trail))
}

fn others(visit: &Visit, trail: &Trail) -> String {
    visit.url(&format!("{}{}", Purpose::Preferences.path(), visit.signer().token(Purpose::Preferences, trail)))
}
