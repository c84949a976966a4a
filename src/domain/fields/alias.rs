//! Aliases: second names of fields, for merge tags (OE-9).

use crate::model::ids::{FieldId, ListId};
use crate::store::rows::fields::FieldRow;

/// A longer alias is refused, in bytes.
const MAX_BYTES: usize = 250;

/// What every subscriber has anyhow.
const RESERVED: &[&str] = &[
    "SubscriberID",
    "EmailAddress",
    "BounceType",
    "SubscriptionStatus",
    "SubscriptionDate",
    "SubscriptionIP",
    "UnsubscriptionDate",
    "UnsubscriptionIP",
    "OptInDate",
];

/// Why an alias is no good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAlias {
    /// Another field that can stand beside this one has it.
    #[error("{0:?} is taken")]
    Taken(String),
    /// It holds something else than letters, digits, blanks, dots, hyphens and underscores, or is too long.
    #[error("{0:?} has forbidden characters")]
    Forbidden(String),
    /// It is the name of a subscriber's own column, or looks like a field's id.
    #[error("{0:?} is reserved")]
    Reserved(String),
}

/// Checks the alias of a field of `list` ([`ListId::NONE`] for a global one) against the other fields of the account. Empty is always good.
///
/// # Errors
/// [`BadAlias`].
pub(super) fn check(alias: &str, list: ListId, own: Option<FieldId>, others: &[FieldRow]) -> Result<(), BadAlias> {
    if alias.is_empty() {
        return Ok(());
    }
    let is_allowed = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_');
    if alias.trim().is_empty() || alias.len() > MAX_BYTES || !alias.chars().all(is_allowed) {
        return Err(BadAlias::Forbidden(alias.to_owned()));
    }
    let alias_key = alias.to_lowercase();
    let is_field_id = alias_key
        .strip_prefix("customfield")
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
    if is_field_id || RESERVED.iter().any(|word| word.eq_ignore_ascii_case(alias)) {
        return Err(BadAlias::Reserved(alias.to_owned()));
    }
    // A global field stands beside the fields of every list.
    let meets = |other: &FieldRow| list == ListId::NONE || other.is_global || other.list_id == list;
    let mut rivals = others.iter().filter(|other| Some(other.id) != own && meets(other));
    if rivals.any(|other| other.alias.to_lowercase() == alias_key) {
        return Err(BadAlias::Taken(alias.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::AccountId;
    use crate::model::states::{DataType, FieldKind, Validation, Visibility};
    use crate::model::time::UtcTime;

    fn field(id: i64, list: i64, alias: &str) -> FieldRow {
        FieldRow {
            id: FieldId(id),
            account_id: AccountId(1),
            list_id: ListId(list),
            name: String::new(),
            kind: FieldKind::SingleLine,
            default_value: String::new(),
            options: String::new(),
            validation: Validation::Disabled,
            rule: String::new(),
            is_required: false,
            is_unique: false,
            is_global: list == 0,
            visibility: Visibility::Public,
            alias: alias.to_owned(),
            years: String::new(),
            meta: String::new(),
            created_at: UtcTime(0),
            code: String::new(),
            data_type: DataType::ByKind,
            labels: String::new(),
        }
    }

    #[test]
    fn an_alias_is_plain_text_and_no_name_of_the_product() {
        for good in ["City", "first name", "a.b-c_1", "Größe", ""] {
            assert_eq!(check(good, ListId(1), None, &[]), Ok(()), "{good}");
        }
        for bad in ["a%b", "a:b", "<b>", " ", "a\n"] {
            assert!(matches!(check(bad, ListId(1), None, &[]), Err(BadAlias::Forbidden(_))), "{bad}");
        }
        for bad in ["emailaddress", "OptInDate", "CustomField12"] {
            assert!(matches!(check(bad, ListId(1), None, &[]), Err(BadAlias::Reserved(_))), "{bad}");
        }
        assert_eq!(check("CustomFieldX", ListId(1), None, &[]), Ok(()));
    }

    #[test]
    fn an_alias_is_taken_by_fields_that_stand_beside_it() {
        let others = [field(1, 7, "City"), field(2, 8, "Zip"), field(3, 0, "World")];
        let taken = |alias: &str, list: i64, own: Option<i64>| {
            check(alias, ListId(list), own.map(FieldId), &others) == Err(BadAlias::Taken(alias.to_owned()))
        };
        assert!(taken("CITY", 7, None));
        assert!(!taken("City", 8, None), "another list may use it too");
        assert!(!taken("City", 7, Some(1)), "a field keeps its own");
        assert!(taken("world", 8, None));
        assert!(taken("Zip", 0, None), "a global field meets every list's");
    }
}
