//! The names that contacts' columns have: `f_City`, `key_f_EMail`, `optin_News`, `dtOptin_News`, `isActive` … Compared without case.
//!
//! They are words of the domain and not of one wire because stored messages (tags, predicates) and operational links use them too.

/// A column of a contact, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// `idContact`.
    Number,
    /// `f_EMail`.
    Address,
    /// `f_…`: the code of a field.
    Field(String),
    /// `optin_…`: the code of an opt-in.
    OptIn(String),
    /// `dtOptin_…`: since when an opt-in counts.
    OptInDate(String),
    /// `isActive`.
    IsActive,
    /// `hasTrackingConsent`.
    Tracking,
    /// `dtTrackingConsent`.
    TrackingDate,
    /// `dtCreated`: when the contact was made; only read.
    CreatedAt,
}

impl Column {
    /// Reads a name. One without a prefix is the code of a field. Whether a project has it is another question.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        let name = strip(name, "key_").unwrap_or(name);
        let is = |word: &str| name.eq_ignore_ascii_case(word);
        if let Some(code) = strip(name, "optin_") {
            return Self::OptIn(code.to_owned());
        }
        if let Some(code) = strip(name, "dtOptin_") {
            return Self::OptInDate(code.to_owned());
        }
        if is("idContact") {
            return Self::Number;
        }
        if is("isActive") {
            return Self::IsActive;
        }
        if is("hasTrackingConsent") {
            return Self::Tracking;
        }
        if is("dtTrackingConsent") {
            return Self::TrackingDate;
        }
        if is("dtCreated") {
            return Self::CreatedAt;
        }
        let code = strip(name, "f_").unwrap_or(name);
        if code.eq_ignore_ascii_case("EMail") { Self::Address } else { Self::Field(code.to_owned()) }
    }
}

/// What follows a prefix, compared without case; `None` without it, or when nothing follows.
fn strip<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let start = name.get(..prefix.len())?;
    let rest = &name[prefix.len()..];
    (start.eq_ignore_ascii_case(prefix) && !rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_with_and_without_their_prefixes_in_any_case() {
        for name in ["f_EMail", "key_f_EMail", "EMail", "email", "KEY_F_EMAIL", "key_EMail"] {
            assert_eq!(Column::parse(name), Column::Address, "{name}");
        }
        assert_eq!(Column::parse("f_City"), Column::Field("City".to_owned()));
        assert_eq!(Column::parse("City"), Column::Field("City".to_owned()));
        assert_eq!(Column::parse("OPTIN_News"), Column::OptIn("News".to_owned()));
        assert_eq!(Column::parse("dtoptin_News"), Column::OptInDate("News".to_owned()));
        assert_eq!(Column::parse("IDCONTACT"), Column::Number);
        assert_eq!(Column::parse("isactive"), Column::IsActive);
        assert_eq!(Column::parse("hasTrackingConsent"), Column::Tracking);
        assert_eq!(Column::parse("f_"), Column::Field("f_".to_owned()));
        assert_eq!(Column::parse("é"), Column::Field("é".to_owned()));
        assert_eq!(Column::parse(""), Column::Field(String::new()));
    }
}
