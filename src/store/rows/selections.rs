//! Which subscribers of a list: a tree of comparisons that the store turns into SQL, and the text it is kept as.

use serde_json::{Value, json};

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
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Writes the `filter` column of a sending: nested lists, the first member of each its kind.
#[must_use]
pub fn to_text(selection: &Selection) -> String {
    to_value(selection).to_string()
}

/// Reads the `filter` column of a sending.
///
/// # Errors
/// [`StoreError::Unreadable`] when the text is not what [`to_text`] wrote.
pub fn from_text(text: &str) -> Result<Selection, StoreError> {
    let read = serde_json::from_str(text).ok().and_then(|value| of_value(&value));
    read.ok_or(StoreError::Unreadable("sendings.filter"))
}

fn to_value(selection: &Selection) -> Value {
    let group = |kind: &str, parts: &[Selection]| {
        std::iter::once(Value::from(kind)).chain(parts.iter().map(to_value)).collect::<Value>()
    };
    match selection {
        Selection::All => json!(["all"]),
        Selection::Nobody => json!(["nobody"]),
        Selection::And(parts) => group("and", parts),
        Selection::Or(parts) => group("or", parts),
        Selection::Is(test) => match test {
            Test::Number(how, number) => json!(["number", how.word(), number]),
            Test::Address(how, text) => json!(["address", how.word(), text]),
            Test::Text(place, how, text) => json!(["text", place.field, place.global_of, how.word(), text]),
            Test::Decimal(place, how, text) => json!(["decimal", place.field, place.global_of, how.word(), text]),
            Test::Key(text) => json!(["key", text]),
            Test::OptIn(id, said) => json!(["opt_in", id, said]),
            Test::OptInAt(id, how, at) => json!(["opt_in_at", id, how.word(), at]),
            Test::IsActive(is_active) => json!(["active", is_active]),
            Test::Tracking(said) => json!(["tracking", said]),
            Test::TrackingAt(how, at) => json!(["tracking_at", how.word(), at]),
            Test::CreatedAt(how, at) => json!(["created_at", how.word(), at]),
            Test::IsMailable => json!(["mailable"]),
        },
    }
}

fn of_value(value: &Value) -> Option<Selection> {
    let (kind, rest) = value.as_array()?.split_first()?;
    let group = || rest.iter().map(of_value).collect::<Option<Vec<_>>>();
    let said = |value: &Value| if value.is_null() { Some(None) } else { value.as_bool().map(Some) };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let place = |field: &Value, global_of: &Value| {
        let global_of = if global_of.is_null() { None } else { Some(global_of.as_i64()?) };
        Some(FieldPlace { field: field.as_i64()?, global_of })
    };
    Some(Selection::Is(match (kind.as_str()?, rest) {
        ("all", []) => return Some(Selection::All),
        ("nobody", []) => return Some(Selection::Nobody),
        ("and", _) => return group().map(Selection::And),
        ("or", _) => return group().map(Selection::Or),
        ("number", [how, number]) => Test::Number(Comparison::read(how)?, number.as_i64()?),
        ("address", [how, value]) => Test::Address(Comparison::read(how)?, text(value)?),
        ("text", [field, of, how, value]) => Test::Text(place(field, of)?, Comparison::read(how)?, text(value)?),
        ("decimal", [field, of, how, value]) => Test::Decimal(place(field, of)?, Comparison::read(how)?, text(value)?),
        ("key", [value]) => Test::Key(text(value)?),
        ("opt_in", [id, state]) => Test::OptIn(id.as_i64()?, said(state)?),
        ("opt_in_at", [id, how, at]) => Test::OptInAt(id.as_i64()?, Comparison::read(how)?, at.as_i64()?),
        ("active", [is_active]) => Test::IsActive(is_active.as_bool()?),
        ("tracking", [state]) => Test::Tracking(said(state)?),
        ("tracking_at", [how, at]) => Test::TrackingAt(Comparison::read(how)?, at.as_i64()?),
        ("created_at", [how, at]) => Test::CreatedAt(Comparison::read(how)?, at.as_i64()?),
        ("mailable", []) => Test::IsMailable,
        _ => return None,
    }))
}

impl Comparison {
    const WORDS: [(Self, &'static str); 9] = [
        (Self::Equal, "="),
        (Self::NotEqual, "<>"),
        (Self::Greater, ">"),
        (Self::GreaterOrEqual, ">="),
        (Self::Less, "<"),
        (Self::LessOrEqual, "<="),
        (Self::Contains, "contains"),
        (Self::StartsWith, "starts"),
        (Self::EndsWith, "ends"),
    ];

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(comparison, _)| *comparison == self).map_or("", |(_, word)| word)
    }

    fn read(value: &Value) -> Option<Self> {
        let word = value.as_str()?;
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(comparison, _)| *comparison)
    }
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
        let place = FieldPlace::new(FieldId(4), Some(AccountId(2)));
        let own = FieldPlace::new(FieldId(5), None);
        let each: Vec<Selection> = Comparison::WORDS
            .iter()
            .map(|(how, _)| Test::Text(own, *how, "x\"é".to_owned()))
            .chain([
                Test::Number(Comparison::Equal, i64::MIN),
                Test::Address(Comparison::Equal, "é@x.example".to_owned()),
                Test::Decimal(place, Comparison::Less, "1.5".to_owned()),
                Test::Key("a\nb".to_owned()),
                Test::OptIn(3, None),
                Test::OptIn(3, Some(false)),
                Test::OptInAt(3, Comparison::Greater, 9),
                Test::IsActive(true),
                Test::Tracking(Some(true)),
                Test::TrackingAt(Comparison::Less, 1),
                Test::CreatedAt(Comparison::GreaterOrEqual, 1),
                Test::IsMailable,
            ])
            .map(Selection::Is)
            .collect();
        let selection =
            Selection::And(vec![Selection::Or(each), Selection::All, Selection::Nobody, Selection::And(vec![])]);
        assert_eq!(from_text(&to_text(&selection)).expect("own text"), selection);
        for bad in ["{}", "[]", "[\"and\",1]", "[\"number\",\"=\"]", "[\"number\",\"~\",1]", "[\"other\"]", "x"] {
            assert!(from_text(bad).is_err(), "{bad}");
        }
    }
}
