//! Messages made ready and rendered, against a database.

use super::prepare::{Filled, Prepared, Wanted, prepare};
use super::*;
use crate::domain::contacts::Contact;
use crate::domain::keys;
use crate::domain::letters::browser;
use crate::domain::letters::enclosures::{EnclosureError, NewFile, attach, detach, list as list_files};
use crate::domain::mail_queue;
use crate::domain::messages::versions::{self, Body, Draft, DraftVersion, HTML, PLAIN};
use crate::domain::outbox;
use crate::domain::projects::{self, Labels, NewField};
use crate::domain::sample::{self, Sample};
use crate::model::ids::{FieldId, RecipientId, SubscriberNumber};
use crate::model::states::DataType;
use crate::store::rows::field_values::{FieldValues, to_text};
use crate::store::rows::tracking::NewLinkTargetRow;

async fn act<T: Send + 'static>(
    sample: &Sample,
    f: impl FnOnce(&mut Ctx<'_>) -> Result<T, WorkError> + Send + 'static,
) -> T {
    let account = sample.account;
    let acted = sample.write(move |cx| {
        keys::act_for(cx, account).expect("account");
        f(cx)
    });
    acted.await.expect("work")
}

fn version(subject: &str, plain: &str, html: &str) -> DraftVersion {
    let body = |mime_type: &str, content: &str| Body { mime_type: mime_type.to_owned(), content: content.to_owned() };
    let bodies = [(PLAIN, plain), (HTML, html)].into_iter().filter(|(_, content)| !content.is_empty());
    DraftVersion {
        sender_name: "News of %Subscriber:CustomField1%".to_owned(),
        sender_email: "news@example.org".to_owned(),
        subject: subject.to_owned(),
        bodies: bodies.map(|(mime_type, content)| body(mime_type, content)).collect(),
        ..DraftVersion::default()
    }
}

async fn message(sample: &Sample, tracks_links: bool, version: DraftVersion) -> MessageId {
    let list = sample.list;
    let draft = Draft { name: "M".to_owned(), tracks_links, versions: vec![version], ..Draft::default() };
    act(sample, move |cx| Ok(versions::create(cx, list, &draft).expect("message"))).await
}

async fn ready(sample: &Sample, message: MessageId) -> Prepared {
    let (account, list) = (sample.account, sample.list);
    let made = sample.write(move |cx| {
        let wanted = Wanted::campaign(account, list, message, (CampaignId(34), "Spring & summer"));
        Ok(prepare(cx, &wanted).expect("prepared"))
    });
    made.await.expect("prepared")
}

/// The first subscriber of the list, whose field 1 holds `city`.
async fn person(sample: &Sample, ready: &Prepared, city: &str) -> Contact {
    let fields = to_text(&FieldValues::from([(FieldId(1), city.to_owned())]));
    let row = sample::subscriber(sample.list, SubscriberNumber(3));
    let row = Subscriber { fields, email: "a&b@example.com".to_owned(), ..row };
    let ready = ready.clone();
    let found = sample.write(move |cx| Ok(ready.people(cx, vec![row])?)).await;
    found.expect("people").remove(0)
}

type Subscriber = crate::domain::subscribers::Subscriber;

async fn with_city(sample: &Sample) {
    let list = sample.list;
    act(sample, move |cx| {
        let field = NewField {
            code: "City".to_owned(),
            data_type: DataType::Text,
            is_long: true,
            is_required: false,
            labels: Labels::new(),
            choices: Vec::new(),
        };
        projects::add_field(cx, list, &field).expect("field");
        Ok(())
    })
    .await;
}

async fn filled(sample: &Sample, version: DraftVersion, city: &str) -> Filled {
    let message = message(sample, false, version).await;
    let ready = ready(sample, message).await;
    let person = person(sample, &ready, city).await;
    ready.fill(&person).expect("a version")
}

#[tokio::test]
async fn both_kinds_of_tags_say_who_which_list_and_which_campaign() {
    let sample = Sample::open().await;
    with_city(&sample).await;
    let text = "%Subscriber:EmailAddress% %Subscriber:SubscriberID% %Subscriber:CustomField1% %Subscriber:City% \
        [[=Contact.f_City;]] %List:Name% %Campaign:CampaignName% %User:EmailAddress% %No:Such% [[=Contact.f_No;]]|";
    let filled = filled(&sample, version("S [[=Contact.f_City;]]", text, ""), "Åbo\r\nBcc: x").await;
    let city = "Åbo\r\nBcc: x";
    assert_eq!(
        filled.plain,
        format!("a&b@example.com 3 {city} {city} {city} News Spring & summer owner@example.org %No:Such% |")
    );
    assert_eq!(filled.subject, "S Åbo  Bcc: x");
    assert_eq!(filled.from_name, "News of Åbo  Bcc: x");
}

