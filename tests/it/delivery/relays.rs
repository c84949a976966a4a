//! A relay that takes, refuses, breaks off, is old or slow (RFC 5321, 2920, 3461, 6531): what each means for the mail.

use std::time::Duration;

use understudy::config::RelaySettings;
use understudy::delivery::transport::Outcome;

use super::{Office, parcel, refusal, relay, until, with_message};
use crate::support::sink::{Manners, Sink};

#[tokio::test]
async fn a_mail_arrives_as_it_was_made() {
    let sink = Sink::start(Manners::default()).await;
    let office = Office::with_relays(vec![relay(&sink)]).await;
    let sent = parcel(7, "reader@example.com");
    let outcome = office.post.send(&sent).await;
    assert!(
        matches!(&outcome, Outcome::Sent(reply) if reply.code == 250 && reply.enhanced == Some((2, 0, 0))),
        "{outcome:?}"
    );
    let taken = sink.taken();
    assert_eq!(String::from_utf8_lossy(&taken[0].message), String::from_utf8_lossy(&sent.message));
    assert_eq!(
        (taken[0].message_id.as_str(), taken[0].sender.as_str()),
        ("<7@example.org>", "b+7@bounces.example.org")
    );
    assert_eq!(taken[0].mail, format!("MAIL FROM:<b+7@bounces.example.org> SIZE={}", sent.message.len()));
    assert_eq!(taken[0].rcpt, "RCPT TO:<reader@example.com>");
    assert!(sink.n(|record| &record.n_groups) > 0, "the envelope goes in one write");
    assert_eq!(sink.faults(), Vec::<String>::new());
    office.close().await;
}

#[tokio::test]
async fn what_a_server_says_of_one_mail_is_a_refusal_and_the_connection_is_kept() {
    for pipelining in [true, false] {
        let sink = Sink::start(Manners { pipelining, ..Manners::default() }).await;
        let office = Office::with_relays(vec![relay(&sink)]).await;
        for (recipient, expected) in [
            ("tempfail@example.com", (451, Some((4, 3, 0)))),
            ("permfail@example.com", (550, Some((5, 1, 1)))),
            ("full@example.com", (452, Some((4, 2, 2)))),
            ("greylist@example.com", (451, Some((4, 7, 1)))),
            ("refuse-data@example.com", (554, Some((5, 6, 0)))),
            ("refuse-message@example.com", (550, Some((5, 7, 1)))),
        ] {
            let outcome = office.send(recipient).await;
            assert_eq!(refusal(&outcome), Some(expected), "{recipient}, pipelining {pipelining}: {outcome:?}");
            assert!(matches!(office.send("good@example.com").await, Outcome::Sent(_)), "after {recipient}");
        }
        assert!(matches!(office.send("greylist@example.com").await, Outcome::Sent(_)));
        assert_eq!(sink.n(|record| &record.n_connections), 1, "pipelining {pipelining}");
        assert!(sink.n(|record| &record.n_resets) >= 5);
        assert_eq!((sink.recipients().len(), sink.faults()), (7, Vec::new()));
        office.close().await;
    }
}

#[tokio::test]
async fn every_third_recipient_refused_costs_only_these() {
    let sink = Sink::start(Manners { refuses_thirds: true, ..Manners::default() }).await;
    let office = Office::with_relays(vec![relay(&sink)]).await;
    let mut n_refused = 0;
    for id in 1..=30 {
        match office.post.send(&parcel(id, &format!("r{id}@example.com"))).await {
            Outcome::Sent(_) => {}
            outcome => {
                assert_eq!(refusal(&outcome), Some((550, Some((5, 1, 1)))), "{outcome:?}");
                n_refused += 1;
            }
        }
    }
    assert_eq!((n_refused, sink.recipients().len()), (10, 20));
    assert_eq!(sink.n(|record| &record.n_connections), 1);
    office.close().await;
}

#[tokio::test]
async fn a_server_that_closes_or_is_busy_leaves_the_mail_untried() {
    let sink = Sink::start(Manners::default()).await;
    let office = Office::with_relays(vec![relay(&sink)]).await;
    for recipient in [
        "busy@example.com",
        "ratelimit@example.com",
        "busy-at-end@example.com",
        "drop-in-data@example.com",
        "nonsense@example.com",
    ] {
        // A large message is still under way when the server closes.
        let parcel = with_message(1, recipient, &"0123456789 and so on\r\n".repeat(200_000));
        let outcome = office.post.send(&parcel).await;
        assert!(matches!(outcome, Outcome::NotTried(_)), "{recipient}: {outcome:?}");
        assert!(matches!(office.send("good@example.com").await, Outcome::Sent(_)), "after {recipient}");
    }
    assert_eq!(sink.recipients().len(), 5);
    office.close().await;
}

