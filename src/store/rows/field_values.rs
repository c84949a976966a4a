//! Values of custom fields as they are kept: list-wide ones as one text beside the subscriber.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::model::ids::{FieldId, ListId, SubscriberNumber};
use crate::store::StoreError;
use crate::store::schema::field_uniques;

/// Who holds a unique value: a subscriber of a list, or for global fields an address (list and number are then none).
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = field_uniques)]
pub struct Holder {
    /// The list; [`ListId::NONE`] for a global field.
    pub list_id: ListId,
    /// The subscriber; [`SubscriberNumber::NONE`] for a global field.
    pub number: SubscriberNumber,
    /// The address key for a global field; empty otherwise.
    pub email_key: String,
}

/// Values by field. An absent field has no value.
pub type FieldValues = BTreeMap<FieldId, String>;

/// Reads the `fields` column of a subscriber: a JSON object of field id to text.
///
/// # Errors
/// [`StoreError::Unreadable`] when the text is not what [`to_text`] wrote.
pub fn from_text(text: &str) -> Result<FieldValues, StoreError> {
    if text == "{}" {
        return Ok(FieldValues::new());
    }
    let read: BTreeMap<i64, String> =
        serde_json::from_str(text).map_err(|_| StoreError::Unreadable("subscribers.fields"))?;
    Ok(read.into_iter().map(|(id, value)| (FieldId(id), value)).collect())
}

/// Writes the `fields` column.
#[must_use]
pub fn to_text(values: &FieldValues) -> String {
    let plain: BTreeMap<i64, &str> = values.iter().map(|(id, value)| (id.0, value.as_str())).collect();
    serde_json::to_string(&plain).expect("texts always serialise")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_were_kept() {
        let values = FieldValues::from([(FieldId(12), "é\"\\".to_owned()), (FieldId(3), String::new())]);
        let text = to_text(&values);
        assert_eq!(from_text(&text).expect("own text"), values);
        assert_eq!(to_text(&FieldValues::new()), "{}");
        assert!(from_text("[]").is_err());
    }
}
