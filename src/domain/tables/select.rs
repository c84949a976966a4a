//! Which rows fit a clause: the clause checked against the table, the rows found by an index where it names a subscriber or a whole key, by looking
//! through the table otherwise.

use std::cmp::Ordering;

use crate::domain::contacts::Given;
use crate::domain::contacts::clause::{BadClause, Clause, FieldClause, MAX_COMPARISONS, MAX_DEPTH, Operator};
use crate::domain::cx::Ctx;
use crate::domain::tables::{
    CONTACT, CONTACT_CODE, MAX_SCANNED, PAGE, ROW_CODE, Row, Table, TableError, Values, key_text, row_of, values,
};
use crate::model::ids::SubscriberNumber;
use crate::model::states::DataType;
use crate::store::rows::tables::DataRow;

/// A clause in terms of a table.
#[derive(Debug)]
enum Check {
    All,
    Every(Vec<Check>),
    Any(Vec<Check>),
    One { place: Place, operator: Operator, wanted: Vec<String> },
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Number,
    Contact,
    Field(i64, DataType),
}

/// Up to `limit` rows that fit, by number, and whether there are more.
pub(super) fn rows(
    cx: &mut Ctx<'_>,
    table: &Table,
    clause: &Clause,
    limit: usize,
) -> Result<(Vec<Row>, bool), TableError> {
    let mut budget = MAX_COMPARISONS;
    let check = resolve(table, clause, MAX_DEPTH, &mut budget)?;
    let mut fitting = Vec::new();
    if let Some(key) = whole_key(table, &check) {
        let found = cx.tx.find_data_row_by_key(table.id, &key)?;
        take(&check, found.into_iter().collect(), &mut fitting)?;
    } else {
        scan(cx, table, &check, limit, &mut fitting)?;
    }
    let has_more = fitting.len() > limit;
    fitting.truncate(limit);
    Ok((fitting, has_more))
}

/// Looks through the rows of the subscribers that the clause names, or through the whole table.
fn scan(
    cx: &mut Ctx<'_>,
    table: &Table,
    check: &Check,
    limit: usize,
    fitting: &mut Vec<Row>,
) -> Result<(), TableError> {
    let contacts = named_contacts(check);
    let (mut after, mut n_seen) = (0, 0);
    while fitting.len() <= limit {
        let page = match &contacts {
            Some(contacts) => cx.tx.list_data_rows_of(table.list, table.id, contacts, after, PAGE)?,
            None => cx.tx.list_data_rows(table.id, after, PAGE)?,
        };
        let Some(last) = page.last() else { return Ok(()) };
        after = last.number;
        n_seen += page.len();
        take(check, page, fitting)?;
        if n_seen >= MAX_SCANNED && fitting.len() <= limit {
            return Err(TableError::TooLarge);
        }
    }
    Ok(())
}

fn take(check: &Check, page: Vec<DataRow>, fitting: &mut Vec<Row>) -> Result<(), TableError> {
    for stored in &page {
        let row = row_of(stored)?;
        if fits(check, &row) {
            fitting.push(row);
        }
    }
    Ok(())
}

fn resolve(table: &Table, clause: &Clause, depth: usize, budget: &mut usize) -> Result<Check, BadClause> {
    let mut group = |parts: &[Clause]| -> Result<Vec<Check>, BadClause> {
        let depth = depth.checked_sub(1).ok_or(BadClause::TooLarge)?;
        *budget = budget.checked_sub(parts.len()).ok_or(BadClause::TooLarge)?;
        parts.iter().map(|part| resolve(table, part, depth, budget)).collect()
    };
    match clause {
        Clause::All => Ok(Check::All),
        Clause::And(parts) => group(parts).map(Check::Every),
        Clause::Or(parts) => group(parts).map(Check::Any),
        Clause::Field(field) => {
            *budget = budget.checked_sub(field.values.len().max(1)).ok_or(BadClause::TooLarge)?;
            one(table, field)
        }
    }
}

fn one(table: &Table, clause: &FieldClause) -> Result<Check, BadClause> {
    let place = place(table, &clause.name).ok_or_else(|| BadClause::UnknownField(clause.name.clone()))?;
    let is_pattern = matches!(clause.operator, Operator::Contains | Operator::StartsWith | Operator::EndsWith);
    if is_pattern && !matches!(place, Place::Field(..)) {
        return Err(BadClause::BadOperator(clause.name.clone()));
    }
    let mut wanted = Vec::with_capacity(clause.values.len());
    for given in &clause.values {
        let text = if is_pattern { Some(given.as_text().to_lowercase()) } else { wanted_text(table, place, given) };
        wanted.push(text.ok_or_else(|| BadClause::BadValue(clause.name.clone()))?);
    }
    let is_fine = match clause.operator {
        Operator::IsNull | Operator::IsNotNull => true,
        Operator::In => !wanted.is_empty(),
        _ => wanted.len() == 1,
    };
    if is_fine {
        Ok(Check::One { place, operator: clause.operator, wanted })
    } else {
        Err(BadClause::BadValue(clause.name.clone()))
    }
}

