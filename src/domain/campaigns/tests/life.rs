//! Who gets a campaign, and who does not.

use super::*;
use crate::domain::campaigns::messages::{self, Addressed, Messages};
use crate::domain::envelope_senders::Posted;
use crate::domain::lists;
use crate::model::states::{BounceType, SubscriptionStatus, SuppressionReason};
use crate::store::rows::field_values::FieldValues;
use crate::store::rows::selections::{Comparison, Selection, Test};
use crate::store::rows::suppressions::SuppressionRow;

#[tokio::test]
async fn all_who_may_be_mailed_get_it_once_and_then_it_is_sent() {
    let sample = Sample::open().await;
    let list = sample.list;
    sample.subscribe(list, 6, &FieldValues::new()).await;
    worker(&sample, move |cx| {
        change(cx, list, 2, |row| row.status = SubscriptionStatus::Unsubscribed);
        change(cx, list, 3, |row| row.bounce = BounceType::Hard);
        change(cx, list, 4, |row| row.is_suppressed = true);
        change(cx, list, 5, |row| row.bounce = BounceType::Soft);
        Ok(())
    })
    .await;
    let id = planned(&sample, &[list]).await;
    assert_eq!(campaign(&sample, id).await.n_recipients, 3);
    let claimed = claim(&sample, 10).await;
    assert_eq!(numbers(&claimed), [1, 5, 6]);
    assert_eq!(settle(&sample, id).await, CampaignState::Sending);
    finish_all(&sample, &claimed, sent()).await;
    assert_eq!(settle(&sample, id).await, CampaignState::Sent);
    assert_eq!(totals(&sample, id).await.n_sent, 3);
    assert!(campaign(&sample, id).await.finished_at.is_some());
    assert!(claim(&sample, 10).await.is_empty());
}

#[tokio::test]
async fn an_address_on_several_lists_gets_one_mail_by_the_first_that_has_it() {
    let sample = Sample::open().await;
    let (first, second, third) = (sample.list, sample.another_list().await, sample.another_list().await);
    for (list, email) in [
        (first, "a@example.com"),
        (first, "b@example.com"),
        (second, "c@example.com"),
        (second, "b@example.com"),
        (third, "a@example.com"),
        (third, "c@example.com"),
        (third, "d@example.com"),
    ] {
        join(&sample, list, email).await;
    }
    // B cannot be reached by the first list, so the second one has it.
    worker(&sample, move |cx| {
        change(cx, first, 2, |row| row.status = SubscriptionStatus::Unsubscribed);
        Ok(())
    })
    .await;
    let id = planned(&sample, &[first, second, third]).await;
    assert_eq!(campaign(&sample, id).await.n_recipients, 4);
    let mut got: Vec<_> =
        claim(&sample, 10).await.into_iter().map(|one| (one.subscriber.list_id, one.subscriber.email)).collect();
    got.sort();
    let want = [(first, "a"), (second, "b"), (second, "c"), (third, "d")];
    assert_eq!(got, want.map(|(list, name)| (list, format!("{name}@example.com"))));
}

