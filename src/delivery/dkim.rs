//! DKIM signatures (ML-2.1 to ML-2.4; RFC 6376, 8301, 8463): relaxed/relaxed, over the exact bytes that go out before dots are doubled.
//!
//! ring signs. Keys are parsed once; an RSA signature takes about a millisecond, so it is made off the async threads, see [`super::signers`].

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{Context, SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

use crate::domain::sender_domains::SenderKey;
use crate::model::states::SigningAlgorithm;
use crate::model::time::UtcTime;

/// Header fields that are signed when they are there (RFC 6376 5.4.1; RFC 8058 4 asks for those of unsubscribing, RFC 9477 3.1 for the last).
const SIGNED: [&str; 15] = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "sender",
    "reply-to",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "feedback-id",
    "cfbl-address",
];
/// Named once more than they are there, so that nobody can add another one (RFC 6376 8.15).
const OVERSIGNED: [&str; 2] = ["from", "subject"];
/// Where base64 is folded, in characters.
const FOLD: usize = 72;

/// A key ready to sign.
#[derive(Debug)]
pub(super) struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

#[derive(Debug)]
enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

/// A key that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the signing key {selector} of {domain} is unreadable")]
pub(super) struct BadKey {
    domain: String,
    selector: String,
}

impl Signer {
    /// Parses a key.
    pub fn new(row: &SenderKey) -> Result<Self, BadKey> {
        let bad = || BadKey { domain: row.domain.clone(), selector: row.selector.clone() };
        let der = BASE64_STANDARD.decode(&row.private_key).map_err(|_| bad())?;
        let key = match row.algorithm {
            SigningAlgorithm::RsaSha256 => Key::Rsa(Box::new(RsaKeyPair::from_pkcs8(&der).map_err(|_| bad())?)),
            SigningAlgorithm::Ed25519 => Key::Ed25519(Box::new(Ed25519KeyPair::from_pkcs8(&der).map_err(|_| bad())?)),
        };
        Ok(Self { domain: row.domain.clone(), selector: row.selector.clone(), key })
    }

    const fn algorithm(&self) -> &'static str {
        match self.key {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// The base64 of a signature over canonical header text.
    fn sign(&self, text: &[u8]) -> Option<String> {
        match &self.key {
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).ok()?;
                Some(BASE64_STANDARD.encode(signature))
            }
            // RFC 8463 3: what is signed is the hash.
            Key::Ed25519(pair) => Some(BASE64_STANDARD.encode(pair.sign(digest(&SHA256, text).as_ref()))),
        }
    }
}

/// The signature fields of a message, each with its line end, to be put before it. `None` when a key failed.
pub(super) fn sign(signers: &[Signer], message: &[u8], now: UtcTime) -> Option<Vec<u8>> {
    let (fields, body) = split(message);
    let body_hash = BASE64_STANDARD.encode(hash_of_body(body));
    let (names, signed) = signed_fields(&fields);
    let mut head = String::new();
    for signer in signers {
        let mut field = String::from("DKIM-Signature: v=1;");
        let _ = write!(
            field,
            " a={}; c=relaxed/relaxed;\r\n d={}; s={}; t={};\r\n h={};\r\n bh={body_hash};\r\n b=",
            signer.algorithm(),
            signer.domain,
            signer.selector,
            now.0.div_euclid(1_000_000),
            folded(&names, ":"),
        );
        let mut text = signed.clone();
        put_relaxed(&mut text, field.as_bytes());
        // RFC 6376 3.7: the signature's own field comes last and without its line end.
        text.truncate(text.len() - 2);
        let signature = signer.sign(&text)?;
        for (place, piece) in signature.as_bytes().chunks(FOLD).enumerate() {
            field.push_str(if place == 0 { "" } else { "\r\n " });
            field.push_str(&String::from_utf8_lossy(piece));
        }
        field.push_str("\r\n");
        head.push_str(&field);
    }
    Some(head.into_bytes())
}

/// The header fields, each with its line ends, and the body.
fn split(message: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let mut fields: Vec<&[u8]> = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < message.len() {
        let end = memchr::memchr(b'\n', &message[at..]).map_or(message.len(), |found| at + found + 1);
        let line = &message[at..end];
        let is_continued = matches!(message.get(end), Some(b' ' | b'\t'));
        if line == b"\r\n" || line == b"\n" {
            return (fields, &message[end..]);
        }
        if !is_continued {
            fields.push(&message[start..end]);
            start = end;
        }
        at = end;
    }
    (fields, &[])
}

