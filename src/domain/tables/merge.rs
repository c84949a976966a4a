//! Creating and changing rows, many in one call: each by its key, its number, or anew. A record that fails leaves the others.

use std::collections::HashSet;

use crate::domain::access::Permission;
use crate::domain::contacts::Given;
use crate::domain::cx::Ctx;
use crate::domain::tables::select::without_key_prefix;
use crate::domain::tables::{
    CONTACT, CONTACT_CODE, ROW_CODE, Row, Table, TableError, Values, key_text, require, row_of, values,
};
use crate::model::ids::{SubscriberNumber, TableId};
use crate::store::StoreError;
use crate::store::rows::tables::{DataRow, values_to_text};

/// A row as it was sent: names and values, names in any case.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// What tells it apart: every part of the key, or its number.
    pub id: Vec<(String, Given)>,
    /// Its values.
    pub data: Vec<(String, Given)>,
}

/// What a merge may do.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Make rows.
    pub allow_insert: bool,
    /// Change rows.
    pub allow_update: bool,
    /// Pass over a key that stood in the call before, instead of an error.
    pub skip_duplicates: bool,
    /// Pass over what matches nothing while nothing may be made, instead of an error.
    pub skip_unmatched: bool,
}

/// What became of a record.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// A new row.
    Created(Row),
    /// A changed row.
    Updated(Row),
    /// Passed over, as the rules ask.
    Skipped(Problem),
    /// Not kept.
    Failed(Problem),
}

/// What is wrong with a record. The texts are for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A part of the key is missing or has no such value.
    #[error("{0} is no part of a key, or is missing")]
    InvalidKey(String),
    /// A new row must have it.
    #[error("{0} is required")]
    MissingRequired(String),
    /// The table has no such column.
    #[error("There is no field {0}")]
    UnknownField(String),
    /// The column cannot have this value, or it names a subscriber who is not there.
    #[error("{0} cannot have this value")]
    InvalidValue(String),
    /// Another record of the call, or another row, has the key.
    #[error("The key is used twice")]
    Duplicate,
    /// No row has this number.
    #[error("No row matches")]
    Unmatched,
    /// Nothing matches, and nothing may be made.
    #[error("Rows may not be made by this call")]
    InsertNotAllowed,
    /// It matches, and nothing may be changed.
    #[error("The row exists and may not be changed")]
    UpdateNotAllowed,
}

/// What became of all records.
#[derive(Debug, Clone)]
pub struct Merged {
    /// The table.
    pub table: Table,
    /// In the order of the records.
    pub outcomes: Vec<Outcome>,
}

enum Fail {
    Record(Problem),
    Store(StoreError),
}

