//! What sendings reach, against a database.

use std::time::Duration;

use super::*;
use crate::domain::contacts::merge::{MergeOptions, Record, merge, pair};
use crate::domain::contacts::{Given, clause};
use crate::domain::keys;
use crate::domain::mail_queue::{self, Mail};
use crate::domain::messages::versions::{Body, Draft, DraftVersion, HTML, PLAIN};
use crate::domain::operational_links;
use crate::domain::projects::{Labels, NewField};
use crate::domain::sample::Sample;
use crate::domain::suppression::Scope;
use crate::domain::workload::{self, Job, WorkError};
use crate::model::email_address::EmailAddress;
use crate::model::ids::{OperationalLinkId, SendingId};
use crate::model::states::{DataType, JobKind, SendingState, SuppressionReason};

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

fn body(mime_type: &str, content: &str) -> Body {
    Body { mime_type: mime_type.to_owned(), content: content.to_owned() }
}

fn version(culture: &str, subject: &str) -> DraftVersion {
    DraftVersion {
        culture: culture.to_owned(),
        sender_name: "Shop of [[=Contact.f_City;]]".to_owned(),
        sender_email: "shop@example.org".to_owned(),
        subject: subject.to_owned(),
        bodies: vec![
            body(
                PLAIN,
                "[[=Contact.f_EMail;]] [[=Message.Parameter(\"Code\")]] [[=Message.ActivationLink();]] [[=Nothing;]].",
            ),
            body(HTML, "<b>[[=Contact.f_City;]]</b><a href=\"[[=Message.OpLink(1);]]\">%Subscriber:SubscriberID%</a>"),
        ],
        ..DraftVersion::default()
    }
}

/// A project with a city, a language, an opt-in of category 7, one message and contacts: `data` after each address.
async fn project(versions: Vec<DraftVersion>, contacts: &[(&str, &[(&str, &str)])]) -> Sample {
    let sample = Sample::open().await;
    let list = sample.list;
    let records: Vec<Record> = contacts
        .iter()
        .map(|(email, data)| Record {
            id: vec![pair("key_f_EMail", *email)],
            data: data.iter().map(|(name, value)| pair(name, *value)).collect(),
        })
        .collect();
    act(&sample, move |cx| {
        for code in ["City", "Language"] {
            let field = NewField {
                code: code.to_owned(),
                data_type: DataType::Text,
                is_long: false,
                is_required: false,
                labels: Labels::new(),
                choices: Vec::new(),
            };
            projects::add_field(cx, list, &field).expect("field");
        }
        projects::add_opt_in(cx, list, "News", &Labels::new(), 7).expect("opt-in");
        let draft = Draft { name: "Welcome".to_owned(), versions, ..Draft::default() };
        versions::create(cx, list, &draft).expect("message");
        let merged = merge(cx, list, &records, &MergeOptions::default()).expect("merge");
        assert_eq!(merged.n_created, records.len());
        Ok(())
    })
    .await;
    sample
}

fn single(sample: &Sample, number: i64) -> Single {
    Single {
        project: sample.list,
        message: MessageId(1),
        version: None,
        to: To::Contact(SubscriberNumber(number)),
        parameters: vec![("code".to_owned(), "<42>".to_owned())],
    }
}

async fn send(sample: &Sample, single: Single) -> Result<usize, SendError> {
    act(sample, move |cx| Ok(send_single(cx, &single).map(|sent| sent.mails.len()))).await
}

async fn mails(sample: &Sample) -> Vec<Mail> {
    let mut mails = sample
        .write(|cx| mail_queue::claim(cx, crate::domain::sample::NODE, 5_000, Duration::from_secs(600), &[]))
        .await
        .expect("mails");
    mails.sort_by_key(|mail| mail.id);
    mails
}

