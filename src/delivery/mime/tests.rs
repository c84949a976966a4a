//! Letters as bytes: whole mails, every try alike, nothing smuggled in.

use std::sync::Arc;

use super::*;
use crate::domain::envelope_senders::Posted;
use crate::model::ids::{AccountId, ListId, MailId, RecipientId};

fn letter() -> Letter {
    Letter {
        posted: Posted::Mail(MailId(7)),
        account: AccountId(1),
        kind: LetterKind::Transactional,
        from_name: "Jürgen Müller".to_owned(),
        from_email: "sender@example.org".to_owned(),
        reply_to_name: String::new(),
        reply_to: "answers@example.org".to_owned(),
        to: "reader@example.com".to_owned(),
        subject: "Bitte bestätigen".to_owned(),
        plain: "Grüße\nzweite Zeile".to_owned(),
        html: String::new(),
        headers: Vec::new(),
        created_at: UtcTime(1_700_000_000_000_000),
        bulk: None,
        enclosures: Arc::default(),
    }
}

fn campaign() -> Letter {
    let bulk = Bulk {
        list: ListId(12),
        list_name: "News, weekly".to_owned(),
        campaign: 34,
        sort: "campaign",
        unsubscribe_url: "https://lists.example/unsubscribe/12-3-0123456789abcdef".to_owned(),
    };
    Letter {
        posted: Posted::Recipient(RecipientId(99)),
        kind: LetterKind::Campaign,
        html: "<p>Grüße</p>".to_owned(),
        bulk: Some(bulk),
        ..letter()
    }
}

fn imprint() -> Imprint {
    let mut settings = Settings::default();
    settings.security.link_secret = "secret".to_owned();
    settings.server.public_url = "https://lists.example".to_owned();
    settings.returns.domain = "back.example".to_owned();
    settings.letters.feedback_sender = "sender1".to_owned();
    settings.letters.complaints_address = "fbl@back.example".to_owned();
    Imprint::of(&settings)
}

fn text(letter: &Letter) -> String {
    String::from_utf8(build(letter, &imprint()).expect("good letter")).expect("ASCII")
}

#[test]
fn a_transactional_letter_is_one_part_marked_as_automatic() {
    insta::assert_snapshot!(text(&letter()).replace("\r\n", "\n"));
}

#[test]
fn a_campaign_letter_says_how_to_leave() {
    insta::assert_snapshot!(text(&campaign()).replace("\r\n", "\n"));
}

#[test]
fn pictures_stand_beside_the_html_and_files_behind_all() {
    let picture = Enclosure {
        name: "Logo.png".to_owned(),
        mime_type: "image/png".to_owned(),
        content_id: "logo@x".to_owned(),
        content: Arc::from(&b"\x89PNG\r\n\x1a\n"[..]),
    };
    let file = Enclosure {
        name: "Überblick \"2026\" 📈.pdf".to_owned(),
        mime_type: "application/pdf".to_owned(),
        content_id: String::new(),
        content: Arc::from(vec![b'x'; 100]),
    };
    let html = "<img src=\"cid:logo@x\">".to_owned();
    insta::assert_snapshot!(
        text(&Letter { html, enclosures: Arc::from([picture, file]), ..letter() }).replace("\r\n", "\n")
    );
}

#[test]
fn every_try_makes_the_same_mail_without_bare_line_breaks() {
    for letter in [letter(), campaign()] {
        let made = text(&letter);
        assert_eq!(made, text(&letter));
        assert!(!made.replace("\r\n", "").contains(['\r', '\n']), "{made}");
        for name in ["From", "To", "Date", "Message-ID", "Subject", "MIME-Version", "Content-Type", "X-Mailing-Ref"] {
            let n = made.split("\r\n").filter(|line| line.starts_with(&format!("{name}: "))).count();
            assert!(n == 1 || (name == "Content-Type" && n > 0), "{n} of {name} in\n{made}");
        }
    }
    assert_ne!(text(&campaign()), text(&Letter { posted: Posted::Recipient(RecipientId(98)), ..campaign() }));
}

