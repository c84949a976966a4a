//! Destinations and what they put up with (ML-3.5), as data in `sites.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

/// A destination: every domain whose mail goes to the same servers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::delivery) struct Site {
    pub name: String,
    /// Ends of the names of its mail servers.
    mx: Vec<String>,
    /// Connections open at once.
    pub connections: usize,
    /// Messages on one.
    pub messages: u32,
    /// Messages a second at most; `None` for no bound beside the connections.
    pub per_second: Option<f64>,
    /// Mail to it goes encrypted or not at all.
    #[serde(default)]
    pub needs_tls: bool,
    /// What follows when it asks for less.
    pub slow: Slow,
    /// What makes it close altogether for a while.
    pub stop: Option<Stop>,
}

/// So little, for so long.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::delivery) struct Slow {
    pub per_minute: f64,
    pub minutes: u64,
}

/// Nothing after one of these texts, for so long.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::delivery) struct Stop {
    /// In lower case.
    pub texts: Vec<String>,
    pub minutes: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    sites: Vec<Site>,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(include_str!("sites.toml")).expect("the table is read in a test"));

/// The destination that a mail server belongs to; the first of the table for those that are not known.
pub(in crate::delivery) fn site_of(mx_host: &str) -> &'static Site {
    let host = mx_host.trim_end_matches('.').to_ascii_lowercase();
    let is_at =
        |end: &String| host.strip_suffix(end.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    TABLE.sites.iter().find(|site| site.mx.iter().any(is_at)).unwrap_or(&TABLE.sites[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_told_by_its_mail_servers() {
        for (host, name) in [
            ("aspmx.l.google.com.", "google"),
            ("ALT1.ASPMX.L.GOOGLE.COM", "google"),
            ("mta5.am0.yahoodns.net", "yahoo"),
            ("example-com.mail.protection.outlook.com", "microsoft365"),
            ("outlook-com.olc.protection.outlook.com", "outlook"),
            ("notgoogle.com", "default"),
            ("mail.example.com", "default"),
        ] {
            assert_eq!(site_of(host).name, name, "{host}");
        }
        assert!(TABLE.sites[0].mx.is_empty(), "the first site is the default");
    }
}
