//! Contents of each backend's `bulk.rs`: what is done to a whole piece of an import in one statement.

use crate::model::ids::{AccountId, FieldId, ListId};
use crate::model::time::UtcTime;
use crate::store::rows::imports::{GlobalRow, ImportedCommon, ImportedRow, UniqueRow};

queries! { bulk {
    /// Which of the address keys, by position, the list has already.
    fn find_listed(list: ListId, keys: &[&str]) -> Vec<i64>;
    /// Which of the address keys, by position, are suppressed for the list: on itself, its account or the server.
    fn find_suppressed(account: AccountId, list: ListId, keys: &[&str]) -> Vec<i64>;
    /// Which of the address keys, by position, are suppressed in exactly this scope.
    fn find_suppressed_exactly(account: AccountId, list: ListId, keys: &[&str]) -> Vec<i64>;
    /// Which of the unique values, by position, somebody holds, with the holder's address (empty for a list-wide field).
    fn find_held(values: &[(FieldId, &str)]) -> Vec<(i64, String)>;
    /// Adds subscribers whose numbers were taken before.
    fn insert_imported(common: &ImportedCommon, rows: &[ImportedRow<'_>]) -> ();
    /// Lets subscribers hold unique values that nobody holds.
    fn insert_uniques(rows: &[UniqueRow<'_>]) -> ();
    /// Frees what addresses hold of unique global fields.
    fn free_global_holders(holders: &[(FieldId, &str)]) -> ();
    /// Sets values of global fields.
    fn set_global_values(account: AccountId, rows: &[GlobalRow<'_>], at: UtcTime) -> ();
} }
