//! Contents of each backend's `holds.rs`.

use crate::model::ids::{AccountId, ListId};

queries! { holds {
    /// Locks these lists and those that their list-to-list actions name, in one order, until the transaction ends. All lists of the account when
    /// `is_account_wide`, or when anything suppresses `key` there.
    fn hold_lists(lists: &[ListId], key: &str, is_account_wide: bool) -> ();
    /// Locks an account until the transaction ends, so that what is counted of it stays so.
    fn hold_account(account: AccountId) -> ();
} }