#[tokio::test]
async fn a_single_sending_is_one_rendered_mail_even_to_an_inactive_contact() {
    let sample = project(
        vec![version("", "Hello [[=Contact.f_City]]")],
        &[("a@example.com", &[("f_City", "<Åbo>\n2"), ("isActive", "0")])],
    )
    .await;
    assert_eq!(send(&sample, single(&sample, 1)).await.expect("sent"), 1);
    let mails = mails(&sample).await;
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!((mail.to_email.as_str(), mail.purpose), ("a@example.com", MailPurpose::SingleSending));
    assert_eq!((mail.subject.as_str(), mail.from_name.as_str()), ("Hello <Åbo> 2", "Shop of <Åbo> 2"));
    let token = crate::domain::links::activation_token("secret", sample.list, SubscriberNumber(1));
    let want =
        format!("a@example.com <42> {}/activate/{}/1/{token} .", sample.core.settings().public_url(), sample.list);
    assert_eq!(mail.plain_body, want);
    assert!(mail.html_body.starts_with("<b>&lt;Åbo&gt;\n2</b><a href=\""), "{}", mail.html_body);
    assert!(mail.html_body.contains("/oplink/1/") && mail.html_body.ends_with("\">1</a>"));
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_by_name() {
    let sample =
        project(vec![version("", "x")], &[("a@example.com", &[]), ("b@example.com", &[("isActive", "0")])]).await;
    let (account, list) = (sample.account, sample.list);
    sample
        .write(move |cx| {
            for (address, reason) in
                [("a@example.com", SuppressionReason::User), ("b@example.com", SuppressionReason::Unsubscribed)]
            {
                let address = EmailAddress::parse(address).expect("address");
                suppression::suppress(cx, Scope::Account(account), &address, reason)?;
            }
            Ok(())
        })
        .await
        .expect("suppressed");
    let refused = |change: fn(&mut Single)| {
        let mut single = single(&sample, 1);
        change(&mut single);
        send(&sample, single)
    };
    assert!(matches!(refused(|_| ()).await, Err(SendError::Unreachable(Unreachable::Suppressed(SubscriberNumber(1))))));
    assert!(matches!(refused(|s| s.message = MessageId(9)).await, Err(SendError::NoMessage(MessageId(9)))));
    assert!(matches!(refused(|s| s.version = Some(VersionId(9))).await, Err(SendError::NoVersion(..))));
    assert!(matches!(refused(|s| s.to = To::Contact(SubscriberNumber(9))).await, Err(SendError::NoContact(_))));
    assert!(matches!(refused(|s| s.project = ListId(99)).await, Err(SendError::NoProject(_))));
    assert!(matches!(
        refused(|s| s.parameters = vec![(String::new(), String::new())]).await,
        Err(SendError::BadParameters)
    ));
    assert!(mails(&sample).await.is_empty());
    assert_eq!(send(&sample, single(&sample, 2)).await.expect("own opt-out, asked to come again"), 1);
    let clause = To::Clause(clause::equal("f_City", Given::Null));
    assert_eq!(
        send(&sample, Single { to: clause, ..single(&sample, 0) }).await.expect("clause"),
        1,
        "who can be reached"
    );
    let nobody = To::Clause(clause::by_address("nobody@example.com"));
    assert_eq!(send(&sample, Single { to: nobody, ..single(&sample, 0) }).await.expect("nobody"), 0);
    let other = sample.another_list().await;
    let foreign = Single { project: other, ..single(&sample, 1) };
    assert!(
        matches!(send(&sample, foreign).await, Err(SendError::NoMessage(_))),
        "a message of another project; {list}"
    );
}

#[tokio::test]
async fn each_contact_gets_the_version_that_fits() {
    let versions = vec![
        version("en", "english"),
        version("fr-CA", "québec"),
        version("fr", "français"),
        DraftVersion { predicate: "f_City = 'Oslo'".to_owned(), ..version("", "oslo") },
        DraftVersion { predicate: "f_City = 'Rome'".to_owned(), must_match: true, ..version("de", "rom") },
    ];
    let contacts: &[(&str, &[(&str, &str)])] = &[
        ("a@example.com", &[]),
        ("b@example.com", &[("f_Language", "FR-ca")]),
        ("c@example.com", &[("f_Language", "fr-BE")]),
        ("d@example.com", &[("f_Language", "fr"), ("f_City", "oslo")]),
        ("e@example.com", &[("f_Language", "de")]),
        ("f@example.com", &[("f_City", "ROME")]),
    ];
    let sample = project(versions, contacts).await;
    for number in 1..=6 {
        send(&sample, single(&sample, number)).await.expect("sent");
    }
    let subjects: Vec<String> = mails(&sample).await.into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects, ["english", "québec", "québec", "oslo", "english", "rom"]);
    let named = Single { version: Some(VersionId(3)), ..single(&sample, 1) };
    send(&sample, named).await.expect("sent");
    assert_eq!(mails(&sample).await[0].subject, "français");
    let list = sample.list;
    let only = act(&sample, move |cx| {
        let draft = DraftVersion { predicate: "f_City = 'X'".to_owned(), must_match: true, ..version("", "x") };
        Ok(versions::create(cx, list, &Draft { versions: vec![draft], ..Draft::default() }).expect("message"))
    })
    .await;
    let refused = send(&sample, Single { message: only, ..single(&sample, 1) }).await;
    assert!(matches!(refused, Err(SendError::Unreachable(Unreachable::NoVersion(_)))));
}

