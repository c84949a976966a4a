//! Contents of `queries/suppressions.rs`.

use crate::model::ids::{AccountId, ListId};
use crate::model::states::SuppressionReason;
use crate::model::time::UtcTime;
use crate::store::rows::subscribers::SubscriberRow;
use crate::store::rows::suppressions::SuppressionRow;

queries! { suppressions {
    /// Suppresses an address; false when that scope has it already.
    fn insert_suppression(row: &SuppressionRow) -> bool;
    /// Gives another reason to those suppressions of addresses in exactly this scope that their own unsubscription made.
    fn replace_own_opt_outs(account: AccountId, list: ListId, keys: &[&str], reason: SuppressionReason) -> ();
    /// The suppressions that an address has on the server, an account and its lists.
    fn list_suppressions_of(account: AccountId, key: &str) -> Vec<SuppressionRow>;
    /// Lifts the suppressions of an address on a list and its account that have this reason; answers how many.
    fn delete_suppressions(account: AccountId, list: ListId, key: &str, reason: SuppressionReason) -> usize;
    /// Lifts the suppression of an address in exactly this scope, whatever its reason.
    fn delete_suppression(account: AccountId, list: ListId, key: &str) -> bool;
    /// The subscriptions of an address in every list of an account.
    fn list_subscribers_of_address(account: AccountId, key: &str) -> Vec<SubscriberRow>;
    /// Notes whether a subscriber is suppressed; the totals follow.
    fn set_suppressed(row: &SubscriberRow, is_suppressed: bool, at: UtcTime) -> ();
} }
