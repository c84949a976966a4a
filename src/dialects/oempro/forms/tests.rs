//! The public pages over HTTP, against a database of their own.

use actix_web::http::{StatusCode, header};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, dev::ServiceResponse};

use crate::dialects::oempro::front::{self, Front};
use crate::domain::consent;
use crate::domain::links::{self, Purpose};
use crate::domain::pages;
use crate::domain::sample::Sample;
use crate::model::ids::{ListId, SubscriberNumber};
use crate::model::states::{ConsentEvent, OptInMode, SubscriptionStatus};

/// One request: `GET` without a body, `POST` of a form with one. Answers status, target of a redirect, page.
async fn send(sample: &Sample, path: &str, form: Option<&str>) -> (StatusCode, String, String) {
    let front = Front::new(sample.core.clone());
    let app = init_service(App::new().configure(|config| front::mount(config, &front))).await;
    let request = match form {
        None => TestRequest::get().uri(path),
        Some(form) => TestRequest::post()
            .uri(path)
            .insert_header((header::CONTENT_TYPE, "application/x-www-form-urlencoded"))
            .set_payload(form.to_owned()),
    };
    let answer: ServiceResponse = call_service(&app, request.to_request()).await;
    let status = answer.status();
    let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let location = location.to_owned();
    (status, location, String::from_utf8_lossy(&read_body(answer).await).into_owned())
}

async fn status_of(sample: &Sample, list: ListId, number: i64) -> Option<SubscriptionStatus> {
    let found = sample.write(move |cx| Ok(pages::find_linked(cx, list, SubscriberNumber(number))?)).await;
    found.expect("look").map(|linked| linked.status)
}

fn link(purpose: Purpose, list: ListId, number: i64) -> String {
    links::path("secret", purpose, list, SubscriberNumber(number))
}

#[actix_web::test]
async fn a_form_subscribes_and_leads_to_the_lists_page() {
    let sample = Sample::open().await;
    let list = sample.another_list().await;
    let form = format!(
        "FormValue_ListID={list}&FormValue_Command=Subscriber.Add&FormValue_Fields[EmailAddress]=a@example.com"
    );
    let (status, _, page) = send(&sample, "/any/folder/subscribe.php", Some(&form)).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("You are subscribed"), "{page}");
    assert_eq!(status_of(&sample, list, 1).await, Some(SubscriptionStatus::Subscribed));

    let pages = |row: &mut crate::domain::lists::List| {
        row.confirmed_page_url = "https://example.org/thanks".to_owned();
        row.subscription_error_page_url = "https://example.org/sorry".to_owned();
    };
    sample.change_list(list, pages).await;
    let (status, to, _) = send(&sample, "/subscribe.php", Some(&form)).await;
    assert_eq!((status, to.as_str()), (StatusCode::FOUND, "https://example.org/sorry"), "subscribed already");
    let again = format!("{form}&FormValue_Fields[UpdateifExists]=true");
    let (status, to, _) = send(&sample, "/hgsubscribe.php", Some(&again)).await;
    assert_eq!((status, to.as_str()), (StatusCode::FOUND, "https://example.org/thanks"));
}

