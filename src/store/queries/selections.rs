//! Subscribers by a tree of comparisons. Comparing for equality with the number, the address or the key runs along an index; everything else walks the list
//! by number, so that pages of it go on where the last one ended.

use diesel::dsl::sql;
use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::{Backend, Conn, json_field};
use crate::model::ids::{FieldId, ListId, SubscriberNumber};
use crate::model::states::SubscriptionStatus;
use crate::store::rows::selections::{Comparison, FieldPlace, Selection, Test};
use crate::store::rows::subscribers::SubscriberRow;
use crate::store::schema::subscribers;

pub(super) type Condition = Box<dyn BoxableExpression<subscribers::table, Backend, SqlType = Bool>>;

/// The first `limit` subscribers after a number that fit, by number.
pub fn select_subscribers(
    conn: &mut Conn,
    list: ListId,
    selection: &Selection,
    after: SubscriberNumber,
    limit: i64,
) -> QueryResult<Vec<SubscriberRow>> {
    let selection = &with_keys_found(conn, list, selection)?;
    subscribers::table
        .filter(subscribers::list_id.eq(list))
        .filter(subscribers::number.gt(after))
        .filter(condition(selection))
        .order(subscribers::number)
        .limit(limit)
        .select(SubscriberRow::as_select())
        .load(conn)
}

/// The numbers of the first `limit` subscribers after a number that fit, by number.
pub fn select_numbers(
    conn: &mut Conn,
    list: ListId,
    selection: &Selection,
    after: SubscriberNumber,
    limit: i64,
) -> QueryResult<Vec<SubscriberNumber>> {
    let selection = &with_keys_found(conn, list, selection)?;
    subscribers::table
        .filter(subscribers::list_id.eq(list))
        .filter(subscribers::number.gt(after))
        .filter(condition(selection))
        .order(subscribers::number)
        .limit(limit)
        .select(subscribers::number)
        .load(conn)
}

/// Puts the number of its contact in the place of each key: a subquery beside the range of numbers would not be led by its index.
pub(super) fn with_keys_found(conn: &mut Conn, list: ListId, selection: &Selection) -> QueryResult<Selection> {
    let mut each = |parts: &[Selection]| -> QueryResult<Vec<Selection>> {
        parts.iter().map(|part| with_keys_found(conn, list, part)).collect()
    };
    Ok(match selection {
        Selection::Is(Test::Key(text)) => match super::projects::find_contact_by_key(conn, list, text)? {
            Some(number) => Selection::Is(Test::Number(Comparison::Equal, number.0)),
            None => Selection::Nobody,
        },
        Selection::And(parts) => Selection::And(each(parts)?),
        Selection::Or(parts) => Selection::Or(each(parts)?),
        Selection::All | Selection::Nobody | Selection::Is(_) => selection.clone(),
    })
}

pub(super) fn condition(selection: &Selection) -> Condition {
    match selection {
        Selection::All => Box::new(sql::<Bool>("(1 = 1)")),
        Selection::Nobody => Box::new(sql::<Bool>("(1 = 0)")),
        Selection::Is(test) => single(test),
        Selection::And(parts) => {
            let joined = parts.iter().map(|part| condition(part)).reduce(|a, b| Box::new(a.and(b)));
            joined.unwrap_or_else(|| condition(&Selection::All))
        }
        Selection::Or(parts) => {
            let joined = parts.iter().map(|part| condition(part)).reduce(|a, b| Box::new(a.or(b)));
            joined.unwrap_or_else(|| condition(&Selection::Nobody))
        }
    }
}

