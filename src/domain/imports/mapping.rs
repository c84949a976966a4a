//! What the columns of an import are: which one is the address, which ones are fields.
//!
//! The words are those of the old platform, because mappings of scheduled imports are kept as text: column `FIELD1` is the first one; it is mapped
//! to `EmailAddress`, to `CustomField12` or to the bare `12`, in any case (OE-8). Other words leave a column out.

use crate::model::ids::FieldId;

/// The place of a column, counted from 0.
pub type Column = usize;

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapTo {
    /// The address.
    Email,
    /// A field.
    Field(FieldId),
}

impl MapTo {
    /// Reads a word; `None` for one that leaves the column out.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.trim().to_ascii_lowercase();
        if word == "emailaddress" {
            return Some(Self::Email);
        }
        let number = word.strip_prefix("customfield").unwrap_or(&word);
        let id = number.parse().ok().filter(|id: &i64| *id > 0 && number.starts_with(|c: char| c.is_ascii_digit()))?;
        Some(Self::Field(FieldId(id)))
    }
}

/// The column that `FIELD3`, in any case, names.
#[must_use]
pub fn column_of(name: &str) -> Option<Column> {
    let name = name.trim().to_ascii_lowercase();
    name.strip_prefix("field")?.parse::<Column>().ok()?.checked_sub(1)
}

/// Why columns do not make a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Several columns are the address.
    #[error("more than one column is mapped to the address")]
    ManyEmails,
    /// No column is the address.
    #[error("no column is mapped to the address")]
    NoEmail,
}

/// The columns of an import that are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The column with the address.
    pub email: Column,
    /// Columns with fields. A field named twice takes its last column.
    pub fields: Vec<(Column, FieldId)>,
}

impl Mapping {
    /// The first column is the address, others are left out: one address a line.
    #[must_use]
    pub fn address_only() -> Self {
        Self { email: 0, fields: Vec::new() }
    }

    /// Puts columns together.
    ///
    /// # Errors
    /// [`MappingError`].
    pub fn new(columns: impl IntoIterator<Item = (Column, MapTo)>) -> Result<Self, MappingError> {
        let mut emails = Vec::new();
        let mut fields: Vec<(Column, FieldId)> = Vec::new();
        for (column, target) in columns {
            match target {
                MapTo::Email => emails.push(column),
                MapTo::Field(id) => {
                    fields.retain(|(_, known)| *known != id);
                    fields.push((column, id));
                }
            }
        }
        match emails[..] {
            [email] => Ok(Self { email, fields }),
            [] => Err(MappingError::NoEmail),
            _ => Err(MappingError::ManyEmails),
        }
    }

    /// Reads a mapping kept as text: `FIELD1=EmailAddress,FIELD2=CustomField3` or the same as `{"FIELD1":"EmailAddress",…}`. Blanks, quotes and
    /// braces around the words do not matter, `:` is as good as `=`, and lines as good as commas. Where names are given, a column may go by its
    /// name instead of `FIELDn`. Empty text is [`Mapping::address_only`].
    ///
    /// # Errors
    /// [`MappingError`].
    pub fn from_text(text: &str, names: &[String]) -> Result<Self, MappingError> {
        if text.trim().is_empty() {
            return Ok(Self::address_only());
        }
        let bare = |word: &str| word.trim_matches(|c: char| c.is_whitespace() || "\"'{}[]".contains(c)).to_owned();
        let pairs = text.split([',', '\n', ';']).filter_map(|pair| pair.split_once(['=', ':']));
        Self::new(pairs.filter_map(|(column, target)| {
            let (column, target) = (bare(column), bare(target));
            let by_name = || names.iter().position(|name| name.trim().eq_ignore_ascii_case(&column));
            Some((column_of(&column).or_else(by_name)?, MapTo::parse(&target)?))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_case_and_others_leave_the_column_out() {
        assert_eq!(MapTo::parse(" emailADDRESS "), Some(MapTo::Email));
        assert_eq!(MapTo::parse("customfield14"), Some(MapTo::Field(FieldId(14))));
        assert_eq!(MapTo::parse("1448"), Some(MapTo::Field(FieldId(1448))));
        for word in ["", "Ignore", "CustomField", "CustomField0", "-3", "+3", "12x"] {
            assert_eq!(MapTo::parse(word), None, "{word}");
        }
        assert_eq!((column_of("FIELD1"), column_of("field12"), column_of("FIELD0")), (Some(0), Some(11), None));
        assert_eq!((column_of("Name"), column_of("FIELDx")), (None, None));
    }

    #[test]
    fn exactly_one_column_is_the_address() {
        let field = |id| MapTo::Field(FieldId(id));
        assert_eq!(Mapping::new([(1, field(3))]), Err(MappingError::NoEmail));
        assert_eq!(Mapping::new([(0, MapTo::Email), (1, MapTo::Email)]), Err(MappingError::ManyEmails));
        let mapping = Mapping::new([(2, MapTo::Email), (0, field(3)), (1, field(3))]).expect("good");
        assert_eq!(mapping, Mapping { email: 2, fields: vec![(1, FieldId(3))] });
    }

    #[test]
    fn kept_text_is_read_as_list_and_as_json() {
        let want = Mapping { email: 0, fields: vec![(1, FieldId(3)), (2, FieldId(9))] };
        let names = ["mail".to_owned(), "First Name".to_owned(), "city".to_owned()];
        for text in [
            "FIELD1=EmailAddress,FIELD2=CustomField3,FIELD3=9",
            " field1 = emailaddress , FIELD2=customfield3\nFIELD3 = 9, FIELD4=Ignore",
            r#"{"FIELD1":"EmailAddress", "FIELD2":"CustomField3","FIELD3":9}"#,
            "mail=EmailAddress,first name=CustomField3,CITY=CustomField9",
        ] {
            assert_eq!(Mapping::from_text(text, &names), Ok(want.clone()), "{text}");
        }
        assert_eq!(Mapping::from_text(" ", &[]), Ok(Mapping::address_only()));
        assert_eq!(Mapping::from_text("nonsense", &[]), Err(MappingError::NoEmail));
    }
}
