//! The pages behind links in mails over HTTP, against a database of their own.

use actix_web::http::{Method, StatusCode, header};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, dev::ServiceResponse};

use super::mount;
use crate::domain::keys;
use crate::domain::letters::prepare::{Prepared, Wanted, prepare};
use crate::domain::mail_queue;
use crate::domain::messages::versions::{self, Body, Draft, DraftVersion, HTML};
use crate::domain::pages;
use crate::domain::sample::Sample;
use crate::domain::tracking::tokens::{Purpose, Signer, Trail};
use crate::domain::tracking::{self, Count, Counts};
use crate::domain::workload::WorkError;
use crate::model::ids::{CampaignId, LinkTargetId, ListId, MessageId, SubscriberNumber};
use crate::model::states::{ConsentEvent, SubscriptionStatus};

/// Two lists of one account; `1@example.com` is on both, and a campaign's message went to it.
struct Stage {
    sample: Sample,
    other: ListId,
    message: MessageId,
}

const CAMPAIGN: CampaignId = CampaignId(9);
const PAGE: &str = "<html><body><b>%Subscriber:EmailAddress%</b><script>alert(1)</script>\
    <a href=\"https://shop.example/?who=%Subscriber:EmailAddress%\">shop</a><a href=\"%Link:WebBrowser%\">view</a></body></html>";

struct Answer {
    status: StatusCode,
    location: String,
    headers: header::HeaderMap,
    body: String,
}

impl Stage {
    async fn open() -> Self {
        let sample = Sample::open().await;
        let other = sample.another_list().await;
        sample.subscribe(sample.list, 1, &Default::default()).await;
        sample.subscribe(other, 1, &Default::default()).await;
        let (account, list) = (sample.account, sample.list);
        let made = sample.write(move |cx| {
            keys::act_for(cx, account).expect("account");
            let version = DraftVersion {
                sender_email: "news@example.org".to_owned(),
                subject: "Hello <you>".to_owned(),
                bodies: vec![Body { mime_type: HTML.to_owned(), content: PAGE.to_owned() }],
                ..DraftVersion::default()
            };
            let draft = Draft { name: "M".to_owned(), tracks_links: true, versions: vec![version], ..Draft::default() };
            Ok(versions::create(cx, list, &draft).expect("message"))
        });
        let message = made.await.expect("message");
        Self { sample, other, message }
    }

    fn trail(&self) -> Trail {
        Trail { campaign: CAMPAIGN, message: self.message, list: self.sample.list, number: SubscriberNumber(1) }
    }

    fn path(&self, purpose: Purpose) -> String {
        format!("{}{}", purpose.path(), Signer::new("secret").token(purpose, &self.trail()))
    }

    async fn prepared(&self) -> Prepared {
        let (account, list, message) = (self.sample.account, self.sample.list, self.message);
        let made = self.sample.write(move |cx| {
            let wanted = Wanted::campaign(account, list, message, (CAMPAIGN, "Spring"));
            Ok(prepare(cx, &wanted).expect("prepared"))
        });
        made.await.expect("prepared")
    }

    async fn ask(&self, method: Method, path: &str, body: Option<(&str, &str)>) -> Answer {
        let core = self.sample.core.clone();
        let app = init_service(App::new().configure(|config| mount(config, &core))).await;
        let mut request =
            TestRequest::default().method(method).uri(path).insert_header((header::USER_AGENT, "Tester/1"));
        if let Some((content_type, body)) = body {
            request = request.insert_header((header::CONTENT_TYPE, content_type)).set_payload(body.to_owned());
        }
        let answer: ServiceResponse = call_service(&app, request.to_request()).await;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let location =
            headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        Answer { status, location, headers, body: String::from_utf8_lossy(&read_body(answer).await).into_owned() }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        self.ask(Method::POST, path, Some(("application/x-www-form-urlencoded", form))).await
    }

    async fn status(&self, list: ListId) -> SubscriptionStatus {
        let found = self.sample.write(move |cx| Ok(pages::find_linked(cx, list, SubscriberNumber(1))?)).await;
        found.expect("look").expect("subscriber").status
    }

    async fn counts(&self) -> Counts {
        let account = self.sample.account;
        let counted = self.sample.write(move |cx| {
            keys::act_for(cx, account).expect("account");
            Ok(tracking::counts(cx, CAMPAIGN).expect("counts"))
        });
        counted.await.expect("counts")
    }

