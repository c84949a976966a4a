//! E-mail addresses as people type them: checked, kept as entered, compared in one normal form.

/// An address that can be mailed: one `@`, RFC 5321 sizes, a host name with a dot or an address literal.
/// Keeps what was entered; [`EmailAddress::key`] is what is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailAddress {
    entered: String,
    key: String,
}

impl EmailAddress {
    /// Reads an address. Blanks around it are dropped.
    ///
    /// `None` for anything that is no single mailable address: no or two `@`, quotes, blanks, control characters, commas, brackets,
    /// a local part over 64 or an address over 254 octets (RFC 5321 4.5.3.1), a host without a dot, empty or over-long labels,
    /// labels that begin or end with a hyphen. Non-ASCII letters are allowed on both sides (RFC 6531).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let entered = text.trim_matches([' ', '\t']);
        if entered.len() > 254 {
            return None;
        }
        let (local, host) = entered.rsplit_once('@')?;
        if !is_local_part(local) || !is_host(host) {
            return None;
        }
        Some(Self { entered: entered.to_owned(), key: entered.to_lowercase() })
    }

    /// The address as entered, for showing and sending.
    #[must_use]
    pub fn entered(&self) -> &str {
        &self.entered
    }

    /// The normal form, for comparing and indexing: lower case throughout, because no list of the old platforms told `A@x` from `a@x`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

fn is_local_part(local: &str) -> bool {
    (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|c| {
            c.is_ascii_alphanumeric()
                || "!#$%&'*+-/=?^_`{|}~.".contains(c)
                || (!c.is_ascii() && !c.is_control() && !c.is_whitespace() && c != '\u{FFFD}')
        })
}

fn is_host(host: &str) -> bool {
    if let Some(literal) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let ip = literal.strip_prefix("IPv6:").unwrap_or(literal);
        return ip.parse::<std::net::IpAddr>().is_ok();
    }
    let labels: Vec<&str> = host.split('.').collect();
    labels.len() >= 2
        && labels.iter().all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || (!c.is_ascii() && c.is_alphanumeric()))
        })
        && !labels.last().is_some_and(|top| top.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailable_addresses_are_read_and_others_refused() {
        for good in [
            "a@b.co",
            " a.b+c@Example.COM ",
            "o'neil@example.org",
            "jörg@müller.example",
            "a@[127.0.0.1]",
            "a@[IPv6:::1]",
        ] {
            assert!(EmailAddress::parse(good).is_some(), "{good}");
        }
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long = format!("a@{}.com", "b".repeat(300));
        for bad in [
            "",
            "a",
            "@b.co",
            "a@",
            "a@b",
            "a@@b.co",
            "a b@c.de",
            "a@b..co",
            ".a@b.co",
            "a.@b.co",
            "a..b@c.de",
            "a@-b.co",
            "a@b-.co",
            "a@b.co,c@d.ee",
            "a@b.co\r\nBcc: x@y.zz",
            "a\u{0}@b.co",
            "<a@b.co>",
            "a@1.2.3.4",
            "a@[nope]",
            "a\u{FFFD}b@c.de",
            &long_local,
            &long,
        ] {
            assert!(EmailAddress::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn the_key_ignores_case_and_the_entered_form_stays() {
        let address = EmailAddress::parse("  John.Doe@Example.COM").expect("good address");
        assert_eq!((address.entered(), address.key()), ("John.Doe@Example.COM", "john.doe@example.com"));
    }
}