#[test]
fn what_would_smuggle_a_header_is_refused() {
    for evil in
        ["x\r\nBcc: victim@example.net", "x\nBcc: v@example.net", "x\rBcc: v@example.net", "x\u{0}y", "x\u{85}y"]
    {
        let evil = || evil.to_owned();
        let bulk = |change: fn(&mut Bulk, String)| {
            let mut bulk = campaign().bulk.expect("bulk");
            change(&mut bulk, evil());
            Letter { bulk: Some(bulk), ..campaign() }
        };
        for bad in [
            Letter { subject: evil(), ..letter() },
            Letter { from_name: evil(), ..letter() },
            Letter { from_email: evil(), ..letter() },
            Letter { reply_to: evil(), ..letter() },
            Letter { reply_to_name: evil(), ..letter() },
            Letter { to: evil(), ..letter() },
            Letter { headers: vec![("X-Note", evil())], ..letter() },
            bulk(|bulk, evil| bulk.list_name = evil),
            bulk(|bulk, evil| bulk.unsubscribe_url = evil),
        ] {
            assert!(matches!(build(&bad, &imprint()), Err(BuildError::Control(_))), "{bad:?}");
        }
    }
    for (name, value) in
        [("Bcc", "a@b.example"), ("subject", "x"), ("X Y", "x"), ("X:", "x"), ("X\r\nBcc", "x"), ("", "x")]
    {
        let bad = Letter { headers: vec![(name, value.to_owned())], ..letter() };
        assert!(matches!(build(&bad, &imprint()), Err(BuildError::Taken(_))), "{name}");
    }
    assert!(build(&Letter { to: "no address".to_owned(), ..letter() }, &imprint()).is_err());
    assert!(build(&Letter { to: "a@x.example, b@x.example".to_owned(), ..letter() }, &imprint()).is_err());
}

#[test]
fn file_names_and_types_cannot_break_out_of_their_part() {
    let file = |name: &str, mime_type: &str| {
        let enclosure = Enclosure {
            name: name.to_owned(),
            mime_type: mime_type.to_owned(),
            content_id: String::new(),
            content: Arc::from(&b"x"[..]),
        };
        build(&Letter { enclosures: Arc::from([enclosure]), ..letter() }, &imprint())
    };
    let made = String::from_utf8(file("a\r\nX-Evil: 1\".txt", "text/plain").expect("built")).expect("ASCII");
    assert!(!made.contains("\r\nX-Evil"), "{made}");
    for bad in ["", "nonsense", "text/plain\r\nX-Evil: 1"] {
        assert!(
            file("a.txt", bad).map_or(true, |made| !String::from_utf8_lossy(&made).contains("\r\nX-Evil")),
            "{bad}"
        );
    }
}

#[test]
fn domains_are_written_in_ascii_and_local_parts_as_they_are() {
    let made = text(&Letter {
        from_email: "Info@Bücher.example".to_owned(),
        to: "Reader@Straße.EXAMPLE".to_owned(),
        ..letter()
    });
    assert!(made.contains("<Info@xn--bcher-kva.example>\r\n"), "{made}");
    assert!(made.contains("To: Reader@xn--strae-oqa.example\r\n"), "{made}");
    assert!(made.contains("@xn--bcher-kva.example>\r\nX") || made.contains("@xn--bcher-kva.example>\r\nA"), "{made}");
    assert_eq!(wire_address("用户@example.com").as_deref(), Some("用户@example.com"));
    assert_eq!(wire_address("a@[192.0.2.1]").as_deref(), Some("a@[192.0.2.1]"));
    assert_eq!(wire_address("a@b"), None);
}

#[test]
fn one_line_of_a_million_octets_and_lines_of_dots_are_divided() {
    let html = format!("<p>{}</p>", "x".repeat(1_000_000));
    let made = text(&Letter { html, plain: ".\n..\n. a\n".to_owned(), ..letter() });
    assert!(made.split("\r\n").all(|line| line.len() <= 78), "a line is too long");
    assert!(made.contains("\r\n.\r\n..\r\n. a\r\n"), "dots are the transport's business");
}

#[test]
fn a_text_cannot_end_its_part() {
    let token = envelope_senders::token("secret", Posted::Mail(MailId(7)));
    let evil = format!("--=_alt_{token}\nContent-Type: text/html\n\n<b>evil</b>\n");
    let made = text(&Letter { plain: evil.clone(), html: evil, ..letter() });
    assert_eq!(made.matches(&format!("--=_alt_{token}")).count(), 3, "{made}");
}
