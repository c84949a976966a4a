//! Contents of `queries/lists.rs`.

use crate::model::ids::{AccountId, ListId, MessageId};
use crate::model::time::UtcTime;
use crate::store::rows::lists::{ListRow, ListRules, ListSync, ListTotals, NewListRow};

queries! { lists {
    /// The list with this id, if it belongs to the account.
    fn find_list(account: AccountId, id: ListId) -> Option<ListRow>;
    /// A list of an account whose requests to confirm are made of a message.
    fn find_list_confirming_by(account: AccountId, message: MessageId) -> Option<ListId>;
    /// What subscribing needs to know of a list and its owner.
    fn find_list_rules(id: ListId) -> Option<ListRules>;
    /// Every list of the account with its totals and sync, by id.
    fn list_lists(account: AccountId) -> Vec<(ListRow, ListTotals, Option<ListSync>)>;
    /// The names of the account's lists.
    fn list_list_names(account: AccountId) -> Vec<String>;
    /// Whether the account's user group makes every list ask for confirmation.
    fn forces_double_opt_in(account: AccountId) -> bool;
    /// Names the message that asks new subscribers of a list to confirm.
    fn set_list_message(id: ListId, message: MessageId) -> ();
    /// How many lists the account has.
    fn count_lists(account: AccountId) -> i64;
    /// The totals of a list.
    fn find_list_totals(id: ListId) -> Option<ListTotals>;
    /// Makes a list and its empty totals.
    fn insert_list(list: &NewListRow) -> ListId;
    /// Replaces every column of a list but its owner.
    fn update_list(list: &ListRow) -> ();
    /// Makes a list invisible; false when the account has no such list.
    fn mark_list_deleted(account: AccountId, id: ListId, at: UtcTime) -> bool;
} }