#[tokio::test]
async fn browser_friends_and_links_learn_the_campaigns_name() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 1, &Default::default()).await;
    let (account, list, id) = (sample.account, sample.list, sample.start_campaign(&[sample.list]).await);
    let message = sample.campaign(id).await.0.message_id;
    let trail = Trail { campaign: id, message, list, number: SubscriberNumber(1) };
    let found = sample.write(move |cx| {
        let shown = browser::view(cx, &trail)?.expect("a message");
        browser::forward(cx, &trail, "friend@example.net", "Ann").expect("sent on");
        let mails = mail_queue::claim(cx, sample::NODE, 1, std::time::Duration::from_secs(9), &[])?;
        cx.tx.insert_link_targets(&[NewLinkTargetRow {
            account_id: account,
            message_id: message,
            url: "https://x.example/?c=%Campaign:CampaignName%".to_owned(),
            url_hash: "hash".to_owned(),
            created_at: cx.now,
        }])?;
        let target = cx.tx.list_link_targets(message)?[0].id;
        Ok((shown.plain, mails[0].plain_body.clone(), browser::target(cx, &trail, target)?))
    });
    let (shown, sent_on, target) = found.await.expect("found");
    assert_eq!(shown, "Spring");
    assert!(sent_on.contains("Spring"), "{sent_on}");
    assert_eq!(target.as_deref(), Some("https://x.example/?c=Spring"));
}

#[tokio::test]
async fn a_value_cannot_break_out_wherever_its_tag_stands() {
    let sample = Sample::open().await;
    with_city(&sample).await;
    let evil = "\"><script>alert(1)</script>\r\nBcc: v@example.net%Link:Unsubscribe%[[=Message.UnsubscribeLink();]]";
    let html = "<p title=\"%Subscriber:CustomField1%\">%Subscriber:CustomField1%</p>\
        <a href=\"https://x.example/?c=%Subscriber:CustomField1%\">x</a>";
    let filled = filled(&sample, version("%Subscriber:CustomField1%", "", html), evil).await;
    for part in ["<script", "\">\"", "?c=\"", "/t/u/"] {
        assert!(!filled.html.contains(part), "{part} in {}", filled.html);
    }
    assert!(filled.html.contains("?c=%22%3E%3Cscript%3E") && !filled.subject.contains(['\r', '\n']));
    assert!(!filled.from_name.contains(['\r', '\n']));
}

#[tokio::test]
async fn html_alone_gets_a_text_with_the_same_tags() {
    let sample = Sample::open().await;
    let html = "<p>Hi %Subscriber:EmailAddress%</p><a href=\"%Link:Unsubscribe%\">bye</a>";
    let filled = filled(&sample, version("S", "", html), "").await;
    assert!(filled.plain.starts_with("Hi a&b@example.com\n\nbye <http://"), "{}", filled.plain);
    assert!(filled.plain.contains("/t/u/"), "{}", filled.plain);
}

#[tokio::test]
async fn the_groups_headers_and_the_forced_link_stand_around_campaigns() {
    let sample = Sample::open().await;
    act(&sample, |cx| {
        let account = cx.account(crate::domain::access::Permission::EmailGet).expect("account");
        let owner = cx.tx.find_account(account)?.expect("owner");
        let (mut group, billing, delivery) = crate::domain::user_groups::blank(cx, "Group");
        group.plain_header = "By %User:EmailAddress%".to_owned();
        group.html_footer = "<i>%List:Name%</i>".to_owned();
        group.force_unsubscribe_link = true;
        Ok(cx.tx.update_user_group(owner.user_group_id, &group, &billing, &delivery)?)
    })
    .await;
    let filled = filled(&sample, version("S", "Hi", "<body>Hi</body>"), "").await;
    assert!(filled.plain.starts_with("By owner@example.org\n\nHi\n\nUnsubscribe: http://"), "{}", filled.plain);
    assert!(filled.html.starts_with("<body>Hi<i>News</i><p><a href=\"http://"), "{}", filled.html);
    assert!(filled.html.ends_with("\">Unsubscribe</a></p></body>"), "{}", filled.html);
}

