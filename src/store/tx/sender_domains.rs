//! Contents of `queries/sender_domains.rs`.

use crate::model::ids::SenderKeyId;
use crate::model::states::SenderKeyState;
use crate::model::time::UtcTime;
use crate::store::rows::sender_domains::{NewSenderKeyRow, SenderKeyRow, WarmUpRow};

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
    /// Turns a warm-up's page to this day, unless it is there or beyond.
    fn turn_warm_up(domain: &str, day: i64) -> ();
    /// Takes `n` of a day's messages if that leaves no more than `cap` taken.
    fn take_of_warm_up(domain: &str, n: i64, cap: i64) -> bool;
} }