    async fn consent(&self) -> Vec<(ConsentEvent, String, String)> {
        let list = self.sample.list;
        let read = self.sample.write(move |cx| {
            let entries = crate::domain::consent::history(cx, list, SubscriberNumber(1)).expect("history");
            Ok(entries.into_iter().map(|entry| (entry.event, entry.detail, entry.user_agent)).collect())
        });
        read.await.expect("log")
    }

    /// The mails that wait, as (to, subject, text, HTML).
    async fn mails(&self) -> Vec<(String, String, String)> {
        let claim = |cx: &mut crate::domain::cx::Ctx<'_>| -> Result<_, WorkError> {
            mail_queue::claim(cx, crate::domain::sample::NODE, 100, std::time::Duration::from_secs(60), &[])
        };
        let mails = self.sample.write(claim).await.expect("mails");
        mails.into_iter().map(|mail| (mail.to_email, mail.subject, mail.plain_body)).collect()
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

#[actix_web::test]
async fn one_click_unsubscribes_in_both_encodings_and_a_second_time_alike() {
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
    for (content_type, body) in [(FORM, ONE_CLICK), ("multipart/form-data; boundary=b", multipart)] {
        let stage = Stage::open().await;
        let path = stage.path(Purpose::Unsubscribe);
        for _ in 0..2 {
            let answer = stage.ask(Method::POST, &path, Some((content_type, body))).await;
            assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "ok\n"));
            assert!(answer.headers.get(header::SET_COOKIE).is_none() && answer.location.is_empty());
            assert_eq!(stage.status(stage.sample.list).await, SubscriptionStatus::Unsubscribed);
        }
        let log = stage.consent().await;
        let left: Vec<_> = log.iter().filter(|(event, _, _)| *event == ConsentEvent::Unsubscribe).collect();
        assert_eq!(left, [&(ConsentEvent::Unsubscribe, "one-click, campaign 9".to_owned(), "Tester/1".to_owned())]);
        assert_eq!(stage.counts().await.unsubscribed, Count { total: 1, unique: 1 });
        assert_eq!(stage.status(stage.other).await, SubscriptionStatus::Subscribed, "the other list stays");
    }
}

