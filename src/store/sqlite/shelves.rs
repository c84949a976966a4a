//! Shelves, as the indexes of this database hold them: the active shelf, on which nearly everybody stands, has no index by address of its own.
//!
//! Each sign-up would write one more page of such an index, at a place of its own; the unique index of all addresses is walked in its stead, passing over
//! who stands elsewhere. The other shelves have their index (`subscribers_by_shelf_email`, a partial one).

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::Conn;
use super::rosters::Walk;
use crate::model::ids::SubscriberNumber;
use crate::model::states::Roster;
use crate::store::rows::lists::ListTotals;
use crate::store::rows::rosters::{PageQuery, PageSort, Shelf, shelf_of};
use crate::store::schema::list_totals;

/// Sorting a row costs as much as passing over so many.
const SORTING: i64 = 4;

/// Stands on this shelf. Raw because the partial index is only used for a condition without parameters that says what it leaves out, and because
/// a column with a sign keeps the index by date from being taken for its first two columns, to sort the whole shelf after.
pub fn on_shelf(shelf: i16, walk: Walk) -> SqlLiteral<Bool> {
    let active = shelf_of(Roster::Active);
    sql(&match walk {
        Walk::ByAddress if shelf == active => format!("+shelf = {shelf}"),
        Walk::ByAddress => format!("shelf = {shelf} AND shelf <> {active}"),
        Walk::Otherwise => format!("shelf = {shelf}"),
    })
}

#[derive(QueryableByName)]
struct Numbered {
    #[diesel(sql_type = BigInt)]
    number: SubscriberNumber,
}

/// The numbers on a page by address that is found sooner by sorting its shelf than by a walk over all addresses, so few of the list being active.
/// `offset` is counted from where the walk would begin. `None` for every other page.
pub fn page_of_few(conn: &mut Conn, page: &PageQuery, offset: i64) -> QueryResult<Option<Vec<SubscriberNumber>>> {
    let is_candidate = page.shelf == Shelf::Active && page.sort == PageSort::Email && page.search.is_none();
    if !is_candidate || !pays_to_sort(conn, page, offset)? {
        return Ok(None);
    }
    let page_sorted = diesel::sql_query(sorted_shelf(page.is_descending))
        .bind::<BigInt, _>(page.list)
        .bind::<BigInt, _>(page.limit)
        .bind::<BigInt, _>(page.offset);
    let numbered: Vec<Numbered> = page_sorted.load(conn)?;
    Ok(Some(numbered.into_iter().map(|row| row.number).collect()))
}

/// Raw because Diesel cannot name the index, and SQLite, which takes every list for a short one, would choose another.
fn sorted_shelf(is_descending: bool) -> String {
    let (active, order) = (shelf_of(Roster::Active), if is_descending { "DESC" } else { "ASC" });
    format!(
        "SELECT number FROM subscribers INDEXED BY subscribers_by_shelf_date WHERE list_id = ?1 AND shelf = {active} \
         ORDER BY email_key {order} LIMIT ?2 OFFSET ?3"
    )
}

fn pays_to_sort(conn: &mut Conn, page: &PageQuery, offset: i64) -> QueryResult<bool> {
    let totals = list_totals::table.find(page.list).select(ListTotals::as_select());
    let Some(totals) = totals.get_result(conn).optional()? else { return Ok(false) };
    let n_active = totals.n_active + totals.n_soft;
    let n_wanted = offset.saturating_add(page.limit).clamp(0, n_active);
    let n_walked = n_wanted.saturating_mul(totals.n_all()) / n_active.max(1);
    Ok(n_walked > n_active.saturating_mul(SORTING))
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::Text;

    use super::*;
    use crate::store::db::DbAddress;
    use crate::store::migrate;
    use crate::store::schema::subscribers;
    use crate::store::sqlite::connect;

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }

    fn explained(conn: &mut Conn, sql: &str) -> String {
        let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(conn).expect("plan");
        steps.into_iter().map(|step| step.detail + "; ").collect()
    }

    /// How the database would walk a shelf from address to address.
    fn walked(conn: &mut Conn, shelf: i16) -> String {
        let query = subscribers::table
            .filter(subscribers::list_id.eq(7))
            .filter(on_shelf(shelf, Walk::ByAddress))
            .order(subscribers::email_key)
            .select(subscribers::number)
            .limit(10);
        let text = diesel::debug_query::<super::super::Backend, _>(&query).to_string();
        explained(conn, text.split(" -- binds").next().expect("query"))
    }

    #[test]
    fn each_walk_has_its_index() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("shelves.sqlite");
        migrate::run(&DbAddress::Sqlite(path.clone())).expect("tables");
        let mut conn = connect(&path).expect("database");
        let active = walked(&mut conn, shelf_of(Roster::Active));
        assert!(active.contains("subscribers_by_email") && !active.contains("B-TREE"), "{active}");
        let gone = walked(&mut conn, shelf_of(Roster::Unsubscribed));
        assert!(gone.contains("subscribers_by_shelf_email") && !gone.contains("B-TREE"), "{gone}");
        let few = explained(&mut conn, &sorted_shelf(false));
        assert!(few.contains("subscribers_by_shelf_date (list_id=? AND shelf=?)"), "{few}");
    }
}
