//! Pages of subscribers. The two common orders, by address and by date, run along an index; far pages start at a mark (see `roster_marks`).

use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::{Backend, Conn, json_field, roster_marks, shelves};
use crate::model::ids::{ListId, SubscriberNumber};
use crate::model::time::UtcTime;
use crate::store::rows::rosters::{FieldRef, PageColumn, PageQuery, PageSearch, PageSort};
use crate::store::rows::subscribers::SubscriberRow;
use crate::store::schema::subscribers;

/// A page that begins beyond this is looked for by marks.
pub const FAR: i64 = 2_048;

/// Passing over fewer is not worth a second query.
const SHORT_WALK: i64 = 64;
/// Pages of more are read in one query.
const KEYS_AT_ONCE: usize = 1_000;

/// How a query goes over a shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// From address to address.
    ByAddress,
    /// In any other order.
    Otherwise,
}

type Boxed<'a> = subscribers::BoxedQuery<'a, Backend>;

/// The subscribers of a page. One that is sorted by address or date and not searched costs the same wherever it begins, once its shelf has marks.
pub fn page_subscribers(conn: &mut Conn, page: &PageQuery) -> QueryResult<Vec<SubscriberRow>> {
    let far = start_of_far_page(conn, page)?;
    let offset = far.as_ref().map_or(page.offset, |(_, rest)| *rest);
    if let Some(numbers) = shelves::page_of_few(conn, page, offset)? {
        return rows_of(conn, page.list, &numbers);
    }
    let walk = if page.sort == PageSort::Email { Walk::ByAddress } else { Walk::Otherwise };
    let mut query = narrowed(page, walk);
    if let Some((start, _)) = far {
        query = match start {
            Start::Email(key) if page.is_descending => query.filter(subscribers::email_key.lt(key)),
            Start::Email(key) => query.filter(subscribers::email_key.ge(key)),
            Start::Date(at, number) if page.is_descending => query.filter(before(at, number)),
            Start::Date(at, number) => query.filter(not_before(at, number)),
        };
    }
    let query = sorted(query, page).offset(offset).limit(page.limit);
    if offset < SHORT_WALK || page.limit > KEYS_AT_ONCE as i64 {
        return query.select(SubscriberRow::as_select()).load(conn);
    }
    // The rows passed over are then walked in the index alone, without a look at each.
    let numbers: Vec<SubscriberNumber> = query.select(subscribers::number).load(conn)?;
    rows_of(conn, page.list, &numbers)
}

/// The rows with these numbers, in their order.
fn rows_of(conn: &mut Conn, list: ListId, numbers: &[SubscriberNumber]) -> QueryResult<Vec<SubscriberRow>> {
    let mut rows = Vec::with_capacity(numbers.len());
    for some in numbers.chunks(KEYS_AT_ONCE) {
        let found: Vec<SubscriberRow> = subscribers::table
            .filter(subscribers::list_id.eq(list))
            .filter(subscribers::number.eq_any(some))
            .select(SubscriberRow::as_select())
            .load(conn)?;
        rows.extend(found);
    }
    let places: HashMap<SubscriberNumber, usize> =
        numbers.iter().enumerate().map(|(place, number)| (*number, place)).collect();
    rows.sort_by_key(|row| places.get(&row.number).copied());
    Ok(rows)
}

/// How many subscribers a search finds. Without a search the list's totals know.
pub fn count_page_subscribers(conn: &mut Conn, page: &PageQuery) -> QueryResult<i64> {
    let walk = match page.search {
        Some(PageSearch::EmailHolds(_)) => Walk::ByAddress,
        _ => Walk::Otherwise,
    };
    narrowed(page, walk).count().get_result(conn)
}

