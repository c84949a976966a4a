//! The keys of contacts whose project tells them apart by other fields than the address: kept in step whatever changes a value (OF-14.1 to OF-14.4).

use crate::domain::cx::Ctx;
use crate::domain::field_values::{FieldProblem, KeepError, Reason, Values, unique_key};
use crate::domain::projects::{Key, key_of};
use crate::model::ids::FieldId;
use crate::store::StoreError;
use crate::store::rows::field_values as stored_values;
use crate::store::rows::lists::ListRules;
use crate::store::rows::subscribers::SubscriberRow;

/// The text that keys are compared by; `None` when a part of it has no value.
#[must_use]
pub fn text_of(fields: &[FieldId], values: &Values) -> Option<String> {
    let mut parts = Vec::with_capacity(fields.len());
    for field in fields {
        let part = unique_key(values.get(field)?).replace('\n', " ");
        if part.is_empty() {
            return None;
        }
        parts.push(part);
    }
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// Brings the key of a subscriber in step with its values. One without a value for each part has no key, and is found by its address or number only:
/// other wires may put such subscribers on the list.
///
/// # Errors
/// [`KeepError::Problem`] on the key's first field when another contact has the key.
pub(in crate::domain) fn follow(cx: &mut Ctx<'_>, rules: &ListRules, row: &SubscriberRow) -> Result<(), KeepError> {
    let Key::Fields(fields) = key_of(&rules.key_fields)? else { return Ok(()) };
    let values = stored_values::from_text(&row.fields)?;
    let Some(text) = text_of(&fields, &values) else {
        return Ok(cx.tx.delete_contact_key(rules.id, row.number)?);
    };
    let taken = || {
        let field = fields.first().copied().unwrap_or(FieldId(0));
        FieldProblem { field, title: "key".to_owned(), reason: Reason::NotUnique }
    };
    match cx.tx.find_contact_by_key(rules.id, &text)? {
        Some(holder) if holder == row.number => Ok(()),
        Some(_) => Err(taken().into()),
        None => cx.tx.set_contact_key(rules.id, row.number, &text).map_err(|error| match error {
            StoreError::Conflict { .. } => KeepError::Problem(taken()),
            error => KeepError::Store(error),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_needs_all_its_parts_and_ignores_case() {
        let values = Values::from([(FieldId(1), " Ab ".to_owned()), (FieldId(2), "7".to_owned())]);
        assert_eq!(text_of(&[FieldId(1), FieldId(2)], &values).as_deref(), Some("ab\n7"));
        assert_eq!(text_of(&[FieldId(2), FieldId(1)], &values).as_deref(), Some("7\nab"));
        assert_eq!(text_of(&[FieldId(1), FieldId(3)], &values), None);
        assert_eq!(text_of(&[], &values), None);
    }
}
