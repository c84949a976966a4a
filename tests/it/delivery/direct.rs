//! Mail to the recipients' own servers: which server is asked, when a domain is given up, how much one destination gets.

use std::collections::BTreeMap;
use std::time::Duration;

use understudy::config::MxSettings;
use understudy::delivery::transport::Outcome;

use super::{Office, parcel, refusal};
use crate::support::sink::{Manners, Sink, certificate};

/// An office that finds these domains' mail servers at these sinks.
async fn office(routes: &[(&str, &[&Sink])]) -> Office {
    let address = |sink: &&Sink| format!("127.0.0.1:{}", sink.port);
    let routes: BTreeMap<String, Vec<String>> =
        routes.iter().map(|(domain, sinks)| ((*domain).to_owned(), sinks.iter().map(address).collect())).collect();
    Office::open(move |settings| {
        settings.mail.route = "mx".to_owned();
        settings.mail.mx = MxSettings { routes, ..MxSettings::default() };
    })
    .await
}

#[tokio::test]
async fn each_domain_has_its_server_and_the_next_one_takes_over() {
    let (a, b, gone) = (
        Sink::start(Manners::default()).await,
        Sink::start(Manners::default()).await,
        Sink::start(Manners::default()).await,
    );
    let busy = Sink::start(Manners { is_busy: true, ..Manners::default() }).await;
    let office = office(&[("a.example", &[&a]), ("b.example", &[&gone, &busy, &b])]).await;
    drop(gone);
    for (recipient, id) in [("x@a.example", 1), ("x@b.example", 2), ("X@A.Example", 3)] {
        let outcome = office.post.send(&parcel(id, recipient)).await;
        assert!(matches!(outcome, Outcome::Sent(_)), "{recipient}: {outcome:?}");
    }
    assert_eq!((a.recipients().len(), b.recipients().len()), (2, 1));
    assert_eq!(refusal(&office.send("permfail@a.example").await), Some((550, Some((5, 1, 1)))));
    office.close().await;
}

#[tokio::test]
async fn a_domain_whose_servers_do_not_talk_is_tried_again_later_and_an_address_in_brackets_never() {
    let gone = Sink::start(Manners::default()).await;
    let office = office(&[("gone.example", &[&gone])]).await;
    drop(gone);
    assert_eq!(refusal(&office.send("x@gone.example").await), Some((451, Some((4, 4, 1)))));
    assert_eq!(refusal(&office.send("x@[127.0.0.1]").await), Some((550, Some((5, 1, 2)))));
    office.close().await;
}

#[tokio::test]
async fn mail_is_encrypted_where_that_works_and_open_where_it_does_not() {
    let (acceptor, _) = certificate();
    let good = Sink::start(Manners { tls: Some(acceptor.clone()), ..Manners::default() }).await;
    // Says that it encrypts, and then does not.
    let broken = Sink::start(Manners { tls: Some(acceptor), breaks_tls: true, ..Manners::default() }).await;
    let office = office(&[("good.example", &[&good]), ("broken.example", &[&broken])]).await;
    assert!(matches!(office.send("x@good.example").await, Outcome::Sent(_)));
    assert_eq!(good.n(|record| &record.n_encrypted), 1);
    let outcome = office.send("x@broken.example").await;
    assert!(matches!(outcome, Outcome::Sent(_)), "{outcome:?}");
    assert_eq!((broken.n(|record| &record.n_encrypted), broken.recipients().len()), (0, 1));
    office.close().await;
}

#[tokio::test]
async fn domains_with_the_same_servers_share_the_connections_of_one_destination() {
    let sink = Sink::start(Manners { delay: Duration::from_millis(10), ..Manners::default() }).await;
    let office = office(&[("a.example", &[&sink]), ("b.example", &[&sink])]).await;
    let parcels: Vec<_> =
        (1..=60).map(|id| parcel(id, &format!("r{id}@{}.example", if id % 2 == 0 { "a" } else { "b" }))).collect();
    let outcomes = futures_util::future::join_all(parcels.iter().map(|parcel| office.post.send(parcel))).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Sent(_))), "{outcomes:?}");
    assert_eq!((sink.recipients().len(), sink.n(|record| &record.most_open)), (60, 10));
    office.close().await;
}

#[tokio::test]
async fn a_destination_that_limits_the_rate_is_left_alone_for_a_while() {
    let (limiting, other) = (Sink::start(Manners::default()).await, Sink::start(Manners::default()).await);
    let office = office(&[("limiting.example", &[&limiting]), ("other.example", &[&other])]).await;
    assert!(matches!(office.send("ratelimit@limiting.example").await, Outcome::NotTried(_)));
    let n_connections = limiting.n(|record| &record.n_connections);
    let outcome = office.send("x@limiting.example").await;
    assert!(matches!(&outcome, Outcome::NotTried(delay) if delay.pause >= Duration::from_secs(50)), "{outcome:?}");
    assert_eq!(limiting.n(|record| &record.n_connections), n_connections, "nobody knocks meanwhile");
    assert!(matches!(office.send("x@other.example").await, Outcome::Sent(_)));
    office.close().await;
}
