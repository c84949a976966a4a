//! Contents of `queries/sync_runs.rs`.

use crate::model::ids::ListId;
use crate::model::states::SyncPeriod;
use crate::model::time::UtcTime;
use crate::store::rows::imports::SyncSource;

queries! { sync_runs {
    /// Enabled syncs of this period that last ran before `before`, or never, and that nobody runs; the longest waiting first, at most `n`.
    fn list_due_syncs(period: SyncPeriod, before: UtcTime, now: UtcTime, n: i64) -> Vec<SyncSource>;
    /// Takes a sync for one run; false when somebody else was first.
    fn lease_sync(list: ListId, now: UtcTime, until: UtcTime) -> bool;
    /// Writes what a run came to and gives the sync back.
    fn end_sync(list: ListId, at: UtcTime, result: &str) -> ();
    /// Gives a sync back that was not run to its end: it is due as before.
    fn give_back_sync(list: ListId) -> ();
} }