impl From<StoreError> for Fail {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Problem> for Fail {
    fn from(problem: Problem) -> Self {
        Self::Record(problem)
    }
}

/// Creates and changes rows of one of the acting account's tables. Give it `ofsys.max_records` at most.
///
/// # Errors
/// [`TableError`].
pub fn merge(cx: &mut Ctx<'_>, id: TableId, records: &[Record], rules: Rules) -> Result<Merged, TableError> {
    let table = require(cx, Permission::SubscriberUpdate, id)?;
    // Taking numbers also makes whoever else changes the table wait, so that what is looked up here stays so.
    let n = i64::try_from(records.len()).unwrap_or(i64::MAX);
    let last = cx.tx.take_row_number(id, n)?.ok_or(TableError::NoTable(id))?;
    let mut outcomes = Vec::with_capacity(records.len());
    let mut seen = HashSet::new();
    for (record, number) in records.iter().zip(last - n + 1..) {
        let outcome = match one(cx, &table, record, rules, number, &mut seen) {
            Ok(outcome) => outcome,
            Err(Fail::Record(Problem::Duplicate)) if rules.skip_duplicates => Outcome::Skipped(Problem::Duplicate),
            Err(Fail::Record(problem @ (Problem::Unmatched | Problem::InsertNotAllowed))) if rules.skip_unmatched => {
                Outcome::Skipped(problem)
            }
            Err(Fail::Record(problem)) => Outcome::Failed(problem),
            Err(Fail::Store(error)) => return Err(error.into()),
        };
        outcomes.push(outcome);
    }
    Ok(Merged { table, outcomes })
}

fn one(
    cx: &mut Ctx<'_>,
    table: &Table,
    record: &Record,
    rules: Rules,
    number: i64,
    seen: &mut HashSet<String>,
) -> Result<Outcome, Fail> {
    let identity = identity(table, record)?;
    let found = match &identity {
        Identity::Number(number) => {
            if !seen.insert(format!("#{number}")) {
                return Err(Problem::Duplicate.into());
            }
            let found = cx.tx.find_data_row(table.id, *number)?;
            Some(found.ok_or(Problem::Unmatched)?)
        }
        Identity::Key(key, ..) => {
            if !seen.insert(key.clone()) {
                return Err(Problem::Duplicate.into());
            }
            cx.tx.find_data_row_by_key(table.id, key)?
        }
        Identity::New => None,
    };
    match found {
        Some(_) if !rules.allow_update => Err(Problem::UpdateNotAllowed.into()),
        Some(stored) => update(cx, table, stored, record),
        None if !rules.allow_insert => Err(Problem::InsertNotAllowed.into()),
        None => insert(cx, table, number, identity, record),
    }
}

/// What a record is told apart by.
enum Identity {
    /// Its number.
    Number(i64),
    /// Its key, with the values that make it.
    Key(String, SubscriberNumber, Values),
    /// Nothing: it is new.
    New,
}

fn identity(table: &Table, record: &Record) -> Result<Identity, Fail> {
    if let Some((name, given)) = record.id.iter().find(|(name, _)| name.eq_ignore_ascii_case(ROW_CODE)) {
        let number = given.as_text().trim().parse().map_err(|_| Problem::InvalidKey(name.clone()))?;
        return Ok(Identity::Number(number));
    }
    let (mut contact, mut parts) = (SubscriberNumber::NONE, Values::new());
    for (name, given) in &record.id {
        let bare = without_key_prefix(name);
        let field = table.key().find(|field| field.code.eq_ignore_ascii_case(bare));
        let field = field.ok_or_else(|| Problem::InvalidKey(name.clone()))?;
        let text = values::normal_form(field.data_type, given, table.time_zone);
        let text = text.ok_or_else(|| Problem::InvalidKey(name.clone()))?;
        if field.position == CONTACT {
            contact = SubscriberNumber(text.parse().map_err(|_| Problem::InvalidKey(name.clone()))?);
        } else {
            parts.insert(field.position, text);
        }
    }
    if table.key().next().is_none() {
        return Ok(Identity::New);
    }
    match key_text(table, contact, &parts) {
        Some(key) => Ok(Identity::Key(key, contact, parts)),
        None => {
            let missing = table.key().find(|field| parts.get(&field.position).is_none_or(String::is_empty));
            Err(Problem::InvalidKey(missing.map_or_else(String::new, |field| format!("key_{}", field.code))).into())
        }
    }
}

fn insert(cx: &mut Ctx<'_>, table: &Table, number: i64, identity: Identity, record: &Record) -> Result<Outcome, Fail> {
    let mut row = Row { number, contact: SubscriberNumber::NONE, values: Values::new() };
    apply(cx, table, &mut row, record)?;
    if let Identity::Key(_, contact, parts) = identity {
        // What tells it apart counts, whatever the values say.
        if contact != SubscriberNumber::NONE {
            row.contact = known_contact(cx, table, contact, CONTACT_CODE)?;
        }
        row.values.extend(parts);
    }
    check_required(table, &row)?;
    let stored = DataRow {
        table_id: table.id,
        number,
        list_id: table.list,
        contact_number: row.contact,
        key_text: key_text(table, row.contact, &row.values),
        content: values_to_text(&row.values),
        created_at: cx.now,
        changed_at: cx.now,
    };
    cx.tx.insert_data_row(&stored)?;
    Ok(Outcome::Created(row))
}

fn update(cx: &mut Ctx<'_>, table: &Table, mut stored: DataRow, record: &Record) -> Result<Outcome, Fail> {
    let mut row = row_of(&stored)?;
    apply(cx, table, &mut row, record)?;
    check_required(table, &row)?;
    let key = key_text(table, row.contact, &row.values);
    if key != stored.key_text
        && let Some(text) = &key
        && cx.tx.find_data_row_by_key(table.id, text)?.is_some()
    {
        return Err(Problem::Duplicate.into());
    }
    stored.contact_number = row.contact;
    stored.key_text = key;
    stored.content = values_to_text(&row.values);
    let now = cx.now;
    cx.tx.update_data_row(&stored, now)?;
    Ok(Outcome::Updated(row))
}

/// Puts the sent values into a row; the later of two for one column counts.
fn apply(cx: &mut Ctx<'_>, table: &Table, row: &mut Row, record: &Record) -> Result<(), Fail> {
    for (name, given) in &record.data {
        let bare = without_key_prefix(name);
        if bare.eq_ignore_ascii_case(CONTACT_CODE) {
            row.contact = if given.is_blank() {
                SubscriberNumber::NONE
            } else {
                let number = given.as_text().trim().parse().map_err(|_| Problem::InvalidValue(name.clone()))?;
                known_contact(cx, table, SubscriberNumber(number), name)?
            };
            continue;
        }
        let field = table.field(bare).ok_or_else(|| Problem::UnknownField(name.clone()))?;
        let text = values::normal_form(field.data_type, given, table.time_zone);
        let text = text.ok_or_else(|| Problem::InvalidValue(name.clone()))?;
        if text.is_empty() {
            row.values.remove(&field.position);
        } else {
            row.values.insert(field.position, text);
        }
    }
    Ok(())
}

fn known_contact(
    cx: &mut Ctx<'_>,
    table: &Table,
    number: SubscriberNumber,
    name: &str,
) -> Result<SubscriberNumber, Fail> {
    match cx.tx.find_subscriber(table.list, number)? {
        Some(_) => Ok(number),
        None => Err(Problem::InvalidValue(name.to_owned()).into()),
    }
}

fn check_required(table: &Table, row: &Row) -> Result<(), Fail> {
    if table.needs_contact && row.contact == SubscriberNumber::NONE {
        return Err(Problem::MissingRequired(CONTACT_CODE.to_owned()).into());
    }
    let is_missing = |position: i64| match position {
        CONTACT => row.contact == SubscriberNumber::NONE,
        _ => !row.values.contains_key(&position),
    };
    match table.fields.iter().find(|field| field.is_required && is_missing(field.position)) {
        Some(field) => Err(Problem::MissingRequired(field.code.clone()).into()),
        None => Ok(()),
    }
}
