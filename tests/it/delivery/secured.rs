//! Encryption and logins towards relays (RFC 3207, 4954).

use understudy::config::{RelaySettings, TlsMode};
use understudy::delivery::transport::Outcome;

use super::{Office, relay};
use crate::support::sink::{Manners, Sink, certificate};

#[tokio::test]
async fn every_way_of_encrypting_works_with_a_certificate_that_is_trusted() {
    let (acceptor, file) = certificate();
    for tls in [TlsMode::Starttls, TlsMode::RequiredStarttls, TlsMode::Implicit] {
        let is_implicit = tls == TlsMode::Implicit;
        let sink = Sink::start(Manners { tls: Some(acceptor.clone()), is_implicit, ..Manners::default() }).await;
        let trusting = RelaySettings { tls, ca_file: file.path().to_owned(), ..relay(&sink) };
        let office = Office::with_relays(vec![trusting]).await;
        for _ in 0..2 {
            let outcome = office.send("reader@example.com").await;
            assert!(matches!(outcome, Outcome::Sent(_)), "{tls:?}: {outcome:?}");
        }
        assert_eq!((sink.n(|r| &r.n_encrypted), sink.n(|r| &r.n_connections)), (1, 1), "{tls:?}");
        office.close().await;
    }
}

#[tokio::test]
async fn a_bad_certificate_or_none_keeps_the_mail_here() {
    let (acceptor, _) = certificate();
    for tls in [TlsMode::Starttls, TlsMode::RequiredStarttls] {
        let sink = Sink::start(Manners { tls: Some(acceptor.clone()), ..Manners::default() }).await;
        let office = Office::with_relays(vec![RelaySettings { tls, ..relay(&sink) }]).await;
        let outcome = office.send("reader@example.com").await;
        assert!(matches!(&outcome, Outcome::NotTried(delay) if delay.reason.contains("encrypted")), "{outcome:?}");
        assert!(sink.recipients().is_empty());
        office.close().await;
    }
    let open = Sink::start(Manners::default()).await;
    let office = Office::with_relays(vec![RelaySettings { tls: TlsMode::RequiredStarttls, ..relay(&open) }]).await;
    assert!(matches!(office.send("reader@example.com").await, Outcome::NotTried(_)));
    office.close().await;
    let office = Office::with_relays(vec![RelaySettings { tls: TlsMode::Starttls, ..relay(&open) }]).await;
    assert!(matches!(office.send("reader@example.com").await, Outcome::Sent(_)), "none is offered, none was required");
    office.close().await;
}

#[tokio::test]
async fn certificates_are_not_looked_at_when_the_settings_say_so() {
    let (acceptor, _) = certificate();
    let sink = Sink::start(Manners { tls: Some(acceptor), ..Manners::default() }).await;
    let careless = RelaySettings { tls: TlsMode::RequiredStarttls, accept_invalid_certificates: true, ..relay(&sink) };
    let office = Office::with_relays(vec![careless]).await;
    assert!(matches!(office.send("reader@example.com").await, Outcome::Sent(_)));
    office.close().await;
}

#[tokio::test]
async fn what_stood_unencrypted_behind_the_answer_to_starttls_counts_for_nothing() {
    let (acceptor, file) = certificate();
    let injected = "250-evil\r\n250 AUTH PLAIN\r\n";
    let sink = Sink::start(Manners { tls: Some(acceptor), injected, ..Manners::default() }).await;
    let trusting = RelaySettings { tls: TlsMode::Starttls, ca_file: file.path().to_owned(), ..relay(&sink) };
    let office = Office::with_relays(vec![trusting]).await;
    let outcome = office.send("reader@example.com").await;
    assert!(matches!(outcome, Outcome::Sent(_)), "{outcome:?}");
    assert!(sink.taken()[0].mail.contains(" SIZE="), "the offers are those of the encrypted greeting");
    office.close().await;
}

#[tokio::test]
async fn a_login_goes_only_over_an_encrypted_line() {
    let (acceptor, file) = certificate();
    for knows_login_only in [false, true] {
        let login = Some(("me", "opensesame"));
        let manners = Manners { tls: Some(acceptor.clone()), login, knows_login_only, ..Manners::default() };
        let sink = Sink::start(manners).await;
        let good = RelaySettings {
            tls: TlsMode::Starttls,
            ca_file: file.path().to_owned(),
            username: "me".to_owned(),
            password: "opensesame".to_owned(),
            ..relay(&sink)
        };
        let office = Office::with_relays(vec![good.clone()]).await;
        let outcome = office.send("reader@example.com").await;
        assert!(matches!(outcome, Outcome::Sent(_)), "{outcome:?}");
        office.close().await;

        let office = Office::with_relays(vec![RelaySettings { password: "wrong".to_owned(), ..good.clone() }]).await;
        let outcome = office.send("reader@example.com").await;
        assert!(matches!(&outcome, Outcome::NotTried(delay) if delay.reason.contains("login failed")), "{outcome:?}");
        office.close().await;

        sink.change(|manners| manners.tls = None);
        let office = Office::with_relays(vec![good]).await;
        let outcome = office.send("reader@example.com").await;
        assert!(matches!(&outcome, Outcome::NotTried(delay) if delay.reason.contains("no encryption")), "{outcome:?}");
        assert_eq!(sink.n(|r| &r.n_logins), 2);
        office.close().await;
    }
}
