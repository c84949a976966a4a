//! Counters that hand out numbers in ranges.

use diesel::prelude::*;

use super::Conn;
use crate::store::schema::tables::number_ranges;

/// Moves a counter on by `n` and answers the last number taken; a counter begins at 0.
pub fn reserve_numbers(conn: &mut Conn, name: &str, n: i64) -> QueryResult<i64> {
    diesel::insert_into(number_ranges::table)
        .values((number_ranges::name.eq(name), number_ranges::last_number.eq(n)))
        .on_conflict(number_ranges::name)
        .do_update()
        .set(number_ranges::last_number.eq(number_ranges::last_number + n))
        .returning(number_ranges::last_number)
        .get_result(conn)
}
