//! The terms of a key for web services, and how they are kept: comma lists beside the credential.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::domain::credentials::Credential;
use crate::model::ids::{CredentialId, ListId};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::projects::KeyTermsRow;

/// Longest note and name of a person, in characters.
const LONGEST_LINE: usize = 250;
/// Addresses, projects, tables and endpoints at most, each.
const MOST_ENTRIES: usize = 200;

/// Under what terms a key is good. Empty lists mean all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// What it is for, in the issuer's words.
    pub note: String,
    /// Who answers for it.
    pub contact_person: String,
    /// The addresses and networks it may be used from.
    pub addresses: Vec<IpRange>,
    /// The projects it reaches.
    pub projects: Vec<ListId>,
    /// The relational tables it reaches.
    pub tables: Vec<i64>,
    /// What it may call: `Service.Method` or `Service.*`, compared without case.
    pub endpoints: Vec<String>,
    /// Calls a day (of UTC); 0 for no limit.
    pub calls_per_day: i64,
    /// The moment it ends; `None` for never.
    pub expires_at: Option<UtcTime>,
}

/// Why terms make no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTerms {
    /// The end is not in the future.
    #[error("the expiry is in the past")]
    Past,
    /// No `Service.Method` and no `Service.*`.
    #[error("{0:?} is no endpoint such as Contacts.Merge or Contacts.*")]
    Endpoint(String),
    /// No address and no network.
    #[error("{0:?} is neither an IP address nor a network such as 192.0.2.0/24")]
    Address(String),
    /// A negative number of calls.
    #[error("calls a day cannot be negative")]
    Calls,
    /// A text is too long or a list has too many entries.
    #[error("{0} is too long")]
    TooLong(&'static str),
    /// The secret is not 32 letters and digits, or another key has it.
    #[error("the secret must be 32 letters and digits of its own")]
    Secret,
}

/// An address, or all addresses of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IpRange {
    base: IpAddr,
    /// How many leading bits count.
    bits: u8,
}

impl FromStr for IpRange {
    type Err = BadTerms;

    fn from_str(text: &str) -> Result<Self, BadTerms> {
        let bad = || BadTerms::Address(text.to_owned());
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| bad())?)),
            None => (text, None),
        };
        let base = super::canonical(address).ok_or_else(bad)?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most { Err(bad()) } else { Ok(Self { base, bits }) }
    }
}

impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = if self.base.is_ipv4() { 32 } else { 128 };
        if self.bits == most { self.base.fmt(f) } else { write!(f, "{}/{}", self.base, self.bits) }
    }
}

impl IpRange {
    fn covers(self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                u32::from(base) & mask == u32::from(address) & mask
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                u128::from(base) & mask == u128::from(address) & mask
            }
            _ => false,
        }
    }
}

impl Terms {
    /// Checks terms before a key is made under them.
    pub(super) fn check(&self, now: UtcTime) -> Result<(), BadTerms> {
        if self.expires_at.is_some_and(|end| end <= now) {
            return Err(BadTerms::Past);
        }
        if self.calls_per_day < 0 {
            return Err(BadTerms::Calls);
        }
        for (what, text) in [("note", &self.note), ("contact person", &self.contact_person)] {
            if text.chars().count() > LONGEST_LINE {
                return Err(BadTerms::TooLong(what));
            }
        }
        let lengths = [
            ("list of addresses", self.addresses.len()),
            ("list of projects", self.projects.len()),
            ("list of tables", self.tables.len()),
            ("list of endpoints", self.endpoints.len()),
        ];
        if let Some((what, _)) = lengths.iter().find(|(_, n)| *n > MOST_ENTRIES) {
            return Err(BadTerms::TooLong(what));
        }
        match self.endpoints.iter().find(|endpoint| !is_endpoint(endpoint)) {
            Some(bad) => Err(BadTerms::Endpoint(bad.clone())),
            None => Ok(()),
        }
    }

    /// Whether the key may be used from this address. An unknown address is none of a list.
    #[must_use]
    pub fn covers_address(&self, ip: &str) -> bool {
        let address = super::canonical(ip);
        self.addresses.is_empty()
            || address.is_some_and(|address| self.addresses.iter().any(|range| range.covers(address)))
    }

    /// Whether the key reaches a project.
    #[must_use]
    pub fn covers_project(&self, project: ListId) -> bool {
        self.projects.is_empty() || self.projects.contains(&project)
    }

    /// Whether the key reaches a relational table.
    #[must_use]
    pub fn covers_table(&self, table: i64) -> bool {
        self.tables.is_empty() || self.tables.contains(&table)
    }