fn place(table: &Table, name: &str) -> Option<Place> {
    if name.eq_ignore_ascii_case(ROW_CODE) {
        return Some(Place::Number);
    }
    let bare = without_key_prefix(name);
    if bare.eq_ignore_ascii_case(CONTACT_CODE) {
        return Some(Place::Contact);
    }
    table.field(bare).map(|field| Place::Field(field.position, field.data_type))
}

/// A name without the `key_` that it may have (OF-7.3).
pub(super) fn without_key_prefix(name: &str) -> &str {
    let has_prefix = name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("key_"));
    if has_prefix { &name[4..] } else { name }
}

/// A value in the form in which such values are kept.
fn wanted_text(table: &Table, place: Place, given: &Given) -> Option<String> {
    match place {
        Place::Number | Place::Contact if given.is_blank() => Some(String::new()),
        Place::Number | Place::Contact => given.as_text().trim().parse::<i64>().ok().map(|number| number.to_string()),
        Place::Field(_, data_type) => values::normal_form(data_type, given, table.time_zone),
    }
}

fn fits(check: &Check, row: &Row) -> bool {
    match check {
        Check::All => true,
        Check::Every(parts) => parts.iter().all(|part| fits(part, row)),
        Check::Any(parts) => parts.iter().any(|part| fits(part, row)),
        Check::One { place, operator, wanted } => {
            let (data_type, value) = match place {
                Place::Number => (DataType::Integer, row.number.to_string()),
                Place::Contact if row.contact == SubscriberNumber::NONE => (DataType::Integer, String::new()),
                Place::Contact => (DataType::Integer, row.contact.to_string()),
                Place::Field(position, data_type) => {
                    (*data_type, row.values.get(position).cloned().unwrap_or_default())
                }
            };
            compares(*operator, data_type, &value, wanted)
        }
    }
}

/// Whether a value (empty for none) stands so to what is wanted. Without a value only `IsNull`, `NotEqual` and `Equal` to nothing can be true.
fn compares(operator: Operator, data_type: DataType, value: &str, wanted: &[String]) -> bool {
    let first = wanted.first().map_or("", String::as_str);
    let is_equal = |other: &String| {
        if value.is_empty() || other.is_empty() {
            value.is_empty() && other.is_empty()
        } else {
            values::compare(data_type, value, other) == Some(Ordering::Equal)
        }
    };
    let order = || if value.is_empty() || first.is_empty() { None } else { values::compare(data_type, value, first) };
    match operator {
        Operator::IsNull => value.is_empty(),
        Operator::IsNotNull => !value.is_empty(),
        Operator::Equal | Operator::In => wanted.iter().any(is_equal),
        Operator::NotEqual => !wanted.iter().any(is_equal),
        Operator::Greater => order() == Some(Ordering::Greater),
        Operator::GreaterOrEqual => order().is_some_and(|order| order != Ordering::Less),
        Operator::Less => order() == Some(Ordering::Less),
        Operator::LessOrEqual => order().is_some_and(|order| order != Ordering::Greater),
        Operator::Contains => value.to_lowercase().contains(first),
        Operator::StartsWith => value.to_lowercase().starts_with(first),
        Operator::EndsWith => value.to_lowercase().ends_with(first),
    }
}

/// The comparisons that all must hold.
fn required(check: &Check) -> Vec<(Place, Operator, &[String])> {
    match check {
        Check::One { place, operator, wanted } => vec![(*place, *operator, wanted.as_slice())],
        Check::Every(parts) => parts.iter().flat_map(required).collect(),
        Check::All | Check::Any(_) => Vec::new(),
    }
}

/// The subscribers of whom alone rows can fit, if the clause says so.
fn named_contacts(check: &Check) -> Option<Vec<SubscriberNumber>> {
    let named = required(check).into_iter().find(|(place, operator, wanted)| {
        *place == Place::Contact
            && matches!(operator, Operator::Equal | Operator::In)
            && wanted.iter().all(|text| !text.is_empty())
    });
    named.map(|(_, _, wanted)| wanted.iter().filter_map(|text| text.parse().ok().map(SubscriberNumber)).collect())
}

/// The key, when the clause asks for exactly one.
fn whole_key(table: &Table, check: &Check) -> Option<String> {
    let (mut contact, mut kept) = (SubscriberNumber::NONE, Values::new());
    for (place, operator, wanted) in required(check) {
        let ([value], Operator::Equal) = (wanted, operator) else { continue };
        match place {
            Place::Contact => contact = SubscriberNumber(value.parse().ok()?),
            Place::Field(position, _) if position != CONTACT => drop(kept.insert(position, value.clone())),
            _ => {}
        }
    }
    key_text(table, contact, &kept)
}
