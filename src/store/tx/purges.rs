//! Contents of `queries/purges.rs`.

use crate::model::ids::{AccountId, FieldId, ListId, SubscriberNumber};
use crate::model::time::UtcTime;

queries! { purges {
    /// Removes the first `n` subscribers of a list with their unique values; answers how many.
    fn purge_subscribers(list: ListId, n: i64) -> usize;
    /// The addresses of the first `n` subscribers of a list.
    fn list_first_addresses(list: ListId, n: i64) -> Vec<String>;
    /// Removes up to `n` suppressions with exactly this scope; answers how many.
    fn purge_suppressions(account: AccountId, list: ListId, n: i64) -> usize;
    /// Removes up to `n` suppressions of an account, whatever their list; answers how many.
    fn purge_account_suppressions(account: AccountId, n: i64) -> usize;
    /// Removes up to `n` pieces of text that imports of a list left; answers how many.
    fn purge_import_chunks(list: ListId, n: i64) -> usize;
    /// Removes the list itself with the few rows beside it.
    fn purge_list_row(list: ListId) -> ();
    /// The first list of an account after this one, deleted ones included.
    fn next_list_of_account(account: AccountId, after: ListId) -> Option<ListId>;
    /// The owner of a list, deleted or not.
    fn find_list_owner(list: ListId) -> Option<AccountId>;
    /// Removes global values of an account, `n` or a few more; answers how many.
    fn purge_global_values(account: AccountId, n: i64) -> usize;
    /// Removes up to `n` messages of an account; answers how many.
    fn purge_messages(account: AccountId, n: i64) -> usize;
    /// Removes up to `n` messages that belong to one list; answers how many.
    fn purge_messages_of_list(account: AccountId, list: ListId, n: i64) -> usize;
    /// Removes up to `n` sessions of an account; answers how many.
    fn purge_sessions(account: AccountId, n: i64) -> usize;
    /// Removes the account itself with the few rows beside it.
    fn purge_account_row(account: AccountId) -> ();
    /// The `fields` texts of up to `n` subscribers of a list after this number, by number.
    fn list_field_texts(list: ListId, after: SubscriberNumber, n: i64) -> Vec<(SubscriberNumber, String)>;
    /// Replaces the `fields` text of one subscriber.
    fn set_field_text(list: ListId, number: SubscriberNumber, text: &str) -> ();
    /// Removes up to `n` global values of a field; answers how many.
    fn purge_values_of_field(field: FieldId, n: i64) -> usize;
    /// Removes the field itself.
    fn purge_field_row(field: FieldId) -> ();
    /// Removes up to `n` sessions that expired before `now`; answers how many.
    fn sweep_sessions(now: UtcTime, n: i64) -> usize;
    /// Removes up to `n` password requests that expired before `now`; answers how many.
    fn sweep_password_requests(now: UtcTime, n: i64) -> usize;
} }