/// The names for `h=` and the canonical text of the fields behind them. Of fields with one name the last comes first (RFC 6376 5.4.2).
fn signed_fields(fields: &[&[u8]]) -> (Vec<&'static str>, Vec<u8>) {
    let (mut names, mut text) = (Vec::new(), Vec::new());
    for name in SIGNED {
        for field in fields.iter().rev().filter(|field| is_named(field, name)) {
            names.push(name);
            put_relaxed(&mut text, field);
        }
        if OVERSIGNED.contains(&name) {
            names.push(name);
        }
    }
    (names, text)
}

fn is_named(field: &[u8], name: &str) -> bool {
    let written = field.split(|byte| *byte == b':').next().unwrap_or_default();
    written.trim_ascii_end().eq_ignore_ascii_case(name.as_bytes())
}

/// RFC 6376 3.4.2: the name in lower case, unfolded, blanks in a row as one, none around the colon and at the end.
fn put_relaxed(out: &mut Vec<u8>, field: &[u8]) {
    let colon = memchr::memchr(b':', field).unwrap_or(field.len());
    out.extend(field[..colon].trim_ascii_end().iter().map(u8::to_ascii_lowercase));
    out.push(b':');
    let start = out.len();
    for byte in field.get(colon + 1..).unwrap_or_default() {
        match byte {
            b'\r' | b'\n' => {}
            b' ' | b'\t' if out.len() == start || out.ends_with(b" ") => {}
            b' ' | b'\t' => out.push(b' '),
            byte => out.push(*byte),
        }
    }
    if out.len() > start && out.ends_with(b" ") {
        out.pop();
    }
    out.extend_from_slice(b"\r\n");
}

/// RFC 6376 3.4.4: blanks in a row as one, none at line ends, no empty lines at the end.
fn hash_of_body(body: &[u8]) -> impl AsRef<[u8]> {
    let mut hash = Context::new(&SHA256);
    let mut line = Vec::with_capacity(1_024);
    let mut n_empty = 0_usize;
    for raw in body.split_inclusive(|byte| *byte == b'\n') {
        let text = raw.strip_suffix(b"\n").unwrap_or(raw);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        line.clear();
        for byte in text {
            match byte {
                b' ' | b'\t' if line.ends_with(b" ") => {}
                b' ' | b'\t' => line.push(b' '),
                byte => line.push(*byte),
            }
        }
        if line.ends_with(b" ") {
            line.pop();
        }
        if line.is_empty() {
            n_empty += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut n_empty) {
            hash.update(b"\r\n");
        }
        line.extend_from_slice(b"\r\n");
        hash.update(&line);
    }
    hash.finish()
}