/// Whether a page is so far in that marks would help, and there are none yet. The caller then makes them in a transaction of its own.
/// A list that never gave out as many numbers has no far pages: whoever adds to it does not ask for marks.
pub fn wants_marks(conn: &mut Conn, page: &PageQuery) -> QueryResult<bool> {
    match marked(page) {
        Some((shelf, sort)) => Ok(page.offset > FAR
            && roster_marks::list_marks(conn, page.list, shelf, sort)?.is_empty()
            && roster_marks::last_number(conn, page.list)? > FAR),
        None => Ok(false),
    }
}

/// Makes the marks that a far page wants.
pub fn build_marks_for(conn: &mut Conn, page: &PageQuery) -> QueryResult<()> {
    match marked(page) {
        Some((shelf, sort)) if wants_marks(conn, page)? => roster_marks::build_marks(conn, page.list, shelf, sort),
        _ => Ok(()),
    }
}

/// Forgets every mark of a list, as after an import.
pub fn drop_marks(conn: &mut Conn, list: ListId) -> QueryResult<()> {
    roster_marks::drop_marks(conn, list)
}

/// At this place of the date order or behind it. Raw because Diesel has no row values, and without them the index is not used.
pub(super) fn not_before(at: UtcTime, number: SubscriberNumber) -> SqlLiteral<Bool> {
    sql(&format!("(subscribed_at, number) >= ({}, {})", at.0, number.0))
}

/// Before this place of the date order.
fn before(at: UtcTime, number: SubscriberNumber) -> SqlLiteral<Bool> {
    sql(&format!("(subscribed_at, number) < ({}, {})", at.0, number.0))
}

enum Start {
    Email(String),
    Date(UtcTime, SubscriberNumber),
}

/// The shelf and order of the marks that serve a page.
fn marked(page: &PageQuery) -> Option<(i16, i16)> {
    let sort = match page.sort {
        PageSort::Email => roster_marks::BY_EMAIL,
        PageSort::SubscribedAt => roster_marks::BY_DATE,
        _ => return None,
    };
    if page.search.is_some() { None } else { page.shelf.number().map(|shelf| (shelf, sort)) }
}

/// Where a far page begins by the marks, and how many to pass over from there. In descending order the start is where the walk comes from.
fn start_of_far_page(conn: &mut Conn, page: &PageQuery) -> QueryResult<Option<(Start, i64)>> {
    let Some((shelf, sort)) = marked(page).filter(|_| page.offset > FAR) else { return Ok(None) };
    let marks = roster_marks::list_marks(conn, page.list, shelf, sort)?;
    let to_start = |key: &str| {
        if sort == roster_marks::BY_EMAIL {
            Start::Email(key.to_owned())
        } else {
            let (at, number) = roster_marks::from_date_key(key);
            Start::Date(at, number)
        }
    };
    let mut passed = 0;
    if page.is_descending {
        // From the end: pass whole marks while the page begins before them; the walk starts below the last passed mark's key.
        let mut below = None;
        for (key, n) in marks.iter().rev() {
            if passed + n > page.offset {
                break;
            }
            passed += n;
            below = Some(key);
        }
        return Ok(below.map(|key| (to_start(key), page.offset - passed)));
    }
    // The walk starts at the mark that the page begins behind; at the last one when it begins behind the end.
    let mut from = None;
    let mut next = 0;
    for (key, n) in &marks {
        (from, passed) = (Some(key), next);
        next += n;
        if next > page.offset {
            break;
        }
    }
    Ok(from.map(|key| (to_start(key), page.offset - passed)))
}

fn narrowed(page: &PageQuery, walk: Walk) -> Boxed<'_> {
    let mut query = subscribers::table.filter(subscribers::list_id.eq(page.list)).into_boxed::<Backend>();
    query = match page.shelf.number() {
        None => query.filter(sql::<Bool>("roster = 2")),
        Some(shelf) => query.filter(shelves::on_shelf(shelf, walk)),
    };
    match &page.search {
        None => query,
        Some(search) => searched(query, search),
    }
}

