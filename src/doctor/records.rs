//! TXT records of DKIM and DMARC: lists of tags (RFC 6376 3.2, RFC 7489 6.4).

/// The tags of a record, names in lower case, blanks removed around both sides. What has no `=` is no tag.
pub(super) fn tags(record: &str) -> Vec<(String, String)> {
    let pairs = record.split(';').filter_map(|tag| tag.split_once('='));
    pairs.map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned())).collect()
}

/// The value of a tag.
pub(super) fn value<'t>(tags: &'t [(String, String)], name: &str) -> Option<&'t str> {
    tags.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
}

/// Whether the record begins with this version, as it must.
pub(super) fn is_version(record: &str, version: &str) -> bool {
    tags(record).first().is_some_and(|(name, value)| name == "v" && value.eq_ignore_ascii_case(version))
}

/// Why a key record does not let receivers check what a key signs; `None` when it does (ML-11.3).
/// `algorithm` is `rsa` or `ed25519`, `public_key` our half in base64.
pub(super) fn key_fault(record: &str, algorithm: &str, public_key: &str) -> Option<String> {
    let tags = tags(record);
    if let Some(place) = tags.iter().position(|(name, _)| name == "v")
        && (place != 0 || tags[place].1 != "DKIM1")
    {
        return Some("the record does not begin with v=DKIM1".to_owned());
    }
    let Some(published) = value(&tags, "p") else { return Some("the record holds no key (p=)".to_owned()) };
    let published: String = published.split_ascii_whitespace().collect();
    if published.is_empty() {
        return Some("the key is revoked (p= is empty)".to_owned());
    }
    let kind = value(&tags, "k").unwrap_or("rsa");
    if !kind.eq_ignore_ascii_case(algorithm) {
        return Some(format!("the record says k={kind}, the key is {algorithm}"));
    }
    let lists = |name: &str, wanted: &[&str]| {
        value(&tags, name)
            .is_none_or(|list| list.split(':').any(|one| wanted.contains(&one.trim().to_ascii_lowercase().as_str())))
    };
    if !lists("h", &["sha256"]) {
        return Some("the record does not allow sha256 (h=)".to_owned());
    }
    if !lists("s", &["*", "email"]) {
        return Some("the record is not for e-mail (s=)".to_owned());
    }
    if published == public_key {
        return None;
    }
    Some(match public_key.starts_with(&published) {
        true => "the published key is cut off".to_owned(),
        false => "another key is published".to_owned(),
    })
}

/// Whether receivers are told not to count on the key yet (RFC 6376 3.6.1, `t=y`).
pub(super) fn is_trial(record: &str) -> bool {
    value(&tags(record), "t").is_some_and(|flags| flags.split(':').any(|flag| flag.trim().eq_ignore_ascii_case("y")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_record_lets_receivers_check_or_it_is_told_why_not() {
        for (record, fault) in [
            ("v=DKIM1; k=rsa; p=QUJD", None),
            ("p=QU JD", None),
            ("v=DKIM1;K=RSA;h=sha1:sha256;s=email;p=QUJD;", None),
            ("v=DKIM1; k=rsa; p=", Some("revoked")),
            ("v=DKIM1; k=rsa", Some("no key")),
            ("k=rsa; v=DKIM1; p=QUJD", Some("begin with")),
            ("v=DKIM1; k=ed25519; p=QUJD", Some("k=ed25519")),
            ("v=DKIM1; h=sha1; p=QUJD", Some("sha256")),
            ("v=DKIM1; s=tlsrpt; p=QUJD", Some("e-mail")),
            ("v=DKIM1; p=QUJ", Some("cut off")),
            ("v=DKIM1; p=WFla", Some("another key")),
        ] {
            let found = key_fault(record, "rsa", "QUJD");
            assert_eq!(found.is_some(), fault.is_some(), "{record}: {found:?}");
            assert!(found.unwrap_or_default().contains(fault.unwrap_or_default()), "{record}");
        }
        assert!(is_trial("v=DKIM1; t=s:y; p=QUJD") && !is_trial("v=DKIM1; t=s; p=QUJD"));
    }

    #[test]
    fn a_version_stands_first() {
        assert!(is_version("v=DMARC1; p=none", "DMARC1") && is_version(" V = dmarc1", "DMARC1"));
        assert!(!is_version("p=none; v=DMARC1", "DMARC1") && !is_version("v=spf1 -all", "DMARC1"));
    }
}
