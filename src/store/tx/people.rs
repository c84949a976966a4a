//! Contents of `queries/people.rs` and of each backend's `person_rows.rs`.

use crate::model::ids::{AccountId, ListId, SubscriberNumber};
use crate::store::rows::people::{OfAddress, OfSubscriber};

queries! { people {
    /// The accounts that keep something under an address, its subscriptions aside.
    fn list_accounts_naming(key: &str) -> Vec<AccountId>;
    /// Removes what an account keeps under an address: suppressions, global values, consent, what came back, mails.
    fn erase_address(account: AccountId, key: &str) -> ();
    /// Removes what is known of one subscriber under earlier addresses: consent, what came back, mails.
    fn erase_subscriber(list: ListId, number: SubscriberNumber) -> ();
} }

queries! { person_rows {
    /// The rows of a table that belong to a subscriber, each as a JSON object.
    fn rows_of_subscriber(of: OfSubscriber, list: ListId, number: SubscriberNumber) -> Vec<String>;
    /// The rows of a table that belong to an address, of one account or, with [`AccountId::NONE`], of all, each as a JSON object.
    fn rows_of_address(of: OfAddress, account: AccountId, key: &str) -> Vec<String>;
} }