async fn batch(sample: &Sample, filter: Filter, is_approved: bool) -> SendingId {
    let new = NewBatch { project: sample.list, message: MessageId(1), filter, launch_at: None, is_approved };
    act(sample, move |cx| Ok(create_batch(cx, &new).expect("batch"))).await
}

async fn claim(sample: &Sample, lease: Duration) -> Option<Job> {
    sample.write(move |cx| Ok(workload::claim_jobs(cx, JobKind::Sending, 1, lease)?.pop())).await.expect("claim")
}

async fn work(sample: &Sample, job: &Job) -> bool {
    let job = job.clone();
    sample.write(move |cx| step(cx, &job, Duration::ZERO)).await.expect("step")
}

async fn state(sample: &Sample, id: SendingId) -> (SendingState, i64, i64, i64) {
    let list = sample.list;
    let found = act(sample, move |cx| Ok(batches(cx, list, Some(id), Some(id)).expect("batches"))).await;
    (found[0].state, found[0].n_selected, found[0].n_queued, found[0].n_passed)
}

#[tokio::test]
async fn a_batch_goes_on_where_a_crash_cut_it_short_and_reaches_each_contact_once() {
    let sample = project(vec![version("", "x")], &[]).await;
    sample.subscribe(sample.list, 450, &Default::default()).await;
    let id = batch(&sample, Filter::All, true).await;
    // A worker that is killed after its first piece: its lease has ended at once.
    let lost = claim(&sample, Duration::ZERO).await.expect("job");
    assert!(work(&sample, &lost).await);
    // Another one takes over; the first one turns out to live.
    let taken = claim(&sample, Duration::ZERO).await.expect("the job came back");
    assert_eq!((taken.id, taken.n_tries), (lost.id, 2));
    assert!(work(&sample, &taken).await);
    assert!(work(&sample, &lost).await);
    assert!(!work(&sample, &taken).await, "nobody is left");
    assert!(!work(&sample, &lost).await, "what is done is done");
    assert_eq!(state(&sample, id).await, (SendingState::Done, 450, 450, 0));
    let mut numbers: Vec<i64> = mails(&sample).await.iter().map(|mail| mail.number.0).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=450).collect::<Vec<_>>());
    assert!(claim(&sample, Duration::ZERO).await.is_none());
}

#[tokio::test]
async fn a_batch_reaches_active_contacts_that_gave_the_opt_in_and_are_not_suppressed() {
    let contacts: &[(&str, &[(&str, &str)])] = &[
        ("a@example.com", &[("optin_News", "1")]),
        ("b@example.com", &[("optin_News", "1"), ("isActive", "0")]),
        ("c@example.com", &[("optin_News", "0")]),
        ("d@example.com", &[]),
        ("e@example.com", &[("optin_News", "1"), ("f_City", "Oslo")]),
        ("f@example.com", &[("optin_News", "1")]),
    ];
    let sample = project(vec![version("", "x")], contacts).await;
    let (account, list) = (sample.account, sample.list);
    act(&sample, move |cx| {
        let address = EmailAddress::parse("f@example.com").expect("address");
        suppression::suppress(cx, Scope::Account(account), &address, SuppressionReason::Complaint)?;
        let mut draft = Draft { versions: vec![version("", "x")], category_id: 7, ..Draft::default() };
        versions::update(cx, list, MessageId(1), &draft).expect("message");
        draft.category_id = 0;
        versions::create(cx, list, &draft).expect("message");
        Ok(())
    })
    .await;
    batch(&sample, Filter::All, true).await;
    let oslo = Filter::Clause(clause::equal("f_City", Given::text("oslo")));
    batch(&sample, oslo, true).await;
    let without =
        NewBatch { project: list, message: MessageId(2), filter: Filter::All, launch_at: None, is_approved: true };
    act(&sample, move |cx| Ok(create_batch(cx, &without).expect("batch"))).await;
    while let Some(job) = claim(&sample, Duration::ZERO).await {
        while work(&sample, &job).await {}
    }
    let mut reached: Vec<String> = mails(&sample).await.into_iter().map(|mail| mail.to_email).collect();
    reached.sort_unstable();
    let want = ["a", "a", "c", "d", "e", "e", "e"].map(|name| format!("{name}@example.com"));
    assert_eq!(reached, want, "category 7 to a and e, Oslo to e, no category to a, c, d, e");
}