/// Words joined, with a new line before it gets too long.
fn folded(words: &[&str], between: &str) -> String {
    let mut text = String::new();
    let mut width = 0;
    for (place, word) in words.iter().enumerate() {
        if place > 0 {
            text.push_str(between);
            width += between.len();
            if width + word.len() > FOLD {
                text.push_str("\r\n ");
                width = 0;
            }
        }
        text.push_str(word);
        width += word.len();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::borrow::Borrow;
    use std::collections::HashMap;
    use std::hash::Hash;
    use std::sync::Arc;
    use std::time::Instant;

    use hickory_resolver::config::{ResolverConfig, ResolverOpts};
    use mail_auth::common::parse::TxtRecordParser;
    use mail_auth::common::verify::DomainKey;
    use mail_auth::{AuthenticatedMessage, DkimResult, MessageAuthenticator, Parameters, ResolverCache, Txt};

    use super::*;
    use crate::delivery::signing_keys;
    use crate::domain::sender_domains::{self, KeyPair};
    use crate::model::ids::{AccountId, SenderKeyId};
    use crate::model::states::SenderKeyState;

    const MESSAGE: &str = "Received: by nobody\r\nFrom: =?utf-8?q?M=C3=BCller?= <news@example.org>\r\nTo: a@example.com\r\n\
        Subject:  two  blanks \t and\r\n\ta fold  \r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\nMessage-ID: <1@example.org>\r\n\
        List-Unsubscribe: <https://example.org/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nFeedback-ID: 1:2:3:understudy\r\n\
        MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        .dots\r\n..more  \r\n\r\n \t\r\ntail =20\r\n\r\n\r\n";

    /// Answers DNS queries out of a map.
    struct Zone<K, V>(HashMap<K, V>);

    impl<K: Hash + Eq, V: Clone> ResolverCache<K, V> for Zone<K, V> {
        fn get<Q: Hash + Eq + ?Sized>(&self, name: &Q) -> Option<V>
        where
            K: Borrow<Q>,
        {
            self.0.get(name).cloned()
        }

        fn remove<Q: Hash + Eq + ?Sized>(&self, _name: &Q) -> Option<V>
        where
            K: Borrow<Q>,
        {
            None
        }

        fn insert(&self, _key: K, _value: V, _valid_until: Instant) {}
    }

    fn keys() -> Vec<SenderKey> {
        [(SigningAlgorithm::RsaSha256, "r"), (SigningAlgorithm::Ed25519, "e")]
            .map(|(algorithm, selector)| row(signing_keys::make(algorithm).expect("key"), selector))
            .into()
    }

    fn row(pair: KeyPair, selector: &str) -> SenderKey {
        SenderKey {
            id: SenderKeyId(1),
            account_id: AccountId::NONE,
            domain: "example.org".to_owned(),
            selector: selector.to_owned(),
            algorithm: pair.algorithm,
            private_key: pair.private_key,
            public_key: pair.public_key,
            state: SenderKeyState::Signing,
            created_at: UtcTime(0),
            changed_at: UtcTime(0),
        }
    }

    /// What another library says of each signature.
    async fn verdicts(keys: &[SenderKey], signed: &[u8]) -> Vec<bool> {
        let record = |key: &SenderKey| {
            let text = sender_domains::record_texts(key).concat();
            let parsed = DomainKey::parse(text.as_bytes()).expect("record");
            (format!("{}.", sender_domains::record_name(key)).into_boxed_str(), Txt::DomainKey(Arc::new(parsed)))
        };
        let texts = Zone(keys.iter().map(record).collect());
        let message = AuthenticatedMessage::parse(signed).expect("message");
        let resolver = MessageAuthenticator::new(ResolverConfig::default(), ResolverOpts::default()).expect("resolver");
        let parameters = Parameters {
            params: &message,
            cache_txt: Some(&texts),
            cache_mx: None::<&Zone<_, _>>,
            cache_ptr: None::<&Zone<_, _>>,
            cache_ipv4: None::<&Zone<_, _>>,
            cache_ipv6: None::<&Zone<_, _>>,
        };
        let found = resolver.verify_dkim(parameters).await;
        found.iter().map(|output| *output.result() == DkimResult::Pass).collect()
    }

    fn signed(keys: &[SenderKey], message: &str) -> Vec<u8> {
        let signers: Vec<Signer> = keys.iter().map(|key| Signer::new(key).expect("key")).collect();
        let mut signed = sign(&signers, message.as_bytes(), UtcTime::now()).expect("signed");
        signed.extend_from_slice(message.as_bytes());
        signed
    }

    #[tokio::test]
    async fn another_library_finds_both_signatures_good_and_any_change_bad() {
        let keys = keys();
        for message in [
            MESSAGE,
            "From: a@example.org\r\n\r\n",
            "From: a@example.org\r\n\r\nno line end",
            "From: a@example.org\r\n",
        ] {
            assert_eq!(verdicts(&keys, &signed(&keys, message)).await, [true, true], "{message:?}");
        }
        let good = String::from_utf8(signed(&keys, MESSAGE)).expect("text");
        for (old, new) in [
            ("..more", "..less"),
            ("two  blanks", "three blanks"),
            ("To: a@", "To: b@"),
            ("example.org/u>", "example.org/v>"),
            ("MIME-Version", "Subject: another\r\nMIME-Version"),
            ("MIME-Version", "From: evil@example.org\r\nMIME-Version"),
        ] {
            let changed = good.replace(old, new);
            assert_eq!(verdicts(&keys, changed.as_bytes()).await, [false, false], "{old} became {new}");
        }
        let unfolded =
            good.replace(" \t and\r\n\ta fold  \r\n", " and a fold\r\n").replace("Received: by nobody\r\n", "");
        assert_eq!(verdicts(&keys, unfolded.as_bytes()).await, [true, true], "what is relaxed may change");
    }

    #[test]
    fn headers_stay_short_and_name_what_is_covered() {
        let keys = keys();
        let text = String::from_utf8(signed(&keys, MESSAGE)).expect("text");
        assert!(text.lines().all(|line| line.len() <= 78), "{text}");
        let head: String = text.split("From:").next().unwrap_or_default().replace("\r\n ", "");
        assert!(head.contains("h=from:from:to:subject:subject:date:message-id:"), "{head}");
        assert!(head.contains(":list-unsubscribe:list-unsubscribe-post:feedback-id;"), "{head}");
        assert!(head.contains("c=relaxed/relaxed") && !head.contains("l="), "{head}");
    }

    #[test]
    fn an_unreadable_key_is_told() {
        let mut key = keys().remove(0);
        "bm8ga2V5".clone_into(&mut key.private_key);
        assert!(Signer::new(&key).expect_err("unreadable").to_string().contains("example.org"));
    }
}