#[tokio::test]
async fn counted_links_are_stored_once_and_lead_through_the_counter() {
    let sample = Sample::open().await;
    with_city(&sample).await;
    let html = "<body><a href=\"https://x.example/?c=%Subscriber:CustomField1%&amp;d=1\">1</a>\
        <a href='https://x.example/?c=%Subscriber:CustomField1%&amp;d=1'>2</a><a href=\"%Link:Unsubscribe%\">3</a></body>";
    let message = message(&sample, true, version("S", "https://x.example/text", html)).await;
    for _ in 0..2 {
        let ready = ready(&sample, message).await;
        let person = person(&sample, &ready, "A&B").await;
        let letter = ready.render(&person, Posted::Recipient(RecipientId(7)), UtcTime(0)).expect("letter");
        assert_eq!(letter.html.matches("/t/c/").count(), 2, "{}", letter.html);
        assert_eq!(letter.html.matches("/t/o/").count(), 1, "{}", letter.html);
        assert!(letter.html.ends_with("style=\"border:0\"></body>"), "{}", letter.html);
        assert_eq!(letter.plain, "https://x.example/text");
        assert_eq!(letter.bulk.expect("bulk").campaign, 34);
    }
    let targets = act(&sample, move |cx| Ok(cx.tx.list_link_targets(message)?)).await;
    assert_eq!(targets.len(), 1);
    assert_eq!(targets[0].url, "https://x.example/?c=%Subscriber:CustomField1%&d=1");
}

#[tokio::test]
async fn files_travel_with_letters_and_mails() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 1, &Default::default()).await;
    let message = message(&sample, false, version("S", "Hi", "")).await;
    let file = |name: &str, mime_type: &str, content_id: &str, n: usize| NewFile {
        name: name.to_owned(),
        mime_type: mime_type.to_owned(),
        content_id: content_id.to_owned(),
        content: vec![b'x'; n],
    };
    let good = file("a.pdf", "application/pdf", "", 10);
    let id = act(&sample, move |cx| {
        let id = attach(cx, message, good).expect("file");
        attach(cx, message, file("l.png", "image/png", "logo@x", 10)).expect("picture");
        for (bad, want) in [
            (file("", "image/png", "", 1), "name"),
            (file("a\r\nb", "image/png", "", 1), "name"),
            (file("a", "image", "", 1), "type"),
            (file("a", "message/rfc822", "", 1), "type"),
            (file("a", "image/png\r\nX: 1", "", 1), "type"),
            (file("a", "image/png", "a b", 1), "picture"),
            (file("a", "image/png", "logo@x", 1), "already"),
            (file("a", "image/png", "", enclosures::MAX_BYTES), "15 MB"),
        ] {
            let error = attach(cx, message, bad).expect_err("bad").to_string();
            assert!(error.contains(want), "{error}");
        }
        assert!(matches!(detach(cx, MessageId(99), id), Err(EnclosureError::NoMessage(_))));
        Ok(id)
    })
    .await;
    assert_eq!(ready(&sample, message).await.enclosures().len(), 2);
    let list = sample.list;
    act(&sample, move |cx| {
        let to = crate::domain::sendings::To::Contact(SubscriberNumber(1));
        let single =
            crate::domain::sendings::Single { project: list, message, version: None, to, parameters: Vec::new() };
        crate::domain::sendings::send_single(cx, &single).expect("sent");
        Ok(())
    })
    .await;
    let letters = sample.write(|cx| {
        outbox::queue_mail(cx, sample::mail("a@example.com"))?;
        let mails = mail_queue::claim(cx, sample::NODE, 10, std::time::Duration::from_secs(9), &[])?;
        of_mails(cx, &mails)
    });
    let mut n_files: Vec<usize> =
        letters.await.expect("letters").iter().map(|letter| letter.enclosures.len()).collect();
    n_files.sort_unstable();
    assert_eq!(n_files, [0, 2]);
    let left = act(&sample, move |cx| {
        detach(cx, message, id).expect("gone");
        Ok(list_files(cx, message).expect("files"))
    });
    assert_eq!(left.await.len(), 1);
}

#[test]
fn a_message_made_ready_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Prepared>();
    shared::<Letter>();
}
