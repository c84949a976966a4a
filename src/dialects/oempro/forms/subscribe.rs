//! `subscribe.php`: the target of sign-up forms on customers' sites (OE-13.1). The browser is sent to the list's page, or shown one (OE-13.2).

use actix_web::{HttpRequest, HttpResponse, web};

use crate::dialects::kit::form::Array;
use crate::dialects::kit::page::{self, Page};
use crate::dialects::oempro::field_params;
use crate::dialects::oempro::forms::visit::{Body, Visit};
use crate::dialects::oempro::front::Front;
use crate::domain::door::Refused;
use crate::domain::pages;
use crate::domain::subscribers::Placed;
use crate::domain::subscribers::subscribe::{self, NewSubscription, SubscribeError};
use crate::model::ids::ListId;
use crate::model::states::SubscriptionStatus;

/// Answers a form, sent by POST or GET. A GET without a form explains the page and changes nothing.
pub(super) async fn answer(front: web::Data<Front>, request: HttpRequest, body: Body) -> HttpResponse {
    let Ok(visit) = Visit::read(&front, &request, body, "oempro form") else { return page::illegible() };
    let is_sent = visit.params.has("FormValue_ListID") || visit.params.has("FormValue_Fields");
    if request.method() == actix_web::http::Method::HEAD || !is_sent {
        return Page::new(
            "Sign-up forms are sent here",
            "This address takes sign-up forms. It shows nothing by itself.",
        )
        .answer(actix_web::http::StatusCode::OK);
    }
    // An unknown command is no sign-up. Forms that leave it out are taken as what this address is for.
    let command = visit.params.text_or_empty("FormValue_Command");
    if !command.is_empty() && !command.eq_ignore_ascii_case("Subscriber.Add") {
        return page::illegible();
    }
    let new = subscription(&visit);
    let list = new.list;
    match visit.domain.act(move |cx| subscribe::subscribe(cx, &new)).await {
        Ok(placed) => welcome(&placed),
        Err(Refused::Unavailable(error)) => page::failed(&error),
        Err(Refused::Domain(error)) => refuse(&visit, list, error).await,
    }
}

fn subscription(visit: &Visit) -> NewSubscription {
    let empty = Array::new();
    let fields = visit.params.array("FormValue_Fields").unwrap_or(&empty);
    NewSubscription {
        list: ListId(visit.params.id("FormValue_ListID").unwrap_or_default()),
        email: address_in(fields.text("emailaddress").unwrap_or_default()),
        ip: visit.ip().to_owned(),
        values: field_params::of_array(fields),
        // Absent groups of check boxes are not checked (OE-13.5).
        enforces_required: false,
        source_ref: String::new(),
        updates_existing: fields.text("updateifexists").is_some_and(is_true),
    }
}

/// Forms often send the address without encoding it (OE-13.6), so a plus sign arrives as a blank. No address holds a blank.
pub(super) fn address_in(text: &str) -> String {
    text.trim().replace(' ', "+")
}

fn is_true(text: &str) -> bool {
    ["true", "1", "yes", "on"].iter().any(|word| text.trim().eq_ignore_ascii_case(word))
}

fn welcome(placed: &Placed) -> HttpResponse {
    let page = match placed.status {
        SubscriptionStatus::OptInPending => Page::new(
            "Please confirm your subscription",
            format!("A message is on its way to {}. Please open it and confirm your subscription.", placed.email),
        ),
        _ => Page::new("You are subscribed", format!("{} is on the list. Thank you.", placed.email)),
    };
    page.or_go_to(&placed.page_url)
}

async fn refuse(visit: &Visit, list: ListId, error: SubscribeError) -> HttpResponse {
    let sentence = match error {
        SubscribeError::NoList(_) | SubscribeError::OwnerDisabled(_) => return page::no_list(),
        SubscribeError::Store(error) => return page::failed(&error),
        SubscribeError::BadAddress => "Please go back and enter a valid e-mail address.".to_owned(),
        SubscribeError::Field(problem) => {
            format!("{}: {}. Please go back and change it.", problem.title, problem.reason)
        }
        SubscribeError::Already => "This address is subscribed already.".to_owned(),
        SubscribeError::LimitReached(_) => "This list does not take more subscribers at the moment.".to_owned(),
    };
    let page = Page::new("Not subscribed", sentence);
    match visit.domain.ask(move |cx| pages::find_list(cx, list)).await {
        Ok(pages) => page.or_go_to(&pages.map(|pages| pages.subscription_error_page_url).unwrap_or_default()),
        Err(Refused::Domain(error)) => page::failed(&error),
        Err(Refused::Unavailable(error)) => page::failed(&error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::kit::form::{Limits, read_query};
    use crate::domain::field_values::Given;
    use crate::model::ids::FieldId;

    #[test]
    fn fields_are_read_as_texts_choices_and_parts() {
        let query =
            b"F[CustomField5]=x&F[customfield6][]=a&F[customfield6][]=b&F[CustomField7][0]=31&F[CustomField7][1]=12\
            &F[EmailAddress]=a%40b.co&F[CustomFieldX]=no&F[UpdateifExists]=true";
        let fields = read_query(query, &Limits::default()).expect("query").fold_keys();
        let fields = fields.array("f").expect("array");
        let many = |parts: [&str; 2]| Given::Many(parts.map(str::to_owned).to_vec());
        assert_eq!(
            field_params::of_array(fields),
            [
                (FieldId(5), Given::One("x".to_owned())),
                (FieldId(6), many(["a", "b"])),
                (FieldId(7), many(["31", "12"])),
            ]
        );
        assert!(fields.text("updateifexists").is_some_and(is_true));
    }

    #[test]
    fn a_plus_sign_that_was_not_encoded_is_a_plus_sign() {
        assert_eq!(address_in(" a b@example.com "), "a+b@example.com");
    }
}
