//! Contents of `queries/rosters.rs`.

use crate::model::ids::ListId;
use crate::store::rows::rosters::PageQuery;
use crate::store::rows::subscribers::SubscriberRow;

queries! { rosters {
    /// The subscribers of a page.
    fn page_subscribers(page: &PageQuery) -> Vec<SubscriberRow>;
    /// How many subscribers a search finds.
    fn count_page_subscribers(page: &PageQuery) -> i64;
    /// Whether a page is so far in that marks would help, and there are none yet.
    fn wants_marks(page: &PageQuery) -> bool;
    /// Makes the marks that a far page wants.
    fn build_marks_for(page: &PageQuery) -> ();
    /// Forgets every mark of a list, as after an import.
    fn drop_marks(list: ListId) -> ();
} }