#[tokio::test]
async fn parts_of_one_list_may_overlap() {
    let sample = Sample::open().await;
    let list = sample.list;
    sample.subscribe(list, 9, &FieldValues::new()).await;
    let below = |number| Selection::Is(Test::Number(Comparison::Less, number));
    let part = |selection| Audience { list, segment: 3, selection };
    let id = draft_to(&sample, vec![part(below(4)), part(below(7)), part(Selection::Nobody)]).await;
    started(&sample, id).await;
    plan_all(&sample, id).await;
    assert_eq!(numbers(&claim(&sample, 20).await), [1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn who_joins_after_the_start_gets_none_even_while_it_is_planned() {
    let sample = Sample::open().await;
    let list = sample.list;
    sample.subscribe(list, 3, &FieldValues::new()).await;
    let id = draft(&sample, &[list]).await;
    started(&sample, id).await;
    join(&sample, list, "late@example.com").await;
    plan_all(&sample, id).await;
    assert_eq!(numbers(&claim(&sample, 10).await), [1, 2, 3]);
}

#[tokio::test]
async fn planning_goes_in_pieces_and_sending_begins_before_it_is_over() {
    let sample = Sample::open().await;
    let list = sample.list;
    sample.subscribe(list, 2 * plan::PIECE + 1, &FieldValues::new()).await;
    let id = draft(&sample, &[list]).await;
    started(&sample, id).await;
    assert!(worker(&sample, move |cx| plan::step(cx, id)).await);
    let first = claim(&sample, 3_000).await;
    assert_eq!(first.len(), usize::try_from(plan::PIECE).expect("small"));
    finish_all(&sample, &first, sent()).await;
    assert_eq!(settle(&sample, id).await, CampaignState::Sending, "nobody is open, but it is not planned");
    assert_eq!(plan_all(&sample, id).await, 2);
    assert_eq!(claim(&sample, 3_000).await.len(), first.len() + 1);
    assert_eq!(totals(&sample, id).await.n_sent, plan::PIECE);
}

#[tokio::test]
async fn who_may_not_be_mailed_any_more_when_its_turn_comes_is_skipped_with_the_reason() {
    let sample = Sample::open().await;
    let (account, list, gone) = (sample.account, sample.list, sample.another_list().await);
    sample.subscribe(list, 5, &FieldValues::new()).await;
    join(&sample, gone, "other@example.com").await;
    let id = planned(&sample, &[list, gone]).await;
    worker(&sample, move |cx| {
        change(cx, list, 1, |row| row.status = SubscriptionStatus::Unsubscribed);
        change(cx, list, 2, |row| row.bounce = BounceType::Hard);
        let row = cx.tx.find_subscriber(list, SubscriberNumber(3))?.expect("subscriber");
        cx.tx.delete_subscriber(&row, cx.now)?;
        // Of the whole server: no subscriber row shows it.
        let suppression = SuppressionRow {
            account_id: AccountId::NONE,
            list_id: ListId::NONE,
            email: "4@example.com".to_owned(),
            email_key: "4@example.com".to_owned(),
            reason: SuppressionReason::Administrator,
            created_at: cx.now,
        };
        cx.tx.insert_suppression(&suppression)?;
        cx.tx.mark_list_deleted(account, gone, cx.now)?;
        Ok(())
    })
    .await;
    let claimed = claim(&sample, 10).await;
    assert_eq!(numbers(&claimed), [5]);
    assert_eq!(totals(&sample, id).await.n_skipped, 5);
    let rows =
        worker(&sample, move |cx| Ok(cx.tx.list_recipients(id, None, (ListId::NONE, SubscriberNumber::NONE), 10)?));
    let reasons: Vec<_> = rows.await.into_iter().map(|(row, _)| row.last_reply).collect();
    let want = ["unsubscribed", "the address bounced", "the subscriber is gone", "suppressed", "", "the list is gone"];
    assert_eq!(reasons, want);
    finish_all(&sample, &claimed, sent()).await;
    assert_eq!(settle(&sample, id).await, CampaignState::Sent);
}

#[tokio::test]
async fn a_letter_has_everything_put_in_and_knows_its_list() {
    let sample = Sample::open().await;
    let list = sample.list;
    let account = sample.account;
    let field = owner(&sample, move |cx| {
        crate::domain::fields::create(cx, list, |field| field.name = "City".to_owned()).expect("field")
    })
    .await;
    let values = FieldValues::from([(field, "<Åbo>".to_owned())]);
    sample.subscribe(list, 1, &values).await;
    let message = message(&sample, account).await;
    worker(&sample, move |cx| {
        let mut row = cx.tx.find_message(account, message)?.expect("message");
        let text = format!("%Subscriber:CustomField{field}% %Campaign:CampaignName% %Nothing:Known%");
        (row.plain_body, row.html_body) = (text.clone(), format!("{text} %Link:Unsubscribe%"));
        let changed = crate::store::rows::messages::NewMessageRow {
            account_id: account,
            name: row.name,
            from_name: row.from_name,
            from_email: row.from_email,
            reply_to_name: row.reply_to_name,
            reply_to_email: row.reply_to_email,
            content_type: row.content_type,
            mode: row.mode,
            fetch_url: row.fetch_url,
            fetch_plain_url: row.fetch_plain_url,
            subject: row.subject,
            plain_body: row.plain_body,
            html_body: row.html_body,
            embeds_images: false,
            template_id: 0,
            pre_header: row.pre_header,
            created_at: row.created_at,
            list_id: ListId::NONE,
            category_id: 0,
            hosts_images: false,
            tracks_links: false,
        };
        Ok(cx.tx.update_message(message, &changed)?)
    })
    .await;
    let audiences = vec![Audience::whole(list)];
    let id = owner(&sample, move |cx| {
        crate::domain::campaigns::create(cx, &NewCampaign { name: "Spring".to_owned(), message, audiences })
            .expect("draft")
    })
    .await;
    started(&sample, id).await;
    plan_all(&sample, id).await;
    let one = claim(&sample, 1).await.pop().expect("recipient");
    let addressed = worker(&sample, move |cx| Ok(messages::address(cx, NODE, vec![one], &Messages::new())?.0)).await;
    let Addressed { recipient, person, message } = &addressed[0];
    let letter = message.render(person, Posted::Recipient(recipient.id), recipient.first_try_at).expect("letter");
    assert_eq!((letter.subject.as_str(), letter.from_name.as_str()), ("For 1@example.com", "News"));
    assert_eq!(letter.plain, "<Åbo> Spring %Nothing:Known%");
    assert!(letter.html.starts_with("&lt;Åbo&gt; Spring %Nothing:Known% http"), "{}", letter.html);
    let bulk = letter.bulk.expect("a campaign's letter");
    assert!(letter.html.ends_with(&bulk.unsubscribe_url), "{}", letter.html);
    assert_eq!((bulk.list, bulk.campaign), (list, id.0));
}

#[tokio::test]
async fn a_draft_asks_for_what_the_account_has() {
    let sample = Sample::open().await;
    let list = sample.list;
    let stranger = worker(&sample, |cx| {
        let (group, billing, delivery) = crate::domain::user_groups::blank(cx, "Others");
        let group = cx.tx.insert_user_group(&group, &billing, &delivery)?;
        let row = crate::domain::accounts::blank(cx, group, "stranger", "stranger@example.org", String::new());
        let account = cx.tx.insert_account(&row, &Default::default())?;
        Ok(cx.tx.insert_list(&lists::blank(cx, account, "Theirs"))?)
    })
    .await;
    let message = message(&sample, sample.account).await;
    let new = NewCampaign { name: "Spring".to_owned(), message, audiences: vec![Audience::whole(list)] };
    let cases = [
        (NewCampaign { name: "  ".to_owned(), ..new.clone() }, "a campaign needs a name"),
        (NewCampaign { message: MessageId(99), ..new.clone() }, "no message 99"),
        (NewCampaign { audiences: Vec::new(), ..new.clone() }, "a campaign goes to"),
        (NewCampaign { audiences: vec![Audience::whole(stranger)], ..new.clone() }, "no list"),
        (
            NewCampaign {
                audiences: vec![Audience {
                    selection: Selection::And(vec![Selection::Is(Test::Text(
                        crate::store::rows::selections::FieldPlace { field: 1, global_of: Some(99) },
                        Comparison::Equal,
                        "x".to_owned(),
                    ))]),
                    ..Audience::whole(list)
                }],
                ..new.clone()
            },
            "a selection of list",
        ),
    ];
    owner(&sample, move |cx| {
        for (bad, want) in cases {
            let error = crate::domain::campaigns::create(cx, &bad).expect_err(want).to_string();
            assert!(error.starts_with(want), "{error}");
        }
        let id = crate::domain::campaigns::create(cx, &new).expect("draft");
        crate::domain::campaigns::delete(cx, id).expect("deleted");
        assert!(crate::domain::campaigns::get(cx, id).is_err());
    })
    .await;
}

#[tokio::test]
async fn rows_of_campaigns_that_ended_long_ago_go_piece_by_piece_and_totals_stay() {
    let sample = Sample::open().await;
    sample.subscribe(sample.list, 5, &FieldValues::new()).await;
    let id = planned(&sample, &[sample.list]).await;
    let open = planned(&sample, &[sample.list]).await;
    let claimed = claim(&sample, 10).await;
    let own: Vec<_> = claimed.into_iter().filter(|one| one.campaign == id).collect();
    finish_all(&sample, &own[..4], sent()).await;
    finish_all(&sample, &own[4..], failed(Fault::Ours)).await;
    assert_eq!(settle(&sample, id).await, CampaignState::Sent);
    let before = totals(&sample, id).await;
    let sweep_after = async |days: u64| {
        worker(&sample, move |cx| {
            cx.now = cx.now.plus(Duration::from_secs(days * 86_400));
            let mut swept = Vec::new();
            while swept.last() != Some(&0) {
                swept.push(supervise::sweep(cx, 2)?);
            }
            Ok(swept)
        })
        .await
    };
    assert_eq!(sweep_after(179).await, [0]);
    // The last piece notes that nothing is left.
    assert_eq!(sweep_after(181).await, [2, 2, 1, 1, 0]);
    assert_eq!(sweep_after(400).await, [0], "one that is under way is not touched, however old");
    let left = worker(&sample, move |cx| {
        let rows = |cx: &mut Ctx<'_>, id| cx.tx.list_recipients(id, None, (ListId::NONE, SubscriberNumber::NONE), 99);
        Ok((rows(cx, id)?.len(), rows(cx, open)?.len(), cx.tx.find_campaign_totals(id)?.expect("totals")))
    })
    .await;
    assert_eq!(left, (0, 5, before));
    assert_eq!((before.n_sent, before.n_failed, campaign(&sample, id).await.n_recipients), (4, 1, 5));
}
