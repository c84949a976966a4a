//! What messages in versions are, against a database.

use super::*;
use crate::domain::keys;
use crate::domain::messages;
use crate::domain::sample::Sample;
use crate::domain::workload::WorkError;

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

fn version(culture: &str, html: &str) -> DraftVersion {
    DraftVersion {
        culture: culture.to_owned(),
        sender_name: "Shop".to_owned(),
        sender_email: "shop@example.org".to_owned(),
        subject: format!("subject {culture}"),
        bodies: vec![Body { mime_type: "Text/HTML".to_owned(), content: html.to_owned() }],
        ..DraftVersion::default()
    }
}

fn draft(versions: Vec<DraftVersion>) -> Draft {
    Draft { name: "Welcome".to_owned(), category_id: 3, tracks_links: true, versions, ..Draft::default() }
}

#[tokio::test]
async fn a_message_comes_back_as_it_was_made_and_changed() {
    let sample = Sample::open().await;
    let list = sample.list;
    let (id, made) = act(&sample, move |cx| {
        let id = create(cx, list, &draft(vec![version("fr", "<p>fr"), version("en", "<p>en")])).expect("message");
        Ok((id, get(cx, list, id).expect("message")))
    })
    .await;
    assert_eq!(
        (made.name.as_str(), made.category_id, made.tracks_links, made.hosts_images),
        ("Welcome", 3, true, false)
    );
    let cultures: Vec<&str> = made.versions.iter().map(|version| version.text.culture.as_str()).collect();
    assert_eq!((cultures, made.versions[1].text.body(HTML)), (vec!["fr", "en"], "<p>en"));
    let account = sample.account;
    let mirrored = act(&sample, move |cx| Ok(messages::find(cx, account, id)?.expect("row"))).await;
    assert_eq!((mirrored.subject.as_str(), mirrored.html_body.as_str()), ("subject fr", "<p>fr"));
    assert_eq!(mirrored.content_type, ContentType::Html);

    let changed = act(&sample, move |cx| {
        let versions = vec![version("FR", "<p>fr 2"), version("de", "<p>de"), version("en", "<p>en")];
        update(cx, list, id, &draft(versions)).expect("update");
        Ok(get(cx, list, id).expect("message"))
    })
    .await;
    assert_eq!(changed.versions[0].id, made.versions[0].id, "its place and culture stay, so its id does");
    assert_eq!(changed.versions[0].text.body(HTML), "<p>fr 2");
    assert!(changed.versions[1..].iter().all(|version| version.id > made.versions[1].id));
    assert_eq!(changed.versions.len(), 3);
}

#[tokio::test]
async fn a_message_of_another_wire_reads_as_one_version() {
    let sample = Sample::open().await;
    let (account, list) = (sample.account, sample.list);
    let read = act(&sample, move |cx| {
        let draft = messages::Draft {
            name: "n".to_owned(),
            from_name: "f".to_owned(),
            from_email: "f@example.org".to_owned(),
            reply_to_name: String::new(),
            reply_to_email: String::new(),
            subject: "s".to_owned(),
            pre_header: String::new(),
            content_type: ContentType::Plain,
            mode: MessageMode::Empty,
            template_id: 0,
            plain: "text".to_owned(),
            html: "not meant".to_owned(),
        };
        let id = messages::insert(cx, account, draft)?;
        Ok(get(cx, list, id).expect("message"))
    })
    .await;
    assert_eq!((read.versions.len(), read.versions[0].id), (1, VersionId::NONE));
    let text = &read.versions[0].text;
    assert_eq!((text.subject.as_str(), text.body(PLAIN), text.body(HTML)), ("s", "text", ""));
}

#[tokio::test]
async fn drafts_that_cannot_be_sent_and_foreign_messages_are_refused() {
    let sample = Sample::open().await;
    let (list, other) = (sample.list, sample.another_list().await);
    let bad = |change: fn(&mut DraftVersion)| {
        let mut version = version("en", "x");
        change(&mut version);
        draft(vec![version])
    };
    for (draft, want) in [
        (draft(Vec::new()), "1 to 50 versions"),
        (bad(|v| v.bodies.clear()), "needs a text/html"),
        (bad(|v| v.bodies[0].mime_type = "image/png".to_owned()), "needs a text/html"),
        (bad(|v| v.bodies.push(v.bodies[0].clone())), "needs a text/html"),
        (bad(|v| v.bodies[0].content = "x".repeat(MAX_BODY_BYTES + 1)), "longer than"),
        (bad(|v| v.subject = "a\r\nBcc: x".to_owned()), "subject of version 1"),
        (bad(|v| v.sender_email = "nobody".to_owned()), "sender's address of version 1"),
        (bad(|v| v.reply_to_email = "nobody".to_owned()), "reply-to address of version 1"),
    ] {
        let want = want.replace("subject of", "the subject of").replace("sender's", "the sender's");
        let error = act(&sample, move |cx| Ok(create(cx, list, &draft).expect_err("refused").to_string())).await;
        assert!(error.contains(want.trim_start_matches("the ")), "{error}: {want}");
    }
    let (foreign, general) = act(&sample, move |cx| {
        let own = create(cx, list, &draft(vec![version("en", "x")])).expect("message");
        let general = create(cx, ListId::NONE, &draft(vec![version("en", "x")])).expect("message");
        let names = self::list(cx, other, MessageId::NONE, 10).expect("list").len();
        Ok((
            matches!(get(cx, other, own), Err(GetMessageError::NoMessage(_))),
            (get(cx, other, general).is_ok(), names),
        ))
    })
    .await;
    assert!(foreign);
    assert_eq!(general, (true, 1));
}
