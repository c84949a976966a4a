//! Contents of `queries/fields.rs`.

use crate::model::ids::{AccountId, FieldId, ListId, SubscriberNumber};
use crate::store::rows::fields::{FieldRow, NewFieldRow};

queries! { fields {
    /// The field with this id, if it belongs to the account.
    fn find_field(account: AccountId, id: FieldId) -> Option<FieldRow>;
    /// The fields of a list, then the account's global ones, each by id.
    fn list_fields(account: AccountId, list: ListId) -> Vec<FieldRow>;
    /// Makes a field.
    fn insert_field(field: &NewFieldRow) -> FieldId;
    /// Every field of the account, of all its lists, by id.
    fn list_account_fields(account: AccountId) -> Vec<FieldRow>;
    /// Replaces every column of a field but its id.
    fn update_field(field: &FieldRow) -> ();
    /// Removes a field's definition; the purge job removes its values.
    fn delete_field(id: FieldId) -> ();
    /// The `fields` texts of the first `n` subscribers of a list, by number.
    fn list_first_values(list: ListId, n: i64) -> Vec<(SubscriberNumber, String)>;
    /// The first `n` values of a global field, as (address key, value).
    fn list_first_global_values(field: FieldId, n: i64) -> Vec<(String, String)>;
    /// Frees up to `n` unique values of a field; answers how many.
    fn delete_holders_of_field(field: FieldId, n: i64) -> usize;
} }