#[actix_web::test]
async fn get_and_head_change_no_subscription_and_count_nothing_on_head() {
    let stage = Stage::open().await;
    let click = format!("/t/c/{}.1", Signer::new("secret").token(Purpose::Track, &stage.trail()));
    stage.prepared().await;
    let all = [Purpose::Unsubscribe, Purpose::Preferences, Purpose::View, Purpose::Forward, Purpose::Track];
    for path in all.map(|purpose| stage.path(purpose)).iter().chain([&click]) {
        let answer = stage.ask(Method::HEAD, path, None).await;
        assert!(answer.status.is_success() || answer.status == StatusCode::FOUND, "{path}: {}", answer.status);
    }
    assert_eq!(stage.counts().await, Counts::default());
    assert_eq!(stage.consent().await, []);
    for path in all.map(|purpose| stage.path(purpose)) {
        assert_eq!(stage.get(&path).await.status, StatusCode::OK, "{path}");
    }
    for list in [stage.sample.list, stage.other] {
        assert_eq!(stage.status(list).await, SubscriptionStatus::Subscribed);
    }
    let seen: Vec<String> = stage.consent().await.into_iter().map(|(_, detail, _)| detail).collect();
    assert_eq!(seen, ["unsubscribe page", "preference page"]);
    assert!(stage.mails().await.is_empty());
    assert_eq!(stage.ask(Method::DELETE, &click, None).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[actix_web::test]
async fn a_person_leaves_by_the_button_and_finds_the_other_lists() {
    let stage = Stage::open().await;
    let path = stage.path(Purpose::Unsubscribe);
    let page = stage.get(&path).await.body;
    assert!(page.contains("1•••@example.com") && !page.contains("1@example.com"), "{page}");
    let answer = stage.post(&path, "").await;
    assert!(answer.body.contains("You are unsubscribed") && answer.body.contains("/t/p/"), "{}", answer.body);
    assert_eq!(stage.status(stage.sample.list).await, SubscriptionStatus::Unsubscribed);
    // A link of the older form is good here too.
    let old = crate::domain::links::path(
        "secret",
        crate::domain::links::Purpose::Unsubscribe,
        stage.other,
        SubscriberNumber(1),
    );
    let answer = stage.post(&old.replace("/unsubscribe/", "/t/u/"), ONE_CLICK).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(stage.status(stage.other).await, SubscriptionStatus::Unsubscribed);
}

#[actix_web::test]
async fn preferences_end_what_is_unticked_or_all() {
    let stage = Stage::open().await;
    let (path, list, other) = (stage.path(Purpose::Preferences), stage.sample.list, stage.other);
    let page = stage.get(&path).await.body;
    for part in [
        "<html lang=\"en\">",
        "width=device-width",
        "<legend>Lists</legend>",
        &format!("<input type=\"hidden\" name=\"shown\" value=\"{list},{other}\">"),
        &format!("name=\"keep-{other}\" value=\"1\" checked> News</label>"),
    ] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
    let answer = stage.post(&path, &format!("shown={list},{other}&keep-{list}=1")).await;
    assert!(answer.body.contains("One subscription has ended."), "{}", answer.body);
    assert_eq!(stage.status(list).await, SubscriptionStatus::Subscribed);
    assert_eq!(stage.status(other).await, SubscriptionStatus::Unsubscribed);
    // What was not shown is not ended, whatever is not ticked.
    assert!(stage.post(&path, "shown=").await.body.contains("Nothing was changed."));
    assert_eq!(stage.status(list).await, SubscriptionStatus::Subscribed);
    stage.post(&path, &format!("shown={list}&keep-{list}=1&all=1")).await;
    assert_eq!(stage.status(list).await, SubscriptionStatus::Unsubscribed);
}

#[actix_web::test]
async fn a_click_leads_where_the_message_leads_and_nowhere_else() {
    let stage = Stage::open().await;
    let prepared = stage.prepared().await;
    let list = stage.sample.list;
    let people = stage.sample.write(move |cx| {
        let row = crate::domain::sample::subscriber(list, SubscriberNumber(1));
        Ok(prepared.people(cx, vec![row]).map(|people| (prepared.fill(&people[0]).expect("text"), people))?)
    });
    let (filled, _) = people.await.expect("people");
    let start = filled.html.find("/t/c/").expect("a counted link");
    let path = filled.html[start..].split('"').next().expect("end").to_owned();
    assert!(filled.html.contains("/t/o/") && !filled.html.contains("shop.example"), "{}", filled.html);
    for _ in 0..2 {
        let answer = stage.get(&path).await;
        assert_eq!(answer.status, StatusCode::FOUND);
        assert_eq!(answer.location, "https://shop.example/?who=1@example.com");
    }
    assert_eq!(stage.counts().await.clicked, Count { total: 2, unique: 1 });
    let token = Signer::new("secret").token(Purpose::Track, &stage.trail());
    let stranger = Trail { message: MessageId(stage.message.0 + 1), ..stage.trail() };
    for bad in [
        format!("/t/c/{token}.999"),
        format!("/t/c/{token}.https://evil.example"),
        format!("/t/c/{token}"),
        "/t/c/x.1".to_owned(),
        format!("{path}9"),
        Signer::click_path(&Signer::new("secret").token(Purpose::Track, &stranger), LinkTargetId(1)),
        format!("/t/c/{}.1?url=https://evil.example", Signer::new("other").token(Purpose::Track, &stage.trail())),
    ] {
        let answer = stage.get(&bad).await;
        assert_eq!((answer.status, answer.location.as_str()), (StatusCode::NOT_FOUND, ""), "{bad}");
    }
}

#[actix_web::test]
async fn opens_are_counted_but_not_of_people_who_said_no() {
    let stage = Stage::open().await;
    let path = format!("{}.gif", stage.path(Purpose::Track));
    for _ in 0..3 {
        let answer = stage.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.headers.get(header::CONTENT_TYPE).expect("type"), "image/gif");
    }
    assert_eq!(stage.get("/t/o/nonsense.gif").await.status, StatusCode::OK);
    assert_eq!(stage.counts().await.opened, Count { total: 3, unique: 1 });
    let (account, list) = (stage.sample.account, stage.sample.list);
    let no = stage.sample.write(move |cx| {
        keys::act_for(cx, account).expect("account");
        use crate::domain::contacts::Given;
        use crate::domain::contacts::merge::{MergeOptions, Record, merge, pair};
        let data = vec![("hasTrackingConsent".to_owned(), Given::Bool(false))];
        merge(cx, list, &[Record { id: vec![pair("idContact", "1")], data }], &MergeOptions::default()).expect("merge");
        Ok(())
    });
    no.await.expect("no");
    stage.get(&path).await;
    assert_eq!(stage.counts().await.opened.total, 3, "said no");
    let prepared = stage.prepared().await;
    let people = stage.sample.write(move |cx| {
        let row = crate::domain::sample::subscriber(list, SubscriberNumber(1));
        Ok(prepared.people(cx, vec![row]).map(|people| prepared.fill(&people[0]).expect("text"))?)
    });
    let html = people.await.expect("people").html;
    assert!(!html.contains("/t/o/") && !html.contains("/t/c/"), "{html}");
    assert!(html.contains("href=\"https://shop.example/?who=1@example.com\""), "{html}");
}

#[actix_web::test]
async fn a_message_in_the_browser_runs_nothing() {
    let stage = Stage::open().await;
    let answer = stage.get(&stage.path(Purpose::View)).await;
    assert!(answer.body.contains("<b>1@example.com</b>") && !answer.body.contains("/t/o/"), "{}", answer.body);
    let policy = answer.headers.get(header::CONTENT_SECURITY_POLICY).expect("policy").to_str().expect("text");
    assert!(
        policy.starts_with("sandbox ") && !policy.contains("allow-scripts") && policy.contains("default-src 'none'")
    );
    assert_eq!(stage.counts().await.viewed, Count { total: 1, unique: 1 });
    let nobody = Trail { number: SubscriberNumber::NONE, ..stage.trail() };
    let path = format!("{}{}", Purpose::View.path(), Signer::new("secret").token(Purpose::View, &nobody));
    let page = stage.get(&path).await.body;
    assert!(page.contains("<b></b>") && !page.contains("example.com"), "{page}");
}

#[actix_web::test]
async fn a_friend_gets_the_message_without_what_acts_for_the_sender() {
    let stage = Stage::open().await;
    let path = stage.path(Purpose::Forward);
    assert!(
        stage.get(&path).await.body.contains("Hello &lt;you&gt;")
            || stage.get(&path).await.body.contains("Hello &#60;you&#62;")
    );
    assert!(stage.post(&path, "friend=nobody").await.body.contains("valid e-mail address"));
    let answer = stage.post(&path, "friend=friend@example.net&name=Ada+https://evil.example").await;
    assert!(answer.body.contains("Sent on"), "{}", answer.body);
    let mails = stage.mails().await;
    let [(to, subject, text)] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!((to.as_str(), subject.as_str()), ("friend@example.net", "Fwd: Hello <you>"));
    assert!(text.starts_with("1@example.com sends you this:\n\nfriend@example.net"), "{text}");
    assert!(!text.contains("evil") && !text.contains("/t/u/") && !text.contains("/t/p/"), "{text}");
    for _ in 0..4 {
        stage.post(&path, "friend=friend@example.net").await;
    }
    assert_eq!(stage.post(&path, "friend=friend@example.net").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(stage.counts().await.forwarded, Count { total: 5, unique: 1 });
}

#[actix_web::test]
async fn a_link_that_names_nobody_offers_to_mail_the_right_ones_once_an_hour() {
    let stage = Stage::open().await;
    for path in ["/t/u/x", "/t/p/x", "/t/f/x", "/folder/t/v/x"] {
        let answer = stage.get(path).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.body.contains("type=\"email\" name=\"address\""), "{}", answer.body);
        assert_eq!(stage.post(path, ONE_CLICK).await.status, StatusCode::OK);
    }
    let unknown = stage.post("/t/u/x", "address=unknown@example.com").await.body;
    for _ in 0..2 {
        assert_eq!(stage.post("/t/u/x", "address=1@EXAMPLE.com").await.body, unknown, "nobody learns who is on a list");
    }
    let mails = stage.mails().await;
    let [(to, _, text)] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(to, "1@EXAMPLE.com");
    let start = text.find("/t/p/").expect("a link");
    let page = stage.get(text[start..].lines().next().expect("line")).await.body;
    assert!(page.contains("Your subscriptions"), "{page}");
}