#[actix_web::test]
async fn bad_forms_change_nothing_and_say_why() {
    let sample = Sample::open().await;
    let list = sample.list;
    let (status, _, page) = send(&sample, "/subscribe.php", None).await;
    assert!(status == StatusCode::OK && page.contains("shows nothing by itself"), "{page}");
    let form = format!("FormValue_ListID={list}&FormValue_Fields[EmailAddress]=%3Cscript%3E");
    let (_, _, page) = send(&sample, "/subscribe.php", Some(&form)).await;
    assert!(page.contains("valid e-mail address") && !page.contains("<script>"), "{page}");
    let form = "FormValue_ListID=999&FormValue_Fields[EmailAddress]=a@example.com";
    assert_eq!(send(&sample, "/subscribe.php", Some(form)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(status_of(&sample, list, 1).await, None);
}

#[actix_web::test]
async fn opening_a_link_changes_nothing_and_its_button_does() {
    let sample = Sample::open().await;
    let list = sample.list;
    sample.change_list(list, |row| row.opt_in_mode = OptInMode::Double).await;
    for address in ["a@example.com", "b@example.com"] {
        let form = format!("FormValue_ListID={list}&FormValue_Fields[EmailAddress]={address}");
        let (_, _, page) = send(&sample, "/subscribe.php", Some(&form)).await;
        assert!(page.contains("Please confirm"), "{page}");
    }
    let confirm = link(Purpose::Confirm, list, 1);
    let (_, _, page) = send(&sample, &confirm, None).await;
    assert!(page.contains("<button") && page.contains("a•••@example.com"), "{page}");
    let log = sample.write(move |cx| Ok(consent::history(cx, list, SubscriberNumber(1)).expect("history")));
    let seen = log.await.expect("log").into_iter().filter(|entry| entry.event == ConsentEvent::ConfirmPageSeen);
    assert_eq!(
        seen.map(|entry| (entry.detail, entry.channel)).collect::<Vec<_>>(),
        [("confirm page".to_owned(), "confirm page".to_owned())]
    );
    assert_eq!(status_of(&sample, list, 1).await, Some(SubscriptionStatus::OptInPending));
    send(&sample, &confirm, Some("")).await;
    assert_eq!(status_of(&sample, list, 1).await, Some(SubscriptionStatus::Subscribed));
    for form in [None, Some("")] {
        let (status, _, page) = send(&sample, &confirm, form).await;
        assert!(status == StatusCode::OK && page.contains("You are subscribed") && !page.contains("<button"), "{page}");
    }
    send(&sample, &link(Purpose::Reject, list, 2), Some("")).await;
    assert_eq!(status_of(&sample, list, 2).await, Some(SubscriptionStatus::Unsubscribed));
    let (status, _, _) = send(&sample, &format!("{confirm}x"), Some("")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn leaving_works_by_form_link_and_one_click() {
    let sample = Sample::open().await;
    let list = sample.list;
    sample.subscribe(list, 3, &Default::default()).await;
    sample.change_list(list, |row| row.unsubscribed_page_url = "https://example.org/bye".to_owned()).await;

    let form = format!("FormValue_ListID={list}&FormValue_EmailAddress=1@example.com");
    let (_, _, page) = send(&sample, &format!("/unsubscribe.php?{form}"), None).await;
    assert!(page.contains("<button") && page.contains("1@example.com"), "{page}");
    assert_eq!(status_of(&sample, list, 1).await, Some(SubscriptionStatus::Subscribed));
    for _ in 0..2 {
        let (status, to, _) = send(&sample, "/a/unsubscribe.php", Some(&form)).await;
        assert_eq!((status, to.as_str()), (StatusCode::FOUND, "https://example.org/bye"));
    }
    let (status, _, _) = send(&sample, &link(Purpose::Unsubscribe, list, 2), Some("")).await;
    assert_eq!(status, StatusCode::FOUND);
    let (status, _, _) = send(&sample, &link(Purpose::Unsubscribe, list, 3), Some("List-Unsubscribe=One-Click")).await;
    assert_eq!(status, StatusCode::OK, "a mail program is not sent elsewhere");
    let (status, _, page) = send(&sample, "/unsubscribe/1-2-wrong", Some("List-Unsubscribe=One-Click")).await;
    assert!(status == StatusCode::OK && page.contains("Send me the links"), "{page}");
    let (_, _, page) = send(&sample, "/unsubscribe/1-2-wrong", Some("address=nobody@example.com")).await;
    assert!(page.contains("look into your mailbox"), "{page}");
    for number in 1..=3 {
        assert_eq!(status_of(&sample, list, number).await, Some(SubscriptionStatus::Unsubscribed));
    }
}