    /// Whether the key may call an endpoint.
    #[must_use]
    pub fn covers_endpoint(&self, endpoint: &str) -> bool {
        let service = endpoint.split('.').next().unwrap_or_default();
        self.endpoints.is_empty()
            || self.endpoints.iter().any(|allowed| match allowed.strip_suffix(".*") {
                Some(whole) => whole.eq_ignore_ascii_case(service),
                None => allowed.eq_ignore_ascii_case(endpoint),
            })
    }

    pub(super) fn to_row(&self) -> KeyTermsRow {
        KeyTermsRow {
            credential_id: CredentialId(0),
            contact_person: self.contact_person.clone(),
            ip_ranges: joined(&self.addresses),
            projects: joined(&self.projects),
            tables: joined(&self.tables),
            endpoints: joined(&self.endpoints),
            calls_per_day: self.calls_per_day,
        }
    }

    pub(super) fn of_row(credential: &Credential, row: &KeyTermsRow) -> Result<Self, StoreError> {
        let unreadable = || StoreError::Unreadable("key_terms");
        Ok(Self {
            note: credential.note.clone(),
            contact_person: row.contact_person.clone(),
            addresses: read(&row.ip_ranges).ok_or_else(unreadable)?,
            projects: read(&row.projects).ok_or_else(unreadable)?.into_iter().map(ListId).collect(),
            tables: read(&row.tables).ok_or_else(unreadable)?,
            endpoints: read(&row.endpoints).ok_or_else(unreadable)?,
            calls_per_day: row.calls_per_day,
            expires_at: credential.expires_at,
        })
    }
}

fn is_endpoint(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.split_once('.').is_some_and(|(service, method)| is_word(service) && (method == "*" || is_word(method)))
}

fn joined<T: fmt::Display>(entries: &[T]) -> String {
    entries.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn read<T: FromStr>(text: &str) -> Option<Vec<T>> {
    text.split(',').filter(|entry| !entry.is_empty()).map(|entry| entry.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(texts: &[&str]) -> Terms {
        let addresses = texts.iter().map(|text| text.parse().expect("range")).collect();
        Terms { addresses, ..Terms::default() }
    }

    #[test]
    fn addresses_and_networks_are_told_apart() {
        let terms = ranges(&["192.0.2.7", "198.51.100.0/24", "2001:db8::/32"]);
        for good in ["192.0.2.7", "::ffff:192.0.2.7", "198.51.100.255", "2001:db8:9::1"] {
            assert!(terms.covers_address(good), "{good}");
        }
        for bad in ["192.0.2.8", "198.51.101.0", "2001:db9::1", "", "x"] {
            assert!(!terms.covers_address(bad), "{bad}");
        }
        assert!(Terms::default().covers_address("") && ranges(&["0.0.0.0/0"]).covers_address("192.0.2.1"));
        for bad in ["192.0.2.0/33", "::/129", "host", "192.0.2.0/x", ""] {
            assert!(bad.parse::<IpRange>().is_err(), "{bad}");
        }
    }

    #[test]
    fn endpoints_are_methods_or_whole_services() {
        let terms =
            Terms { endpoints: vec!["contacts.*".to_owned(), "Sendings.SendSingle".to_owned()], ..Terms::default() };
        assert_eq!(terms.check(UtcTime(0)), Ok(()));
        assert!(terms.covers_endpoint("Contacts.Merge") && terms.covers_endpoint("sendings.sendsingle"));
        assert!(!terms.covers_endpoint("Sendings.SendSingle2") && !terms.covers_endpoint("Projects.List"));
        for bad in ["Contacts", "Contacts.", "*.Merge", "Contacts.Me,rge", "Contacts.Merge.x"] {
            let terms = Terms { endpoints: vec![bad.to_owned()], ..Terms::default() };
            assert_eq!(terms.check(UtcTime(0)), Err(BadTerms::Endpoint(bad.to_owned())));
        }
    }

    #[test]
    fn lists_come_back_as_they_were_kept() {
        let terms = ranges(&["192.0.2.7", "2001:db8::/32"]);
        let row = terms.to_row();
        assert_eq!(row.ip_ranges, "192.0.2.7,2001:db8::/32");
        assert_eq!(read::<IpRange>(&row.ip_ranges), Some(terms.addresses));
        assert_eq!(read::<i64>("1,x"), None);
        assert_eq!(read::<i64>(""), Some(Vec::new()));
    }
}
