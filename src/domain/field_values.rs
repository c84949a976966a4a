//! What subscribers' custom fields may hold, and how it is kept.
//!
//! A value has one normal form per kind of field: several choices joined by [`CHOICE_SEPARATOR`], dates `YYYY-MM-DD`, times `HH:MM:SS` (OE-9).
//! List-wide values stand with the subscriber, global ones with the address, unique ones are claimed in a table of their own.

mod check;
mod typed;

use std::collections::HashSet;

use crate::domain::cx::Ctx;
use crate::model::ids::{AccountId, FieldId, ListId, SubscriberNumber};
use crate::store::StoreError;
use crate::store::rows::field_values::{FieldValues, Holder};
use crate::store::rows::fields::FieldRow;

pub use check::{CHOICE_SEPARATOR, Given, Invalid, check, normal_form, unique_key};
pub use typed::{SHORT_TEXT_CHARS, decimal};

/// Values by field, as the layers above see them.
pub type Values = FieldValues;

/// A value that was sent for a field.
pub type Change = (FieldId, Given);

/// Why a value was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field {field} ({title}): {reason}")]
pub struct FieldProblem {
    /// The field.
    pub field: FieldId,
    /// Its name.
    pub title: String,
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A required field is empty.
    #[error("a value is required")]
    Required,
    /// Somebody else has the value of a unique field.
    #[error("this value is used by another subscriber")]
    NotUnique,
    /// The value is not of the form the field asks for.
    #[error("{0}")]
    Invalid(#[from] Invalid),
}

/// Checked values, ready to be kept.
#[derive(Debug, Clone, Default)]
pub struct Prepared {
    local: Vec<Value>,
    global: Vec<Value>,
}

#[derive(Debug, Clone)]
struct Value {
    field: FieldId,
    title: String,
    is_unique: bool,
    text: String,
}

/// Whose values are set.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// The account.
    pub account: AccountId,
    /// The list.
    pub list: ListId,
    /// The subscriber's number.
    pub number: SubscriberNumber,
    /// The address in its normal form.
    pub email_key: &'a str,
}

/// Checks what was sent against the definitions. Fields that are not defined are passed over; see [`unknown_field`]. With `enforces_required`
/// required fields that were not sent at all are refused too; otherwise only those sent empty (OE-8).
///
/// # Errors
/// The first [`FieldProblem`], in the order of the definitions: required, then form.
pub fn prepare(fields: &[FieldRow], sent: &[Change], enforces_required: bool) -> Result<Prepared, FieldProblem> {
    let mut prepared = Prepared::default();
    for field in fields {
        let problem = |reason| FieldProblem { field: field.id, title: field.name.clone(), reason };
        let Some((_, given)) = sent.iter().rev().find(|(id, _)| *id == field.id) else {
            if enforces_required && field.is_required {
                return Err(problem(Reason::Required));
            }
            continue;
        };
        let text = normal_form(field, given).map_err(|invalid| problem(Reason::Invalid(invalid)))?;
        if text.is_empty() && field.is_required {
            return Err(problem(Reason::Required));
        }
        let value = Value { field: field.id, title: field.name.clone(), is_unique: field.is_unique, text };
        if field.is_global { prepared.global.push(value) } else { prepared.local.push(value) }
    }
    Ok(prepared)
}

/// The first sent field that is not defined.
#[must_use]
pub fn unknown_field(fields: &[FieldRow], sent: &[Change]) -> Option<FieldId> {
    sent.iter().map(|(id, _)| *id).find(|id| !fields.iter().any(|field| field.id == *id))
}

/// Why values were not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// A unique value is taken.
    #[error(transparent)]
    Problem(#[from] FieldProblem),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Prepared {
    /// Whether there is nothing to keep.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.local.is_empty() && self.global.is_empty()
    }

    /// Puts the list-wide values into a subscriber's values; an empty text removes one.
    pub fn apply_to(&self, values: &mut Values) {
        for value in &self.local {
            if value.text.is_empty() {
                values.remove(&value.field);
            } else {
                values.insert(value.field, value.text.clone());
            }
        }
    }
}

