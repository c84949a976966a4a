//! Groups of destinations, told by the recipient's domain: what providers think of a sender, each thinks for itself.

/// The domains that everybody can have a mailbox at; a name that ends in a dot stands for itself in every country.
const GROUPS: [(&str, &[&str]); 6] = [
    ("google", &["gmail.com", "googlemail.com"]),
    ("yahoo", &["yahoo.", "ymail.com", "rocketmail.com", "aol.", "verizon.net"]),
    ("outlook", &["outlook.", "hotmail.", "live.", "msn.com"]),
    ("icloud", &["icloud.com", "me.com", "mac.com"]),
    ("comcast", &["comcast.net"]),
    ("orange", &["orange.fr", "wanadoo.fr"]),
];

/// The group of an address; empty for all that are not named.
#[must_use]
pub fn group_of(address: &str) -> &'static str {
    let domain = address.rsplit_once('@').map_or(address, |(_, domain)| domain).to_ascii_lowercase();
    let is_one = |name: &&str| match name.strip_suffix('.') {
        // `yahoo.fr`, `yahoo.co.uk`, but not `yahoo.example.org`.
        Some(stem) => domain.strip_prefix(stem).and_then(|rest| rest.strip_prefix('.')).is_some_and(is_country),
        None => domain == *name,
    };
    GROUPS.iter().find(|(_, names)| names.iter().any(is_one)).map_or("", |(group, _)| group)
}

/// What may stand behind the name of a provider: `com`, `fr`, `co.uk`, `com.br`.
fn is_country(rest: &str) -> bool {
    let is_short = |label: &str, longest: usize| (2..=longest).contains(&label.len());
    match rest.split_once('.') {
        None => is_short(rest, 3),
        Some((kind, country)) => is_short(kind, 3) && is_short(country, 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_providers_are_known_in_every_country() {
        for (address, group) in [
            ("a@gmail.com", "google"),
            ("a@GoogleMail.com", "google"),
            ("a@yahoo.co.uk", "yahoo"),
            ("a@yahoo.com", "yahoo"),
            ("a@hotmail.fr", "outlook"),
            ("a@live.com.au", "outlook"),
            ("a@me.com", "icloud"),
            ("a@yahoo.example.org", ""),
            ("a@live.example", ""),
            ("a@notgmail.com", ""),
            ("a@x.gmail.com", ""),
            ("a@example.com", ""),
            ("", ""),
        ] {
            assert_eq!(group_of(address), group, "{address}");
        }
    }
}
