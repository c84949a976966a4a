//! Contents of `queries/fields.rs`.

use crate::model::ids::{AccountId, FieldId, ListId};
use crate::store::rows::fields::{FieldRow, NewFieldRow};

queries! { fields {
    /// The field with this id, if it belongs to the account.
    fn find_field(account: AccountId, id: FieldId) -> Option<FieldRow>;
    /// The fields of a list, then the account's global ones, each by id.
    fn list_fields(account: AccountId, list: ListId) -> Vec<FieldRow>;
    /// Makes a field.
    fn insert_field(field: &NewFieldRow) -> FieldId;
} }
