//! Shelves, as the indexes of this database hold them: each in one range of one index, by address and by date.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Conn;
use super::rosters::Walk;
use crate::model::ids::SubscriberNumber;
use crate::store::rows::rosters::PageQuery;

/// Stands on this shelf. Raw because the other database needs more than a comparison here.
pub fn on_shelf(shelf: i16, _: Walk) -> SqlLiteral<Bool> {
    sql(&format!("shelf = {shelf}"))
}

/// The page's subscribers, where sorting a shelf is quicker than walking it: never, here.
pub fn page_of_few(_: &mut Conn, _: &PageQuery, _: i64) -> QueryResult<Option<Vec<SubscriberNumber>>> {
    Ok(None)
}
