//! Contents of `queries/field_values.rs`.

use crate::model::ids::{AccountId, FieldId, ListId, SubscriberNumber};
use crate::model::time::UtcTime;
use crate::store::rows::field_values::Holder;

queries! { field_values {
    /// Who holds this value of a unique field.
    fn find_holder(field: FieldId, value_key: &str) -> Option<Holder>;
    /// Lets a holder hold a value; a conflict when somebody holds it already.
    fn insert_holder(field: FieldId, value_key: &str, holder: &Holder) -> ();
    /// Frees what a holder holds of one field.
    fn delete_holder(field: FieldId, holder: &Holder) -> ();
    /// Frees everything a subscriber of a list holds.
    fn delete_holders_of_subscriber(list: ListId, number: SubscriberNumber) -> ();
    /// Moves what an address holds of global fields to its new form.
    fn rename_holder(fields: &[FieldId], old_key: &str, new_key: &str) -> ();
    /// The global values of addresses of an account, as (address key, field, value).
    fn list_global_values(account: AccountId, email_keys: &[&str]) -> Vec<(String, FieldId, String)>;
    /// Which of the addresses any list of the account has.
    fn find_known_addresses(account: AccountId, email_keys: &[&str]) -> Vec<String>;
    /// Removes every global value of addresses of an account, and what they hold of unique ones.
    fn delete_global_values(account: AccountId, email_keys: &[&str]) -> ();
    /// Sets a global value of an address.
    fn set_global_value(account: AccountId, email_key: &str, field: FieldId, value: &str, at: UtcTime) -> ();
} }