#[tokio::test]
async fn only_a_mail_whose_last_answer_is_missing_is_uncertain() {
    let sink = Sink::start(Manners::default()).await;
    let office = Office::with_relays(vec![RelaySettings { final_seconds: 1, ..relay(&sink) }]).await;
    for recipient in ["no-final-reply@example.com", "silent@example.com", "slow@example.com"] {
        let outcome = office.send(recipient).await;
        assert!(matches!(outcome, Outcome::Uncertain(_)), "{recipient}: {outcome:?}");
    }
    until("the slow mail", || sink.recipients().len() == 3).await;
    office.close().await;
}

#[tokio::test]
async fn a_slow_last_answer_is_waited_for() {
    let sink = Sink::start(Manners::default()).await;
    let office = Office::with_relays(vec![relay(&sink)]).await;
    assert!(matches!(office.send("slow@example.com").await, Outcome::Sent(_)));
    office.close().await;
}

#[tokio::test]
async fn a_server_that_wants_a_new_connection_after_some_mails_gets_one_without_losing_any() {
    let sink = Sink::start(Manners { close_after: Some(3), ..Manners::default() }).await;
    let office = Office::with_relays(vec![relay(&sink)]).await;
    for id in 1..=10 {
        let outcome = office.post.send(&parcel(id, "reader@example.com")).await;
        assert!(matches!(outcome, Outcome::Sent(_)), "{id}: {outcome:?}");
    }
    assert_eq!((sink.recipients().len(), sink.n(|record| &record.n_connections)), (10, 4));
    office.close().await;
}

#[tokio::test]
async fn connections_are_bounded_reused_and_end_after_their_share() {
    let sink = Sink::start(Manners { delay: Duration::from_millis(20), ..Manners::default() }).await;
    let office =
        Office::with_relays(vec![RelaySettings { connections: 3, messages_per_connection: 5, ..relay(&sink) }]).await;
    let parcels: Vec<_> = (1..=30).map(|id| parcel(id, &format!("r{id}@example.com"))).collect();
    let outcomes = futures_util::future::join_all(parcels.iter().map(|parcel| office.post.send(parcel))).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Sent(_))), "{outcomes:?}");
    assert_eq!(sink.n(|record| &record.most_open), 3);
    assert!((6..=9).contains(&sink.n(|record| &record.n_connections)));
    office.post.close().await;
    until("the end of every connection", || sink.n(|record| &record.n_open) == 0).await;
    office.close().await;
}

#[tokio::test]
async fn a_server_that_knows_only_hello_is_good_enough() {
    let manners = Manners { is_old: true, pipelining: false, size: None, eight_bit: false, ..Manners::default() };
    let sink = Sink::start(manners).await;
    let office = Office::with_relays(vec![relay(&sink)]).await;
    assert!(matches!(office.send("reader@example.com").await, Outcome::Sent(_)));
    assert_eq!(refusal(&office.send("permfail@example.com").await), Some((550, Some((5, 1, 1)))));
    assert!(matches!(office.send("reader@example.com").await, Outcome::Sent(_)));
    assert_eq!(sink.taken()[0].mail, "MAIL FROM:<b+1@bounces.example.org>");
    assert_eq!(sink.faults(), Vec::<String>::new());
    office.close().await;
}

#[tokio::test]
async fn groups_can_be_switched_off_for_servers_that_break_on_them() {
    let sink = Sink::start(Manners::default()).await;
    let office = Office::with_relays(vec![RelaySettings { pipelining: false, ..relay(&sink) }]).await;
    assert!(matches!(office.send("reader@example.com").await, Outcome::Sent(_)));
    assert_eq!(sink.n(|record| &record.n_groups), 0);
    office.close().await;
}

