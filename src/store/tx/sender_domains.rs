//! Contents of `queries/sender_domains.rs`.

use crate::model::ids::SenderKeyId;
use crate::model::states::SenderKeyState;
use crate::model::time::UtcTime;
use crate::store::rows::sender_domains::{NewSenderKeyRow, SenderKeyRow, WarmUpCountRow, WarmUpRow};

queries! { sender_domains {
    /// Keeps a key.
    fn insert_sender_key(key: &NewSenderKeyRow) -> SenderKeyId;
    /// Every key, by domain and age.
    fn list_sender_keys() -> Vec<SenderKeyRow>;
    /// The keys of these domains, oldest first.
    fn list_sender_keys_of(domains: &[String]) -> Vec<SenderKeyRow>;
    /// Moves a key to another state.
    fn set_sender_key_state(id: SenderKeyId, state: SenderKeyState, now: UtcTime) -> ();
    /// A domain's warm-up.
    fn find_warm_up(domain: &str) -> Option<WarmUpRow>;
    /// Begins a domain's warm-up, in place of one that it may have.
    fn put_warm_up(warm_up: &WarmUpRow) -> ();
    /// Ends a domain's warm-up.
    fn delete_warm_up(domain: &str) -> ();
    /// Whether any domain has a warm-up.
    fn is_any_warm_up() -> bool;
    /// What a domain in its warm-up has sent to a group of destinations.
    fn find_warm_up_count(domain: &str, destination: &str) -> Option<WarmUpCountRow>;
    /// Begins to count, unless somebody else has.
    fn begin_warm_up_count(count: &WarmUpCountRow) -> ();
    /// Turns a page from one day to a later one, with so many more days held, unless somebody else has.
    fn turn_warm_up(was: &WarmUpCountRow, day: i64, n_more_held: i64) -> ();
    /// Takes `n` of a day's messages if that leaves no more than `cap` taken.
    fn take_of_warm_up(domain: &str, destination: &str, n: i64, cap: i64) -> bool;
    /// Counts what came back.
    fn add_to_warm_up(domain: &str, destination: &str, n_bounced: i64, n_complained: i64) -> ();
} }
