//! Which subscribers of a list: a tree of comparisons that the store turns into SQL, and the text it is kept as.

use serde::{Deserialize, Serialize};

use crate::model::ids::{AccountId, FieldId, OptInId};
use crate::store::StoreError;

/// A condition on a subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Everybody.
    All,
    /// Nobody.
    Nobody,
    /// One comparison.
    Is(Test),
    /// All of them; none for everybody.
    And(Vec<Selection>),
    /// One of them; none for nobody.
    Or(Vec<Selection>),
}

/// One comparison. Texts are compared in lower case; the caller gives them so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Test {
    /// The number inside the list.
    Number(Comparison, i64),
    /// The address, in its normal form.
    Address(Comparison, String),
    /// The value of a field as text; absent counts as empty.
    Text(FieldPlace, Comparison, String),
    /// The value of a field as a number: a decimal number as text. Without a value no comparison fits but [`Comparison::NotEqual`].
    Decimal(FieldPlace, Comparison, String),
    /// The key of a contact, see `contact_keys`. Only [`Comparison::Equal`] is meant.
    Key(String),
    /// Whether an opt-in was given (`Some(true)`), declined, or never spoken of (`None`).
    OptIn(i64, Option<bool>),
    /// Since when an opt-in counts, in microseconds.
    OptInAt(i64, Comparison, i64),
    /// Whether the contact is active.
    IsActive(bool),
    /// Whether tracking was allowed, refused, or never spoken of.
    Tracking(Option<bool>),
    /// Since when the word on tracking counts, in microseconds.
    TrackingAt(Comparison, i64),
    /// When it was made, in microseconds.
    CreatedAt(Comparison, i64),
    /// Stands where batches go: subscribed, not suppressed, not hard-bounced.
    IsMailable,
}

/// Where a field's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldPlace {
    /// The field.
    pub field: i64,
    /// For a global field the account whose addresses have the values.
    pub global_of: Option<i64>,
}

impl FieldPlace {
    /// The place of a field's values.
    #[must_use]
    pub const fn new(field: FieldId, global_of: Option<AccountId>) -> Self {
        let global_of = match global_of {
            Some(account) => Some(account.0),
            None => None,
        };
        Self { field: field.0, global_of }
    }
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the words say what they are")]
pub enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    /// Texts only.
    Contains,
    /// Texts only.
    StartsWith,
    /// Texts only.
    EndsWith,
}

#[derive(Serialize, Deserialize)]
enum Payload {
    All,
    Nobody,
    Is(Test),
    And(Vec<Payload>),
    Or(Vec<Payload>),
}

impl From<&Selection> for Payload {
    fn from(selection: &Selection) -> Self {
        let all = |parts: &[Selection]| parts.iter().map(Self::from).collect();
        match selection {
            Selection::All => Self::All,
            Selection::Nobody => Self::Nobody,
            Selection::Is(test) => Self::Is(test.clone()),
            Selection::And(parts) => Self::And(all(parts)),
            Selection::Or(parts) => Self::Or(all(parts)),
        }
    }
}

impl From<Payload> for Selection {
    fn from(payload: Payload) -> Self {
        let all = |parts: Vec<Payload>| parts.into_iter().map(Self::from).collect();
        match payload {
            Payload::All => Self::All,
            Payload::Nobody => Self::Nobody,
            Payload::Is(test) => Self::Is(test),
            Payload::And(parts) => Self::And(all(parts)),
            Payload::Or(parts) => Self::Or(all(parts)),
        }
    }
}

/// Writes the `filter` column of a sending.
#[must_use]
pub fn to_text(selection: &Selection) -> String {
    serde_json::to_string(&Payload::from(selection)).expect("numbers and texts always serialise")
}

/// Reads the `filter` column of a sending.
///
/// # Errors
/// [`StoreError::Unreadable`] when the text is not what [`to_text`] wrote.
pub fn from_text(text: &str) -> Result<Selection, StoreError> {
    let payload: Payload = serde_json::from_str(text).map_err(|_| StoreError::Unreadable("sendings.filter"))?;
    Ok(payload.into())
}

/// The opt-in as tests name it.
#[must_use]
pub const fn opt_in(id: OptInId) -> i64 {
    id.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_comes_back_as_it_was_kept() {
        let selection = Selection::And(vec![
            Selection::Is(Test::Address(Comparison::Equal, "é@x.example".to_owned())),
            Selection::Or(vec![Selection::All, Selection::Nobody, Selection::Is(Test::OptIn(3, None))]),
        ]);
        assert_eq!(from_text(&to_text(&selection)).expect("own text"), selection);
        assert!(from_text("{}").is_err());
    }
}