#[tokio::test]
async fn addresses_beyond_ascii_need_a_server_that_takes_them() {
    let sink = Sink::start(Manners::default()).await;
    let office = Office::with_relays(vec![relay(&sink)]).await;
    assert!(matches!(office.send("jürgen@example.com").await, Outcome::Unfit(_)));
    assert!(matches!(office.send("reader@bücher.example").await, Outcome::Sent(_)));
    assert_eq!(sink.recipients(), ["reader@xn--bcher-kva.example"]);
    sink.change(|manners| manners.smtputf8 = true);
    office.post.close().await;
    assert!(matches!(office.send("jürgen@example.com").await, Outcome::Sent(_)));
    assert!(sink.taken()[1].mail.ends_with(" SMTPUTF8"), "{}", sink.taken()[1].mail);
    office.close().await;
}

#[tokio::test]
async fn reports_are_asked_for_where_they_are_offered() {
    let sink = Sink::start(Manners { dsn: true, size: None, ..Manners::default() }).await;
    let office = Office::with_relays(vec![relay(&sink)]).await;
    let parcel = parcel(7, "a+b@example.com");
    assert!(matches!(office.post.send(&parcel).await, Outcome::Sent(_)));
    let token = understudy::domain::envelope_senders::token("a secret for tests", parcel.posted);
    let taken = sink.taken();
    assert_eq!(taken[0].mail, format!("MAIL FROM:<b+7@bounces.example.org> RET=HDRS ENVID={token}"));
    assert_eq!(taken[0].rcpt, "RCPT TO:<a+b@example.com> NOTIFY=FAILURE ORCPT=rfc822;a+2Bb@example.com");
    office.close().await;
}

#[tokio::test]
async fn a_mail_too_large_for_the_server_goes_no_way() {
    let sink = Sink::start(Manners { size: Some(100), ..Manners::default() }).await;
    let office = Office::with_relays(vec![relay(&sink)]).await;
    assert!(matches!(office.send("reader@example.com").await, Outcome::Unfit(_)));
    office.close().await;
}

#[tokio::test]
async fn what_would_smuggle_a_command_goes_no_way() {
    let sink = Sink::start(Manners::default()).await;
    let office = Office::with_relays(vec![relay(&sink)]).await;
    for recipient in ["a@example.com>\r\nRCPT TO:<b@example.com", "a\nb@example.com", "a@b>c.example"] {
        assert!(matches!(office.send(recipient).await, Outcome::Unfit(_)), "{recipient}");
    }
    let smuggler = with_message(1, "a@example.com", "x\r\n.\rMAIL FROM:<x@example.org>\n.\nRCPT\n.\r\nDATA\r\n");
    assert!(matches!(office.post.send(&smuggler).await, Outcome::Sent(_)));
    assert_eq!((sink.recipients(), sink.faults()), (vec!["a@example.com".to_owned()], Vec::new()));
    office.close().await;
}

#[tokio::test]
async fn a_relay_that_wants_a_login_says_nothing_of_the_mail() {
    let (wants, good) = (
        Sink::start(Manners { login: Some(("me", "x")), ..Manners::default() }).await,
        Sink::start(Manners::default()).await,
    );
    let office = Office::with_relays(vec![relay(&wants)]).await;
    assert!(matches!(office.send("reader@example.com").await, Outcome::NotTried(_)));
    office.close().await;
    let office = Office::with_relays(vec![RelaySettings { weight: 100, ..relay(&wants) }, relay(&good)]).await;
    assert!(matches!(office.send("reader@example.com").await, Outcome::Sent(_)));
    office.close().await;
}

#[tokio::test]
async fn when_one_relay_is_down_the_other_takes_the_mail_and_the_first_rests() {
    let (gone, good) = (Sink::start(Manners::default()).await, Sink::start(Manners::default()).await);
    let dead = RelaySettings { weight: 1000, ..relay(&gone) };
    drop(gone);
    let busy = Sink::start(Manners { is_busy: true, ..Manners::default() }).await;
    let office = Office::with_relays(vec![dead, RelaySettings { weight: 100, ..relay(&busy) }, relay(&good)]).await;
    for id in 1..=20 {
        let outcome = office.post.send(&parcel(id, "reader@example.com")).await;
        assert!(matches!(outcome, Outcome::Sent(_)), "{outcome:?}");
    }
    assert_eq!(good.recipients().len(), 20);
    assert!(busy.n(|record| &record.n_connections) <= 6, "a relay that turns everybody away rests");
    good.change(|manners| manners.is_busy = true);
    office.post.close().await;
    let outcome = office.send("reader@example.com").await;
    assert!(matches!(&outcome, Outcome::NotTried(delay) if delay.pause <= Duration::from_secs(60)), "{outcome:?}");
    office.close().await;
}
