//! Contents of `queries/subscribers.rs`.

use crate::model::ids::{AccountId, ListId, SubscriberNumber};
use crate::model::states::Roster;
use crate::model::time::UtcTime;
use crate::store::rows::subscribers::{ConsentEntry, SubscriberRow};

queries! { subscribers {
    /// The subscriber of a list with this address key.
    fn find_subscriber_by_email(list: ListId, key: &str) -> Option<SubscriberRow>;
    /// The subscriber of a list with this number.
    fn find_subscriber(list: ListId, number: SubscriberNumber) -> Option<SubscriberRow>;
    /// The subscribers of a list with these numbers, in no order.
    fn list_subscribers_numbered(list: ListId, numbers: &[SubscriberNumber]) -> Vec<SubscriberRow>;
    /// Gives out the next number of a list and counts one more subscriber in `roster`.
    fn take_number(list: ListId, roster: Roster, at: UtcTime) -> SubscriberNumber;
    /// Adds a subscriber whose number was taken before.
    fn insert_subscriber(row: &SubscriberRow) -> ();
    /// Adds subscribers that joined one list at once, with their entries in the consent log.
    fn insert_joined(rows: &[SubscriberRow], entries: &[ConsentEntry]) -> ();
    /// Counts `n` subscribers in or, when negative, out of a roster.
    fn count_in_roster(list: ListId, roster: Roster, n: i64, at: UtcTime) -> ();
    /// Replaces what may change of a subscriber; `was` is the roster it stood in.
    fn update_subscriber(row: &SubscriberRow, was: Roster, at: UtcTime) -> ();
    /// Appends to the consent log.
    fn insert_consent(entry: &ConsentEntry) -> ();
    /// The consent log of one subscriber, oldest first.
    fn list_consent(list: ListId, number: SubscriberNumber) -> Vec<ConsentEntry>;
    /// How many subscribers the lists of an account have together, whatever their state.
    fn count_subscribers_of_account(account: AccountId) -> i64;
    /// Removes a subscriber; false when there was none. The totals follow.
    fn delete_subscriber(row: &SubscriberRow, at: UtcTime) -> bool;
} }
