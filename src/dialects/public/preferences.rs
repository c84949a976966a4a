//! `/t/p/…`: the lists that an address is on, with boxes to untick. Works without scripts, by keyboard and on a phone.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::dialects::kit::page::Page;
use crate::dialects::public::visit::{Body, Kind, Visit, failed};
use crate::domain::core::Core;
use crate::domain::preferences::{self, Preferences};
use crate::domain::tracking::tokens::{Purpose, Trail};
use crate::model::ids::ListId;
use crate::model::states::SubscriptionStatus;

/// Before a list's id: the box that keeps it, and what says that it was shown.
const KEEP: &str = "keep-";
const SHOWN: &str = "shown";

pub(super) async fn answer(core: web::Data<Core>, request: HttpRequest, body: Body) -> HttpResponse {
    let visit = match Visit::read(&core, &request, body, "preference page") {
        Ok(visit) => visit,
        Err(unread) => return unread.page(),
    };
    let Some(trail) = visit.signer().read(Purpose::Preferences, &visit.token) else { return visit.lost().await };
    if visit.method == Kind::Post { save(&visit, trail).await } else { show(&visit, trail, None).await }
}

async fn show(visit: &Visit, trail: Trail, news: Option<String>) -> HttpResponse {
    let is_seen = visit.method == Kind::Get;
    let found = if is_seen {
        let seen = move |cx: &mut crate::domain::cx::Ctx<'_>| {
            preferences::note_seen(cx, trail.list, trail.number, "preference page")?;
            preferences::show(cx, &trail)
        };
        visit.domain.act(seen).await
    } else {
        visit.domain.ask(move |cx| preferences::show(cx, &trail)).await
    };
    match found {
        Ok(Some(found)) => page_of(&found, news).answer(StatusCode::OK),
        Ok(None) => visit.lost().await,
        Err(refused) => failed(&refused),
    }
}

/// Ends what was shown and is not kept: a list that came in between is left alone.
async fn save(visit: &Visit, trail: Trail) -> HttpResponse {
    let wants_none = visit.form.text("all").is_some();
    let shown = visit.form.text(SHOWN).unwrap_or_default();
    let left: Vec<ListId> = shown
        .split(',')
        .take(500)
        .filter_map(|id| id.parse().ok().map(ListId))
        .filter(|list| wants_none || visit.form.text(&format!("{KEEP}{list}")).is_none())
        .collect();
    match visit.domain.act(move |cx| preferences::leave(cx, &trail, &left)).await {
        Ok(Some(0)) => show(visit, trail, Some("Nothing was changed.".to_owned())).await,
        Ok(Some(1)) => show(visit, trail, Some("Saved. One subscription has ended.".to_owned())).await,
        Ok(Some(n)) => show(visit, trail, Some(format!("Saved. {n} subscriptions have ended."))).await,
        Ok(None) => visit.lost().await,
        Err(refused) => failed(&refused),
    }
}

fn page_of(found: &Preferences, news: Option<String>) -> Page {
    let Preferences { masked, subscriptions } = found;
    let first = if subscriptions.is_empty() {
        format!("{masked} is on no list any more.")
    } else {
        format!("{masked} is on these lists. Untick what you do not want any more, then save.")
    };
    let mut page = match news {
        Some(news) => Page::new("Your subscriptions", news).say(first),
        None => Page::new("Your subscriptions", first),
    };
    if subscriptions.is_empty() {
        return page;
    }
    let ids: Vec<String> = subscriptions.iter().map(|subscription| subscription.list.to_string()).collect();
    page = page.legend("Lists").hide(SHOWN, &ids.join(","));
    for subscription in subscriptions {
        let label = match subscription.status {
            SubscriptionStatus::OptInPending => format!("{} (not confirmed yet)", subscription.name),
            _ => subscription.name.clone(),
        };
        page = page.choice(&label, format!("{KEEP}{}", subscription.list), "1");
    }
    page.button("Save").second("Unsubscribe from all", "all", "1")
}
