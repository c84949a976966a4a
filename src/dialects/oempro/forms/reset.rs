//! The page behind the link of a forgotten password. Opening it changes nothing, because mail scanners open every link; its button has a new password
//! mailed to the owner (OE-13.9).

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::dialects::kit::page::{self, Page};
use crate::dialects::oempro::forms::visit::{Body, Visit};
use crate::dialects::oempro::front::Front;
use crate::domain::door::Refused;
use crate::domain::password_reset::{self, Kind, ResetError};
use crate::domain::secrets::new_password;

/// Answers the link that was mailed to an owner of this kind.
pub(super) async fn answer(kind: Kind, front: web::Data<Front>, request: HttpRequest, body: Body) -> HttpResponse {
    let Ok(visit) = Visit::read(&front, &request, body, "reset page") else { return page::illegible() };
    let token = request.match_info().get("token").unwrap_or_default().to_owned();
    let asked = token.clone();
    let found = visit.domain.ask(move |cx| password_reset::find(cx, kind, &asked)).await;
    match found {
        Ok(request) if request.may_choose && visit.is_post => reset(&front, &visit, kind, token).await,
        Ok(request) if request.may_choose => {
            Page::new("Get a new password?", "Press the button, and a new password is mailed to you.")
                .say("Whoever is logged in with the old one is logged out. To keep the old one, just close this page.")
                .button("Mail me a new password")
                .answer(StatusCode::OK)
        }
        // An id's MD5 opens nothing here: the page is for the token alone.
        Ok(_) => over(),
        Err(refused) => refuse(refused),
    }
}

async fn reset(front: &Front, visit: &Visit, kind: Kind, token: String) -> HttpResponse {
    let turn = match front.core.verifier().turn().await {
        Ok(turn) => turn,
        Err(error) => return page::failed(&error),
    };
    let (verifier, password) = (Arc::clone(front.core.verifier()), new_password());
    let hashed = web::block(move || {
        let _turn = turn;
        let hash = verifier.hash(&password);
        (password, hash)
    });
    let (password, hash) = match hashed.await {
        Ok(hashed) => hashed,
        Err(error) => return page::failed(&error),
    };
    match visit.domain.act(move |cx| password_reset::finish(cx, kind, &token, &hash, Some(&password))).await {
        Ok(()) => Page::new("A new password is on its way", "It was mailed to you. This link is used up.")
            .answer(StatusCode::OK),
        Err(refused) => refuse(refused),
    }
}

fn refuse(refused: Refused<ResetError>) -> HttpResponse {
    match refused {
        Refused::Unavailable(error) => page::failed(&error),
        Refused::Domain(ResetError::Unknown) => over(),
        Refused::Domain(ResetError::Store(error)) => page::failed(&error),
    }
}

fn over() -> HttpResponse {
    Page::new(
        "This link does not work",
        "It was used already, is older than a day, or was not copied whole. Please ask for a new one.",
    )
    .answer(StatusCode::NOT_FOUND)
}
