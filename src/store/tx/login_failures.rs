//! Contents of `queries/login_failures.rs`.

use crate::model::time::UtcTime;

queries! { login_failures {
    /// How often this key failed and when last, unless that is older than `since`.
    fn find_login_failures(key_hash: &str, since: UtcTime) -> Option<(i64, UtcTime)>;
    /// Counts one more failure of this key; failures older than `since` no longer count.
    fn count_login_failure(key_hash: &str, now: UtcTime, since: UtcTime) -> ();
    /// Forgets the failures of this key.
    fn delete_login_failures(key_hash: &str) -> ();
    /// Removes up to `n` rows whose last failure is before `since`; answers how many.
    fn sweep_login_failures(since: UtcTime, n: i64) -> usize;
} }