fn searched<'a>(query: Boxed<'a>, search: &'a PageSearch) -> Boxed<'a> {
    match search {
        PageSearch::EmailHolds(text) => query.filter(subscribers::email_key.like(pattern(text)).escape('!')),
        PageSearch::IpHolds(text) => query.filter(subscribers::subscribed_ip.like(pattern(text)).escape('!')),
        PageSearch::NumberHolds(digits) => {
            query.filter(sql::<Text>("CAST(number AS TEXT)").like(pattern(digits)).escape('!'))
        }
        PageSearch::SubscribedWithin(from, to) => query
            .filter(subscribers::subscribed_at.ge(UtcTime(*from)))
            .filter(subscribers::subscribed_at.lt(UtcTime(*to))),
        PageSearch::OptedInWithin(from, to) => {
            query.filter(subscribers::opted_in_at.ge(UtcTime(*from))).filter(subscribers::opted_in_at.lt(UtcTime(*to)))
        }
        PageSearch::FieldHolds(field, text) => {
            query.filter(lower(field_value(*field)).like(pattern(text)).escape('!'))
        }
        PageSearch::Nobody => query.filter(sql::<Bool>("1 = 0")),
    }
}

diesel::define_sql_function! {
    /// Lower case of ASCII letters on SQLite, of all letters on PostgreSQL.
    fn lower(text: Text) -> Text;
}

/// A pattern that finds the text anywhere, its own wildcards taken literally.
fn pattern(text: &str) -> String {
    format!("%{}%", text.replace('!', "!!").replace('%', "!%").replace('_', "!_"))
}

/// The value of a custom field as a column; nothing is the least, whatever the database thinks of NULL.
fn field_value(field: FieldRef) -> SqlLiteral<Text> {
    sql(&format!("COALESCE({}, '')", field_sql(field)))
}

/// A moment that may be missing, as a column to sort by: missing ones come first, as the zero date did.
fn moment(column: &str) -> SqlLiteral<BigInt> {
    sql(&format!("COALESCE({column}, {})", i64::MIN + 1))
}

/// Raw because the two databases spell JSON members differently; ids are numbers of ours.
fn field_sql(field: FieldRef) -> String {
    match field.global_of {
        None => json_field::member("subscribers.fields", field.id),
        Some(account) => format!(
            "(SELECT g.value FROM global_values g WHERE g.account_id = {account} AND g.field_id = {} \
             AND g.email_key = subscribers.email_key)",
            field.id
        ),
    }
}

fn sorted<'a>(query: Boxed<'a>, page: &PageQuery) -> Boxed<'a> {
    macro_rules! by {
        ($column:expr) => {
            if page.is_descending {
                query.order(($column.desc(), subscribers::number.desc()))
            } else {
                query.order(($column.asc(), subscribers::number.asc()))
            }
        };
    }
    match page.sort {
        // Addresses are unique in a list: the number adds nothing and would leave the index.
        PageSort::Email if page.is_descending => query.order(subscribers::email_key.desc()),
        PageSort::Email => query.order(subscribers::email_key.asc()),
        PageSort::SubscribedAt => by!(subscribers::subscribed_at),
        PageSort::Number if page.is_descending => query.order(subscribers::number.desc()),
        PageSort::Number => query.order(subscribers::number.asc()),
        PageSort::Column(PageColumn::Bounce) => by!(subscribers::bounce),
        PageSort::Column(PageColumn::Status) => by!(subscribers::status),
        PageSort::Column(PageColumn::SubscribedIp) => by!(subscribers::subscribed_ip),
        PageSort::Column(PageColumn::OptedInAt) => by!(moment("opted_in_at")),
        PageSort::Column(PageColumn::UnsubscribedAt) => by!(moment("unsubscribed_at")),
        PageSort::Column(PageColumn::UnsubscribedIp) => by!(subscribers::unsubscribed_ip),
        PageSort::Field(field) => by!(field_value(field)),
    }
}
