//! Relational tables: extra tables of a list, their rows linked to its subscribers (Ofsys). A table has fields with codes and, if wanted, a key of some.

use chrono_tz::Tz;

use crate::domain::access::{Denied, Permission};
use crate::domain::contacts::clause::{BadClause, Clause};
use crate::domain::cx::Ctx;
use crate::domain::lists::GetListError;
use crate::domain::projects;
use crate::model::ids::{AccountId, ListId, SubscriberNumber, TableId};
use crate::model::states::DataType;
use crate::store::StoreError;
use crate::store::rows::tables as rows;

pub mod merge;
mod select;
pub mod values;

/// The position that stands for the link to the subscriber, which the key may use.
pub const CONTACT: i64 = 0;
/// The name of that link.
pub const CONTACT_CODE: &str = "idContact";
/// The name of a row's own number.
pub const ROW_CODE: &str = "idRecord";
/// Tables of one account at most.
pub const MAX_TABLES: usize = 200;
/// Fields of one table at most.
pub const MAX_FIELDS: usize = 200;
/// Rows that a selection without an index looks at, at most.
pub const MAX_SCANNED: usize = 100_000;
/// Longest code, in bytes.
const LONGEST_CODE: usize = 100;
/// Longest name, in characters.
const LONGEST_NAME: usize = 250;
/// Rows read at once.
const PAGE: i64 = 500;

/// A column of a table, as the layers above see it.
pub type TableField = rows::TableFieldRow;
/// Values by column position; a column without a value is absent.
pub type Values = rows::RowValues;

/// A table with its columns.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its id.
    pub id: TableId,
    /// Its owner.
    pub account: AccountId,
    /// The list whose subscribers its rows may name.
    pub list: ListId,
    /// Its code.
    pub code: String,
    /// What people see.
    pub name: String,
    /// Whether each row must name a subscriber.
    pub needs_contact: bool,
    /// The key's link to the subscriber first (position [`CONTACT`]) if it has one, then the fields in order.
    pub fields: Vec<TableField>,
    /// The zone of its dates: the list's.
    pub time_zone: Tz,
}

impl Table {
    /// The column of this code in any case.
    #[must_use]
    pub fn field(&self, code: &str) -> Option<&TableField> {
        self.fields.iter().find(|field| field.position != CONTACT && field.code.eq_ignore_ascii_case(code))
    }

    /// The columns of the key, in order; none when rows are told apart by their number only.
    pub fn key(&self) -> impl Iterator<Item = &TableField> {
        self.fields.iter().filter(|field| field.is_key)
    }

    /// The columns that hold values, in order.
    pub fn columns(&self) -> impl Iterator<Item = &TableField> {
        self.fields.iter().filter(|field| field.position != CONTACT)
    }
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number in the table.
    pub number: i64,
    /// Whom it belongs to; [`SubscriberNumber::NONE`] for nobody.
    pub contact: SubscriberNumber,
    /// Its values.
    pub values: Values,
}

/// Rows that fit a clause.
#[derive(Debug, Clone)]
pub struct Found {
    /// Their table.
    pub table: Table,
    /// The rows, by number.
    pub rows: Vec<Row>,
    /// Whether there are more behind the last one.
    pub has_more: bool,
}

/// A column of a table to be made.
#[derive(Debug, Clone)]
pub struct NewTableField {
    /// Its code: letters, digits and underscores.
    pub code: String,
    /// What its values are.
    pub data_type: DataType,
    /// Whether it tells rows apart, alone or with others.
    pub is_key: bool,
    /// Whether a new row must have a value.
    pub is_required: bool,
}

/// A table to be made.
#[derive(Debug, Clone)]
pub struct NewTable {
    /// The list it belongs to.
    pub list: ListId,
    /// Its code, unique in the list without case.
    pub code: String,
    /// What people see; empty for the code.
    pub name: String,
    /// Whether each row must name a subscriber.
    pub needs_contact: bool,
    /// Whether the subscriber is part of the key.
    pub has_contact_in_key: bool,
    /// Its columns.
    pub fields: Vec<NewTableField>,
}

impl NewTable {
    /// Whether a table is already what this one is to be, the order of its columns included.
    #[must_use]
    pub fn is_met_by(&self, table: &Table) -> bool {
        let name = if self.name.is_empty() { &self.code } else { &self.name };
        self.list == table.list
            && self.code.eq_ignore_ascii_case(&table.code)
            && *name == table.name
            && self.needs_contact == table.needs_contact
            && columns_of(table.id, self) == table.fields
    }
}