fn single(test: &Test) -> Condition {
    match test {
        Test::Number(comparison, number) => whole("subscribers.number", *comparison, *number),
        Test::Address(comparison, text) => text_test("subscribers.email_key", *comparison, text),
        Test::Text(place, comparison, text) => {
            let folded = json_field::folded(&format!("COALESCE({}, '')", value(*place)));
            text_test(&folded, *comparison, text)
        }
        Test::Decimal(place, comparison, text) => decimal(*place, *comparison, text),
        // Found before; one that is left fits nobody.
        Test::Key(_) => Box::new(sql::<Bool>("(1 = 0)")),
        Test::OptIn(id, said) => said_test(&format!("contact_opt_ins t WHERE t.opt_in_id = {id} AND"), *said),
        Test::OptInAt(id, comparison, at) => {
            said_at(&format!("contact_opt_ins t WHERE t.opt_in_id = {id} AND"), *comparison, *at)
        }
        Test::Tracking(said) => said_test("contact_tracking t WHERE", *said),
        Test::TrackingAt(comparison, at) => said_at("contact_tracking t WHERE", *comparison, *at),
        Test::IsActive(is_active) => {
            let not = if *is_active { "" } else { "NOT " };
            let (subscribed, leaving) =
                (SubscriptionStatus::Subscribed.number(), SubscriptionStatus::OptOutPending.number());
            Box::new(sql::<Bool>(&format!("(subscribers.status {not}IN ({subscribed}, {leaving}))")))
        }
        Test::CreatedAt(comparison, at) => whole("subscribers.subscribed_at", *comparison, *at),
        Test::IsMailable => Box::new(sql::<Bool>("(subscribers.roster IN (1, 2))")),
    }
}

/// A column of whole numbers.
fn whole(column: &str, comparison: Comparison, number: i64) -> Condition {
    // The patterns are of texts only; the domain does not ask for them here, and nobody fits.
    let Some(sign) = sign(comparison) else { return Box::new(sql::<Bool>("(1 = 0)")) };
    Box::new(sql::<Bool>(&format!("({column} {sign} ")).bind::<BigInt, _>(number).sql(")"))
}

fn text_test(expression: &str, comparison: Comparison, text: &str) -> Condition {
    if let Some(sign) = sign(comparison) {
        return Box::new(sql::<Bool>(&format!("({expression} {sign} ")).bind::<Text, _>(text.to_owned()).sql(")"));
    }
    let literal = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let pattern = match comparison {
        Comparison::StartsWith => format!("{literal}%"),
        Comparison::EndsWith => format!("%{literal}"),
        _ => format!("%{literal}%"),
    };
    Box::new(sql::<Bool>(&format!("({expression} LIKE ")).bind::<Text, _>(pattern).sql(" ESCAPE '!')"))
}

fn decimal(place: FieldPlace, comparison: Comparison, text: &str) -> Condition {
    let Some(sign) = sign(comparison) else { return Box::new(sql::<Bool>("(1 = 0)")) };
    let number = json_field::number(&value(place));
    let of_none = if comparison == Comparison::NotEqual { "(1 = 1)" } else { "(1 = 0)" };
    Box::new(
        sql::<Bool>(&format!("(CASE WHEN {number} IS NULL THEN {of_none} ELSE {number} {sign} CAST("))
            .bind::<Text, _>(text.to_owned())
            .sql(" AS NUMERIC) END)"),
    )
}

/// Whether a row beside the subscriber says yes or no, or is not there.
fn said_test(from: &str, said: Option<bool>) -> Condition {
    let row = format!("(SELECT 1 FROM {from} t.list_id = subscribers.list_id AND t.number = subscribers.number");
    Box::new(sql::<Bool>(&match said {
        None => format!("(NOT EXISTS {row}))"),
        Some(true) => format!("(EXISTS {row} AND t.is_given))"),
        Some(false) => format!("(EXISTS {row} AND NOT t.is_given))"),
    }))
}

fn said_at(from: &str, comparison: Comparison, at: i64) -> Condition {
    let Some(sign) = sign(comparison) else { return Box::new(sql::<Bool>("(1 = 0)")) };
    Box::new(sql::<Bool>(&format!(
        "(EXISTS (SELECT 1 FROM {from} t.list_id = subscribers.list_id AND t.number = subscribers.number \
         AND t.effective_at {sign} {at}))"
    )))
}

const fn sign(comparison: Comparison) -> Option<&'static str> {
    match comparison {
        Comparison::Equal => Some("="),
        Comparison::NotEqual => Some("<>"),
        Comparison::Greater => Some(">"),
        Comparison::GreaterOrEqual => Some(">="),
        Comparison::Less => Some("<"),
        Comparison::LessOrEqual => Some("<="),
        Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith => None,
    }
}

/// The value of a field as an SQL expression. Raw because the two databases spell JSON members differently; ids are numbers of ours.
fn value(place: FieldPlace) -> String {
    match place.global_of {
        None => json_field::member("subscribers.fields", FieldId(place.field)),
        Some(account) => format!(
            "(SELECT g.value FROM global_values g WHERE g.account_id = {account} AND g.field_id = {} \
             AND g.email_key = subscribers.email_key)",
            place.field
        ),
    }
}