/// Claims unique values and stores global ones. The list-wide values themselves are stored with the subscriber by the caller.
///
/// # Errors
/// [`KeepError`].
pub fn keep(cx: &mut Ctx<'_>, owner: Owner<'_>, prepared: &Prepared) -> Result<(), KeepError> {
    for value in prepared.local.iter().filter(|value| value.is_unique) {
        let holder = Holder { list_id: owner.list, number: owner.number, email_key: String::new() };
        claim(cx, value, &holder)?;
    }
    for value in &prepared.global {
        if value.is_unique {
            claim(cx, value, &global_holder(owner.email_key))?;
        }
        cx.tx.set_global_value(owner.account, owner.email_key, value.field, &value.text, cx.now)?;
    }
    Ok(())
}

/// Whether addresses of the account have values of their own at all.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn has_global_fields(cx: &mut Ctx<'_>, account: AccountId) -> Result<bool, StoreError> {
    Ok(cx.tx.list_fields(account, ListId::NONE)?.iter().any(|field| field.is_global))
}

/// Forgets the global values of those addresses that no list of the account knows any more, so that others may have what they held. For a
/// few hundred addresses, with every list of the account held.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn forget_unknown(cx: &mut Ctx<'_>, account: AccountId, keys: &[&str]) -> Result<(), StoreError> {
    let known: HashSet<String> = cx.tx.find_known_addresses(account, keys)?.into_iter().collect();
    let unknown: Vec<&str> = keys.iter().copied().filter(|key| !known.contains(*key)).collect();
    if unknown.is_empty() { Ok(()) } else { cx.tx.delete_global_values(account, &unknown) }
}

/// What holds the unique values of global fields: the address.
fn global_holder(email_key: &str) -> Holder {
    Holder { list_id: ListId::NONE, number: SubscriberNumber::NONE, email_key: email_key.to_owned() }
}

fn claim(cx: &mut Ctx<'_>, value: &Value, holder: &Holder) -> Result<(), KeepError> {
    let key = unique_key(&value.text);
    if key.is_empty() {
        return Ok(cx.tx.delete_holder(value.field, holder)?);
    }
    let taken = || FieldProblem { field: value.field, title: value.title.clone(), reason: Reason::NotUnique };
    match cx.tx.find_holder(value.field, &key)? {
        Some(found) if found == *holder => Ok(()),
        Some(_) => Err(taken().into()),
        None => {
            cx.tx.delete_holder(value.field, holder)?;
            cx.tx.insert_holder(value.field, &key, holder).map_err(|error| match error {
                StoreError::Conflict { .. } => KeepError::Problem(taken()),
                error => KeepError::Store(error),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::states::{DataType, FieldKind, Validation, Visibility};
    use crate::model::time::UtcTime;

    fn field(id: i64, is_required: bool, validation: Validation) -> FieldRow {
        FieldRow {
            id: FieldId(id),
            account_id: AccountId(1),
            list_id: ListId(1),
            name: format!("F{id}"),
            kind: FieldKind::SingleLine,
            default_value: String::new(),
            options: String::new(),
            validation,
            rule: String::new(),
            is_required,
            is_unique: false,
            is_global: id > 100,
            visibility: Visibility::Public,
            alias: String::new(),
            years: String::new(),
            meta: String::new(),
            created_at: UtcTime(0),
            code: String::new(),
            data_type: DataType::ByKind,
            labels: String::new(),
        }
    }

    fn one(id: i64, text: &str) -> Change {
        (FieldId(id), Given::One(text.to_owned()))
    }

    #[test]
    fn required_is_asked_only_of_sent_fields_unless_enforced() {
        let fields = [field(1, true, Validation::Disabled), field(101, false, Validation::Numbers)];
        assert!(prepare(&fields, &[], false).is_ok());
        assert_eq!(prepare(&fields, &[], true).expect_err("missing").reason, Reason::Required);
        assert_eq!(prepare(&fields, &[one(1, " ")], false).expect_err("empty").reason, Reason::Required);
        let problem = prepare(&fields, &[one(1, "x"), one(101, "x")], false).expect_err("no number");
        assert_eq!((problem.field, problem.title.as_str()), (FieldId(101), "F101"));
        let prepared = prepare(&fields, &[one(1, "a"), one(1, "b"), one(101, "7"), one(9, "?")], false).expect("good");
        let mut values = Values::from([(FieldId(5), "kept".to_owned())]);
        prepared.apply_to(&mut values);
        assert_eq!(values, Values::from([(FieldId(5), "kept".to_owned()), (FieldId(1), "b".to_owned())]));
        assert_eq!(prepared.global.len(), 1);
        assert_eq!(unknown_field(&fields, &[one(1, ""), one(9, "")]), Some(FieldId(9)));
    }
}
