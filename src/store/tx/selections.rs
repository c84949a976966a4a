//! Contents of `queries/selections.rs`.

use crate::model::ids::{ListId, SubscriberNumber};
use crate::store::rows::selections::Selection;
use crate::store::rows::subscribers::SubscriberRow;

queries! { selections {
    /// The first `limit` subscribers after a number that fit, by number.
    fn select_subscribers(list: ListId, selection: &Selection, after: SubscriberNumber, limit: i64) -> Vec<SubscriberRow>;
    /// The numbers of the first `limit` subscribers after a number that fit, by number.
    fn select_numbers(list: ListId, selection: &Selection, after: SubscriberNumber, limit: i64) -> Vec<SubscriberNumber>;
} }
