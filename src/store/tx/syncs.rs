//! Contents of `queries/syncs.rs`.

use crate::model::ids::ListId;
use crate::store::rows::lists::ListSync;

queries! { syncs {
    /// How a list is filled, if it ever was set up.
    fn find_sync(list: ListId) -> Option<ListSync>;
    /// Stores how a list is filled. Without a `last_run_at` the stored one stays.
    fn save_sync(sync: &ListSync) -> ();
} }
