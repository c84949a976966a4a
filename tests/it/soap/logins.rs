//! Who calls: HTTP Basic, WS-Security and header blocks of the service's own (SO-1.12, SO-3.11, SO-3.16).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use super::{ENV11, ENV12, PASSWORD, TestEcho, envelope, fault};
use crate::contract::http::Answer;

const WSSE: &str = "xmlns:w=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\" \
    xmlns:u=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\"";

fn send(echo: &TestEcho, inside: &str) -> Answer {
    let header =
        format!("<e:Header><w:Security {WSSE} e:mustUnderstand=\"1\">{inside}</w:Security></e:Header><e:Body>");
    echo.send(&envelope("<t:behave/>").replace("<e:Body>", &header))
}

fn is_fine(answer: &Answer) -> bool {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text().contains("<Fine>true</Fine>")
}

fn digest(nonce: &str, created: &str, password: &str) -> String {
    let digest = Sha1::new().chain_update(nonce).chain_update(created).chain_update(password).finalize();
    format!(
        "<w:UsernameToken><w:Username>ann</w:Username><w:Password Type=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest\">{}</w:Password>\
         <w:Nonce>{}</w:Nonce><u:Created>{created}</u:Created></w:UsernameToken>",
        STANDARD.encode(digest),
        STANDARD.encode(nonce)
    )
}

#[test]
fn basic_and_tokens_say_who_calls() {
    let echo = TestEcho::start();
    let basic = |password: &str| {
        let field = format!("Basic {}", STANDARD.encode(format!("ann:{password}")));
        echo.post("text/xml", &[("Authorization", &field)], envelope("<t:behave/>").as_bytes())
    };
    assert!(is_fine(&basic(PASSWORD)));
    assert!(!is_fine(&basic("wrong")));
    assert!(!is_fine(&echo.send(&envelope("<t:behave/>"))));
    let token = |password: &str| {
        format!("<w:UsernameToken><w:Username>ann</w:Username><w:Password>{password}</w:Password></w:UsernameToken>")
    };
    assert!(is_fine(&send(&echo, &token(PASSWORD))));
    assert!(!is_fine(&send(&echo, &token("wrong"))));
}

#[test]
fn a_digest_counts_once_and_while_it_is_fresh() {
    let echo = TestEcho::start();
    let now = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    assert!(!is_fine(&send(&echo, &digest("n1", &now, "wrong"))));
    assert!(is_fine(&send(&echo, &digest("n1", &now, PASSWORD))));
    let seen = fault("replayed", &send(&echo, &digest("n1", &now, PASSWORD)));
    assert_eq!((seen.code.as_str(), seen.detail), ("SOAP-ENV:Client", None));
    fault("old", &send(&echo, &digest("n2", "2020-01-01T00:00:00Z", PASSWORD)));
    let without = digest("n3", &now, PASSWORD).replace("w:Nonce>", "w:Other>");
    assert_eq!(fault("without nonce", &send(&echo, &without)).code, "SOAP-ENV:MustUnderstand");
}

#[test]
fn anything_else_in_a_security_block_is_not_understood() {
    let echo = TestEcho::start();
    let token = "<w:UsernameToken><w:Username>ann</w:Username><w:Password>secret</w:Password></w:UsernameToken>";
    for inside in [
        format!("{token}<d:Signature xmlns:d=\"http://www.w3.org/2000/09/xmldsig#\"/>"),
        "<w:BinarySecurityToken/>".to_owned(),
        String::new(),
        format!("{token}{token}"),
    ] {
        assert_eq!(fault(&inside, &send(&echo, &inside)).code, "SOAP-ENV:MustUnderstand");
    }
}

#[test]
fn a_header_block_that_the_service_knows_is_understood_and_read() {
    let echo = TestEcho::start();
    let send = |version: &str, block: &str| {
        let message = envelope("<t:behave/>").replace("<e:Body>", &format!("<e:Header>{block}</e:Header><e:Body>"));
        echo.send(&message.replace(ENV11, version))
    };
    for (version, role) in [(ENV11, "actor"), (ENV12, "role")] {
        for who in ["", "urn:understudy:echo:role"] {
            let ticket = |text: &str| format!("<t:Ticket e:mustUnderstand=\"1\" e:{role}=\"{who}\">{text}</t:Ticket>");
            assert!(send(version, &ticket("secret")).text().contains("<Fine>true</Fine>"));
            assert!(send(version, &ticket("guessed")).text().contains("<Fine>false</Fine>"));
        }
        // One that is meant for somebody else is not read, and does no harm.
        let other = format!("<t:Ticket e:mustUnderstand=\"1\" e:{role}=\"urn:other\">secret</t:Ticket>");
        assert!(send(version, &other).text().contains("<Fine>false</Fine><Colour>red</Colour>"));
        // Known is a name in its namespace.
        for strange in ["<Ticket e:mustUnderstand=\"1\"/>", "<t:Tickets e:mustUnderstand=\"1\"/>"] {
            let answer = send(version, &format!("<t:Ticket>secret</t:Ticket>{strange}"));
            assert!(fault(strange, &answer).code.ends_with(":MustUnderstand"));
        }
    }
    // What is no truth value is refused, be the block known or not.
    let answer = send(ENV12, "<t:Ticket e:mustUnderstand=\"perhaps\">secret</t:Ticket>");
    assert_eq!(fault("neither true nor false", &answer).code, "env:Sender");
    let seen = fault("a reference to nothing", &send(ENV11, "<t:Ticket href=\"#no\"/>"));
    assert_eq!(seen.code, "SOAP-ENV:Client");
}