/// Why a table was not made.
#[derive(Debug, thiserror::Error)]
pub enum SaveTableError {
    /// The account has no such list.
    #[error("no list {0}")]
    NoList(ListId),
    /// Letters, digits and underscores, not beginning with a digit, and not the name of a built-in.
    #[error("{0:?} is no code: letters, digits and underscores, and not the name of a built-in")]
    BadCode(String),
    /// Too long, or with control characters.
    #[error("{0:?} is no name")]
    BadName(String),
    /// Another table of the list, or another column of the table, has the code.
    #[error("code {0:?} is taken")]
    CodeTaken(String),
    /// A table has 1 to [`MAX_FIELDS`] columns.
    #[error("a table has 1 to {MAX_FIELDS} columns")]
    BadNumber,
    /// The account has [`MAX_TABLES`] already.
    #[error("account {0} has too many tables")]
    TooMany(AccountId),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<GetListError> for SaveTableError {
    fn from(error: GetListError) -> Self {
        match error {
            GetListError::NoList(id) => Self::NoList(id),
            GetListError::Denied(denied) => Self::Denied(denied),
            GetListError::Store(error) => Self::Store(error),
        }
    }
}

/// Why rows were not read, changed or deleted.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The account has no such table.
    #[error("no table {0}")]
    NoTable(TableId),
    /// The clause names something the table does not have, or compares it with what it cannot be.
    #[error(transparent)]
    Clause(#[from] BadClause),
    /// More rows fit than may be deleted; none is.
    #[error("more than {0} rows fit")]
    TooMany(i64),
    /// The clause names neither a subscriber nor a whole key, and the table is too large to be looked through.
    #[error("more than {MAX_SCANNED} rows would have to be looked at")]
    TooLarge,
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a table of one of the acting account's lists.
///
/// # Errors
/// [`SaveTableError`].
pub fn create(cx: &mut Ctx<'_>, new: &NewTable) -> Result<TableId, SaveTableError> {
    let project = projects::require(cx, Permission::CustomFieldCreate, new.list)?;
    check(new)?;
    let account = project.account();
    if cx.tx.list_tables(account)?.len() >= MAX_TABLES {
        return Err(SaveTableError::TooMany(account));
    }
    let taken = || SaveTableError::CodeTaken(new.code.clone());
    let code_key = new.code.to_ascii_lowercase();
    if cx.tx.find_table_by_code(new.list, &code_key)?.is_some() {
        return Err(taken());
    }
    let row = rows::NewTableRow {
        account_id: account,
        list_id: new.list,
        code: new.code.clone(),
        code_key,
        name: if new.name.is_empty() { new.code.clone() } else { new.name.clone() },
        needs_contact: new.needs_contact,
        last_number: 0,
        created_at: cx.now,
    };
    let id = cx.tx.insert_table(&row).map_err(|error| match error {
        StoreError::Conflict { .. } => taken(),
        error => SaveTableError::Store(error),
    })?;
    for field in columns_of(id, new) {
        cx.tx.insert_table_field(&field)?;
    }
    Ok(id)
}

/// The columns as they are kept: the link to the subscriber stands among them only as a part of the key.
fn columns_of(id: TableId, new: &NewTable) -> Vec<TableField> {
    let link = new.has_contact_in_key.then(|| TableField {
        table_id: id,
        position: CONTACT,
        code: CONTACT_CODE.to_owned(),
        data_type: DataType::Integer,
        is_key: true,
        is_required: true,
    });
    let fields = new.fields.iter().zip(1..).map(|(field, position)| TableField {
        table_id: id,
        position,
        code: field.code.clone(),
        data_type: field.data_type,
        is_key: field.is_key,
        is_required: field.is_required || field.is_key,
    });
    link.into_iter().chain(fields).collect()
}

fn check(new: &NewTable) -> Result<(), SaveTableError> {
    check_code(&new.code)?;
    if new.name.chars().count() > LONGEST_NAME || new.name.chars().any(char::is_control) {
        return Err(SaveTableError::BadName(new.name.clone()));
    }
    if new.fields.is_empty() || new.fields.len() > MAX_FIELDS {
        return Err(SaveTableError::BadNumber);
    }
    for (place, field) in new.fields.iter().enumerate() {
        check_code(&field.code)?;
        if new.fields[..place].iter().any(|other| other.code.eq_ignore_ascii_case(&field.code)) {
            return Err(SaveTableError::CodeTaken(field.code.clone()));
        }
    }
    Ok(())
}

fn check_code(code: &str) -> Result<(), SaveTableError> {
    let starts_well = code.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_word = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let has_prefix = code.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("key_"));
    let is_reserved = [CONTACT_CODE, ROW_CODE].iter().any(|word| word.eq_ignore_ascii_case(code));
    if starts_well && is_word && code.len() <= LONGEST_CODE && !has_prefix && !is_reserved {
        Ok(())
    } else {
        Err(SaveTableError::BadCode(code.to_owned()))
    }
}

/// The acting account's table of this id.
///
/// # Errors
/// [`TableError`].
pub fn require(cx: &mut Ctx<'_>, permission: Permission, id: TableId) -> Result<Table, TableError> {
    let account = cx.account(permission)?;
    let row = cx.tx.find_table(id)?.filter(|row| row.account_id == account).ok_or(TableError::NoTable(id))?;
    // A deleted list is invisible at once, its tables with it.
    let list = cx.tx.find_list(account, row.list_id)?.ok_or(TableError::NoTable(id))?;
    let time_zone = projects::of_list(cx, list)?.time_zone;
    let fields = cx.tx.list_table_fields(id)?;
    Ok(Table {
        id,
        account,
        list: row.list_id,
        code: row.code,
        name: row.name,
        needs_contact: row.needs_contact,
        fields,
        time_zone,
    })
}

/// The table of one of the acting account's lists with this code.
///
/// # Errors
/// [`TableError`].
pub fn find_by_code(cx: &mut Ctx<'_>, list: ListId, code: &str) -> Result<Option<TableId>, TableError> {
    let account = cx.account(Permission::ListGet)?;
    let found = cx.tx.find_table_by_code(list, &code.to_ascii_lowercase())?;
    Ok(found.filter(|row| row.account_id == account).map(|row| row.id))
}

/// The acting account's tables with their codes, by id.
///
/// # Errors
/// [`TableError`].
pub fn list(cx: &mut Ctx<'_>) -> Result<Vec<(TableId, ListId, String)>, TableError> {
    let account = cx.account(Permission::ListsGet)?;
    Ok(cx.tx.list_tables(account)?.into_iter().map(|row| (row.id, row.list_id, row.code)).collect())
}

/// Up to `limit` rows of one of the acting account's tables that fit a clause, by number. The limit is 1 to `ofsys.max_records`; others are moved there.
///
/// # Errors
/// [`TableError`].
pub fn select(cx: &mut Ctx<'_>, id: TableId, clause: &Clause, limit: i64) -> Result<Found, TableError> {
    let table = require(cx, Permission::SubscribersGet, id)?;
    let limit = limit.clamp(1, max_records(cx));
    let (rows, has_more) = select::rows(cx, &table, clause, usize::try_from(limit).unwrap_or(usize::MAX))?;
    Ok(Found { table, rows, has_more })
}

/// Deletes the rows of one of the acting account's tables that fit a clause. Answers how many went. When more fit than `max_rows` (at most and without it
/// `ofsys.max_records`), none is deleted.
///
/// # Errors
/// [`TableError`].
pub fn delete(cx: &mut Ctx<'_>, id: TableId, clause: &Clause, max_rows: Option<i64>) -> Result<usize, TableError> {
    let table = require(cx, Permission::SubscribersDelete, id)?;
    let own_most = max_records(cx);
    let most = max_rows.map_or(own_most, |rows| rows.clamp(0, own_most));
    // Who changes meanwhile waits, so that what is counted is what is deleted.
    cx.tx.take_row_number(id, 0)?;
    let (rows, has_more) = select::rows(cx, &table, clause, usize::try_from(most).unwrap_or(usize::MAX))?;
    if has_more {
        return Err(TableError::TooMany(most));
    }
    let numbers: Vec<i64> = rows.iter().map(|row| row.number).collect();
    let mut n_deleted = 0;
    for some in numbers.chunks(500) {
        n_deleted += cx.tx.delete_data_rows(id, some)?;
    }
    Ok(n_deleted)
}

/// Removes the rows of subscribers that go.
///
/// # Errors
/// [`StoreError`] only.
pub(in crate::domain) fn forget(
    cx: &mut Ctx<'_>,
    list: ListId,
    numbers: &[SubscriberNumber],
) -> Result<(), StoreError> {
    cx.tx.delete_data_rows_of(list, numbers)
}

fn max_records(cx: &Ctx<'_>) -> i64 {
    i64::try_from(cx.settings.ofsys.max_records).unwrap_or(i64::MAX)
}

fn row_of(stored: &rows::DataRow) -> Result<Row, StoreError> {
    let values = rows::values_from_text(&stored.content)?;
    Ok(Row { number: stored.number, contact: stored.contact_number, values })
}

/// The text that keys are compared by; `None` when a part of it has no value, or the table has no key.
fn key_text(table: &Table, contact: SubscriberNumber, values: &Values) -> Option<String> {
    let mut parts = Vec::new();
    for field in table.key() {
        let part = match field.position {
            CONTACT => Some(contact.0).filter(|number| *number != 0).map(|number| number.to_string()),
            position => values.get(&position).map(|text| text.trim().to_lowercase().replace('\n', " ")),
        };
        parts.push(part.filter(|part| !part.is_empty())?);
    }
    (!parts.is_empty()).then(|| parts.join("\n"))
}

#[cfg(test)]
mod tests;