#[tokio::test]
async fn a_batch_waits_for_its_approval_and_its_launch() {
    let sample = project(vec![version("", "x")], &[("a@example.com", &[])]).await;
    let id = batch(&sample, Filter::Contact(SubscriberNumber(1)), false).await;
    assert!(claim(&sample, Duration::ZERO).await.is_none());
    assert!(act(&sample, move |cx| Ok(approve(cx, id).is_ok())).await);
    assert!(act(&sample, move |cx| Ok(matches!(approve(cx, id), Err(BatchError::NoBatch(_))))).await, "once");
    let job = claim(&sample, Duration::ZERO).await.expect("approved");
    assert!(work(&sample, &job).await && !work(&sample, &job).await);
    let list = sample.list;
    act(&sample, move |cx| {
        let launch_at = Some(cx.now.plus(Duration::from_secs(3600)));
        let new = NewBatch { project: list, message: MessageId(1), filter: Filter::All, launch_at, is_approved: true };
        create_batch(cx, &new).expect("batch");
        Ok(())
    })
    .await;
    assert!(claim(&sample, Duration::ZERO).await.is_none(), "later");
    let refused = act(&sample, move |cx| {
        let new = NewBatch {
            project: list,
            message: MessageId(1),
            filter: Filter::Clause(clause::equal("f_Nothing", Given::Null)),
            launch_at: None,
            is_approved: true,
        };
        Ok(matches!(create_batch(cx, &new), Err(BatchError::Clause(_))))
    })
    .await;
    assert!(refused);
    assert_eq!(mails(&sample).await.len(), 1);
}

#[tokio::test]
async fn an_operational_link_sets_what_it_says_and_sends_its_message_once() {
    let sample = project(vec![version("", "Welcome")], &[("a@example.com", &[("isActive", "0")])]).await;
    let (list, number) = (sample.list, SubscriberNumber(1));
    let draft = operational_links::Draft {
        name: "verify".to_owned(),
        url: "https://example.org/thanks".to_owned(),
        message: Some(MessageId(1)),
        changes: vec![
            ("f_City".to_owned(), "Oslo".to_owned()),
            ("optin_News".to_owned(), "1".to_owned()),
            ("isActive".to_owned(), "true".to_owned()),
        ],
    };
    let made = draft.clone();
    let id = act(&sample, move |cx| Ok(operational_links::create(cx, list, &made).expect("link"))).await;
    for bad in [
        operational_links::Draft { url: "javascript:alert(1)".to_owned(), ..draft.clone() },
        operational_links::Draft { changes: vec![("f_Nothing".to_owned(), String::new())], ..draft.clone() },
        operational_links::Draft { changes: vec![("f_EMail".to_owned(), "x@example.com".to_owned())], ..draft.clone() },
        operational_links::Draft { message: Some(MessageId(9)), ..draft.clone() },
    ] {
        assert!(act(&sample, move |cx| Ok(operational_links::create(cx, list, &bad).is_err())).await);
    }
    for _ in 0..2 {
        let shown = sample.write(move |cx| {
            cx.actor = crate::domain::cx::Actor::Public;
            Ok(operational_links::follow(cx, id, list, number).expect("followed"))
        });
        assert_eq!(shown.await.expect("work").url, "https://example.org/thanks");
    }
    let (project, contact) = act(&sample, move |cx| Ok(contacts::get(cx, list, number).expect("contact"))).await;
    assert!(contact.is_active() && contact.opt_ins.values().all(|said| said.is_given) && contact.opt_ins.len() == 1);
    assert_eq!(contact.value(project.field("City").expect("field").field.id), "Oslo");
    let sent = mails(&sample).await;
    assert_eq!((sent.len(), sent[0].from_name.as_str()), (1, "Shop of Oslo"), "rendered after the change");
    let log =
        sample.write(move |cx| Ok(crate::domain::consent::history(cx, list, number).expect("log"))).await.expect("log");
    assert!(log.iter().skip(1).all(|entry| entry.actor == format!("operational link {id}")), "{log:?}");
    let nobody =
        sample.write(move |cx| Ok(operational_links::follow(cx, OperationalLinkId(99), list, number).is_err())).await;
    assert!(nobody.expect("work"));
}
