//! Contents of `queries/vital_signs.rs`.

use crate::model::states::{JobKind, QueueState};
use crate::model::time::UtcTime;
use crate::store::rows::vital_signs::SomeRows;

queries! { vital_signs {
    /// How many mails are in a state, counted up to `most`, and when the first of them is due.
    fn count_some_mails(state: QueueState, most: i64) -> SomeRows;
    /// How many jobs of a kind are in a state, counted up to `most`, and when the first of them is due.
    fn count_some_jobs(kind: JobKind, state: QueueState, most: i64) -> SomeRows;
    /// How many of the first `most` mails in a state may be out already.
    fn count_uncertain_mails(state: QueueState, most: i64) -> SomeRows;
    /// The latest moment that was written down for something that had just happened; `None` in a database where nothing did.
    fn find_newest_moment() -> Option<UtcTime>;
} }
